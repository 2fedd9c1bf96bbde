"""JSON Lines: one object an answer, numbers as numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from annotations.exporters.rows import LabelRow

TITLE = "JSON Lines"
EXTENSION = "jsonl"
CONTENT_TYPE = "application/x-ndjson"


def write(rows: Iterable[LabelRow]) -> Iterator[bytes]:
    encoder = msgspec.json.Encoder()
    for row in rows:
        yield encoder.encode(row) + b"\n"
