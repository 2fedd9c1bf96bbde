"""What the tests of all readers share: picking records, and reading made-up bytes."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import strategies as st

from annotations.errors import UnreadableFile
from importers.records import CommentRecord, Record, RelationRecord
from importers.registry import Read
from importers.source import Source

pieces = st.sampled_from(
    [
        *(b'"', b",", b";", b"\t", b"\n", b"\r\n", b"\n\n", b"\x00", b"\xff", b"\xef\xbb\xbf"),
        *(b"{", b"}", b"[", b':"', b'{"text":"a"}', b'{"id":1,"text":"\\ud800"}', b"1e999"),
        *(b"text,id\n", b"comment\n", b"'s picture", b"Ada's picture\n\n", b"Who are you? "),
    ]
)
readable_anyhow = st.one_of(
    st.binary(max_size=400),
    st.lists(st.one_of(pieces, st.binary(max_size=8)), max_size=40).map(b"".join),
)


def outcome(read: Read, data: bytes, options: Mapping[str, Any]) -> list[Record]:
    """The records of some bytes, none where the file is refused; anything else is an error."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input"
        path.write_bytes(data)
        try:
            records = list(read(Source(path), options))
        except UnreadableFile:
            return []
    assert all(isinstance(r, Record) for r in records)
    return records


def plain(record: Record) -> Record:
    """The record with its raw one as an object, even where the reader hands it on as text."""
    if isinstance(record, CommentRecord) and record.raw_json:
        return msgspec.structs.replace(record, raw=json.loads(record.raw_json), raw_json="")
    return record


def comments(records: list[Record]) -> list[CommentRecord]:
    """The comments, without openings."""
    return [r for r in records if isinstance(r, CommentRecord) and r.kind == "comment"]


def relations(records: list[Record], kind: str) -> list[tuple[int, RelationRecord]]:
    """Relations of one kind, each with the ordinal of its comment on a saved page."""
    return [
        (int(record.id.rpartition(":")[2]), relation)
        for record in comments(records)
        for relation in record.relations
        if relation.kind == kind
    ]
