"""JSON Lines, one object an annotation: numbers as numbers, answers by question."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from annotations.exporters.annotation_lines import annotation_lines
from annotations.exporters.dataset import Dataset

TITLE = "JSON Lines, one row an annotation"
EXTENSION = "jsonl"
CONTENT_TYPE = "application/x-ndjson"


def write(dataset: Dataset) -> Iterator[bytes]:
    encoder = msgspec.json.Encoder()
    for line in annotation_lines(dataset):
        yield encoder.encode(line) + b"\n"
