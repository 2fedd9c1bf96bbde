"""What changed from one release to the next, by the ids of what is in them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import structs

from annotations.exporters.dataset import Dataset
from annotations.exporters.flat import annotation_id
from annotations.exporters.rows import CommentRow, Row, ThreadRow

KINDS = ("threads", "comments", "annotations")
EXAMPLES = 10
DIGEST_BYTES = 16
Item = tuple[str, str, bytes]
COLUMNS = "(kind TEXT, id TEXT, digest BLOB, PRIMARY KEY (kind, id)) WITHOUT ROWID"
EARLIER = (f"CREATE TABLE earlier {COLUMNS}", "INSERT INTO earlier VALUES (?, ?, ?)")
LATER = (f"CREATE TABLE later {COLUMNS}", "INSERT INTO later VALUES (?, ?, ?)")
ADDED = "FROM later LEFT JOIN earlier USING (kind, id) WHERE kind = ? AND earlier.digest IS NULL"
REMOVED = "FROM earlier LEFT JOIN later USING (kind, id) WHERE kind = ? AND later.digest IS NULL"
CHANGED = (
    "FROM later JOIN earlier USING (kind, id) WHERE kind = ? AND earlier.digest != later.digest"
)


@dataclass(frozen=True, slots=True)
class Difference:
    """``number`` things, of which ``examples`` are the first by their ids."""

    number: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """Of one kind. ``before`` and ``after`` count all; a thing changed that says something else.

    An annotation is called by its thread, its comment, and who gave it.
    """

    before: int
    after: int
    added: Difference
    removed: Difference
    changed: Difference


def differences(before: Dataset, after: Dataset) -> Mapping[str, Differences]:
    """Of threads, comments and annotations, whose ids must mean the same in both.

    A thread, or a comment, is compared without what was said of it: that is compared by itself.
    A comment's position does not count: one more in front of it moves it. What is compared lies in
    a file of the system's, so memory stays the same for any size.
    """
    with closing(sqlite3.connect("", isolation_level=None)) as file:
        file.execute("BEGIN")
        for dataset, (create, insert) in ((before, EARLIER), (after, LATER)):
            file.execute(create)
            file.executemany(insert, _items(dataset))
        return {kind: _of_kind(file, kind) for kind in KINDS}


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What was and what is, of each field that changed; a missing one is None."""
    names = sorted(before.keys() | after.keys())
    return {
        name: [before.get(name), after.get(name)]
        for name in names
        if before.get(name) != after.get(name)
    }


def _items(dataset: Dataset) -> Iterator[Item]:
    encoder = msgspec.json.Encoder(order="deterministic")
    thread = ""
    for row in dataset.rows():
        is_thread = isinstance(row, ThreadRow)
        thread = row.id if is_thread else thread
        here = thread if is_thread else f"{thread}/{row.id}"
        kind = "threads" if is_thread else "comments"
        yield kind, here, _digest(encoder.encode(_bare(row)))
        for annotation in row.annotations:
            name = annotation_id(here, annotation)
            yield "annotations", name, _digest(encoder.encode(annotation))


def _bare(row: Row) -> Row:
    if isinstance(row, CommentRow):
        return structs.replace(row, annotations=(), position=0)
    return structs.replace(row, annotations=())


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=DIGEST_BYTES).digest()


def _of_kind(file: sqlite3.Connection, kind: str) -> Differences:
    return Differences(
        before=_number(file, kind, "FROM earlier WHERE kind = ?"),
        after=_number(file, kind, "FROM later WHERE kind = ?"),
        added=_difference(file, kind, ADDED),
        removed=_difference(file, kind, REMOVED),
        changed=_difference(file, kind, CHANGED),
    )


def _difference(file: sqlite3.Connection, kind: str, found: str) -> Difference:
    rows = file.execute(f"SELECT id {found} ORDER BY id LIMIT {EXAMPLES}", (kind,))
    return Difference(_number(file, kind, found), tuple(name for (name,) in rows))


def _number(file: sqlite3.Connection, kind: str, found: str) -> int:
    return int(file.execute(f"SELECT count(*) {found}", (kind,)).fetchone()[0])
