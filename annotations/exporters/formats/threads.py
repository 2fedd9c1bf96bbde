"""JSON Lines, one object a thread, with its comments and their labels inside."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from annotations.exporters.dataset import Dataset

TITLE = "JSON Lines, one row a thread"
EXTENSION = "jsonl"
CONTENT_TYPE = "application/x-ndjson"


def write(dataset: Dataset) -> Iterator[bytes]:
    encoder = msgspec.json.Encoder()
    for thread, comments in dataset.threads():
        yield encoder.encode(thread)[:-1] + b',"comments":['
        between = b""
        for comment in comments:
            yield between + encoder.encode(comment)
            between = b","
        yield b"]}\n"
