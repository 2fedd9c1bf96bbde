"""JSON Lines, one object an annotation: numbers as numbers, answers by question."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from annotations.exporters.annotation_lines import annotation_lines
from annotations.exporters.dataset import Dataset

TITLE = "JSON Lines, one row an annotation"
EXTENSION = "jsonl"
CONTENT_TYPE = "application/x-ndjson"


def write(dataset: Dataset) -> Iterator[bytes]:
    """What several annotations are about is encoded once."""
    encoder = msgspec.json.Encoder()
    last: dict[str, Any] | None = None
    shared = b""
    for about, said in annotation_lines(dataset):
        if about is not last:
            last, shared = about, encoder.encode(about)[:-1]
        yield b"%b,%b\n" % (shared, encoder.encode(said)[1:])
