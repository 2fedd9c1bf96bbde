"""Train, validation and test: a dataset parted by its threads or by its authors."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from itertools import accumulate

from msgspec import structs

from annotations.exporters.contents import Contents
from annotations.exporters.dataset import Dataset, Rows
from annotations.exporters.rows import CommentRow

TRAIN, VALIDATION, TEST = SPLITS = ("train", "validation", "test")


def split(dataset: Dataset) -> Dataset:
    """The dataset with the split of each row, by the contents' ``split_by``, shares and seed.

    A thread, or an author, falls where its id falls: it keeps its split when others come to the
    dataset. By authors a thread has no split of its own, and a comment without one goes by its id.
    """
    contents = dataset.study.contents
    if contents.split_by == "none":
        return dataset
    by_author = contents.split_by == "author"

    def read() -> Rows:
        rows = dataset.read()
        thread = ""
        try:
            for row in rows:
                if isinstance(row, CommentRow):
                    side = side_of(row.author or row.id, contents) if by_author else thread
                else:
                    side = thread = "" if by_author else side_of(row.id, contents)
                yield structs.replace(row, split=side)
        finally:
            rows.close()

    return replace(dataset, read=read)


def side_of(name: str, contents: Contents) -> str:
    """The split of the thread or author with this id."""
    place = _place(f"{contents.seed}:{name}")
    limits = accumulate(contents.shares)
    sides = [side for side, share in zip(SPLITS, contents.shares, strict=True) if share]
    for side, limit in zip(SPLITS, limits, strict=True):
        if place < limit:
            return side
    return sides[-1]  # the shares sum to a hair less than 1


def _place(name: str) -> float:
    """From 0 to below 1, evenly over all names: the first 53 bits, which a float holds."""
    return (int.from_bytes(sha256(name.encode()).digest()[:8]) >> 11) / 2**53
