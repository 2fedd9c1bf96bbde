"""What the tables of Parquet files have in common, and how they are written."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from annotations.exporters.dataset import Dataset
from annotations.exporters.rows import CommentRow, ThreadRow

# Row groups are what is held in memory at once; texts may be long, so both are bounds.
ROWS_AT_ONCE = 8_192
BYTES_AT_ONCE = 16 * 1024 * 1024


class Table(Protocol):
    """Gathers rows until a row group is full; ``schema`` is that of every batch."""

    schema: pa.Schema

    def add(self, thread: ThreadRow, about: ThreadRow | CommentRow) -> None:
        """What the table tells of a comment of the thread, or of the thread as a whole."""

    @property
    def rows(self) -> int:
        """How many rows wait."""

    @property
    def size(self) -> int:
        """How long the texts are that wait, in code points."""

    def take(self) -> pa.RecordBatch:
        """The rows that wait, and begin anew."""


def is_full(table: Table, beside: int = 1) -> bool:
    """Whether a row group is full, of as many tables ``beside`` each other as are written."""
    return table.rows * beside >= ROWS_AT_ONCE or table.size * beside >= BYTES_AT_ONCE


def parquet_writer(file: IO[bytes], schema: pa.Schema) -> pq.ParquetWriter:
    """The same rows in the same batches give the same bytes, by the same release of Arrow."""
    return pq.ParquetWriter(file, schema, compression="zstd")


def parquet(dataset: Dataset, table: Table) -> Iterator[bytes]:
    """The dataset's rows in one Parquet file, a row group at a time."""
    sink = _Sink()
    with parquet_writer(sink, table.schema) as writer:
        for thread, comments in dataset.threads():
            table.add(thread, thread)
            for comment in comments:
                table.add(thread, comment)
                if is_full(table):
                    writer.write_batch(table.take())
                    yield from sink.taken()
        if table.rows:
            writer.write_batch(table.take())
    yield from sink.taken()


class _Sink(io.RawIOBase, IO[bytes]):
    """A file that hands out what was written to it."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]
        self._written.append(bytes(content))
        return len(content)

    def taken(self) -> Iterator[bytes]:
        yield from self._written
        self._written.clear()
