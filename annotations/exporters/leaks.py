"""What stands on both sides of a split, and so lets a model know what it is tested on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from annotations.exporters.dataset import Dataset
from annotations.exporters.rows import CommentRow, ThreadRow
from annotations.exporters.splits import SPLITS

EXAMPLES = 5
SHORTEST_TEXT = 20
Place = tuple[str, bytes | str, str, str]


@dataclass(frozen=True)
class SplitSize:
    """What is in one split; a thread counts in every split that has a comment of it."""

    threads: int = 0
    comments: int = 0
    annotations: int = 0


@dataclass(frozen=True)
class Crossing:
    """``number`` things stand in more than one split, with ``comments`` in all.

    ``examples`` are a few of their ids, in the order of these.
    """

    number: int
    comments: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Leaks:
    """``splits`` are their sizes; ``threads``, ``authors`` and ``texts`` what stands in several.

    Texts are the same where they differ in case and white space alone; those under 20 characters
    do not count. Their examples are the ids of comments. Of a dataset without authors and texts
    nobody can tell: then both are None.
    """

    splits: Mapping[str, SplitSize]
    threads: Crossing
    authors: Crossing | None
    texts: Crossing | None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def leaks(dataset: Dataset) -> Leaks:
    """The leaks of a dataset that was split. A file of the system's holds what is compared."""
    is_dehydrated = dataset.study.contents.privacy == "dehydrated"
    with closing(sqlite3.connect("", isolation_level=None)) as file:
        file.execute("CREATE TABLE place (sort TEXT, thing BLOB, split TEXT, id TEXT)")
        file.execute("BEGIN")
        counts = {side: [0, 0] for side in SPLITS}
        file.executemany("INSERT INTO place VALUES (?, ?, ?, ?)", _places(dataset, counts))
        threads = dict(
            file.execute(
                "SELECT split, count(DISTINCT id) FROM place "
                "WHERE sort IN ('thread', 'opened') AND split != '' GROUP BY split"
            )
        )
        return Leaks(
            splits={side: SplitSize(threads.get(side, 0), *counts[side]) for side in SPLITS},
            threads=_crossing(file, "thread"),
            authors=None if is_dehydrated else _crossing(file, "author"),
            texts=None if is_dehydrated else _crossing(file, "text"),
        )


def _places(dataset: Dataset, counts: dict[str, list[int]]) -> Iterator[Place]:
    """Where each thing stands, once for each comment; and where threads without one do."""
    thread = ""
    for row in dataset.rows():
        if row.split in counts:
            counts[row.split][0] += isinstance(row, CommentRow)
            counts[row.split][1] += len(row.annotations)
        if isinstance(row, ThreadRow):
            thread = row.id
            yield "opened", thread, row.split, thread
            continue
        yield "thread", thread, row.split, thread
        if row.author:
            yield "author", row.author, row.split, row.author
        if same := _same_text(row.text):
            yield "text", same, row.split, row.id


def _same_text(text: str) -> bytes:
    """Equal for texts that are the same, empty for one that is too short to tell."""
    folded = " ".join(text.casefold().split())
    return sha256(folded.encode()).digest()[:16] if len(folded) >= SHORTEST_TEXT else b""


def _crossing(file: sqlite3.Connection, sort: str) -> Crossing:
    file.execute("DROP TABLE IF EXISTS several")
    file.execute(
        "CREATE TABLE several AS SELECT min(id) AS first, count(*) AS comments "
        "FROM place WHERE sort = ? GROUP BY thing HAVING count(DISTINCT split) > 1",
        (sort,),
    )
    number, comments = file.execute("SELECT count(*), total(comments) FROM several").fetchone()
    examples = file.execute("SELECT first FROM several ORDER BY first LIMIT ?", (EXAMPLES,))
    return Crossing(number, int(comments), tuple(first for (first,) in examples))
