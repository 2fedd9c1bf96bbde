"""Rows of a Parquet file, read in small batches, as values that can be JSON.

Times with a zone become ISO 8601 in UTC, others ISO 8601 without a zone; bytes become text,
numbers of more than 64 bits and decimals text, what JSON has no number for null.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from annotations.errors import UnreadableFile
from importers.packed import GROWTH_FREE_BYTES, GROWTH_LIMIT
from importers.records import RecordError
from importers.source import Source
from importers.table_rows import MAX_INTEGER, Row, json_fault

ROWS_AT_ONCE = 500
BUFFER_BYTES = 1024 * 1024
UNPACKED_LIMIT = 64 * 1024 * 1024
BROKEN = (pa.ArrowException, OSError, ValueError, OverflowError, RecursionError, MemoryError)


def parquet_rows(source: Source) -> Iterator[Row | RecordError]:
    """The rows; ``line`` counts them from 1. Raises UnreadableFile."""
    number = 0
    with _opened(source) as file:
        try:
            for batch in _batches(source, file):
                for cells in _cells(batch):
                    number += 1
                    yield _row(number, cells)
        except BROKEN as error:
            raise UnreadableFile(
                f"{source.name} is a broken Parquet file: row {number + 1:,} and what follows "
                f"cannot be read ({_first_line(error)}). Fetch the file again."
            ) from None


def _opened(source: Source) -> BinaryIO:
    return source.open() if source.path_on_disk else io.BytesIO(source.read(UNPACKED_LIMIT))


def _batches(source: Source, file: BinaryIO) -> Iterator[pa.RecordBatch]:
    opened = pq.ParquetFile(
        file, buffer_size=BUFFER_BYTES, pre_buffer=False, coerce_int96_timestamp_unit="us"
    )
    _refuse_bomb(source, opened.metadata)
    for batch in opened.iter_batches(batch_size=ROWS_AT_ONCE, use_threads=False):
        yield _in_microseconds(batch)


def _refuse_bomb(source: Source, metadata: pq.FileMetaData) -> None:
    groups = range(metadata.num_row_groups)
    unpacked = sum(metadata.row_group(index).total_byte_size for index in groups)
    if unpacked > GROWTH_FREE_BYTES and unpacked > GROWTH_LIMIT * source.size:
        raise UnreadableFile(
            f"{source.name} grows more than {GROWTH_LIMIT}-fold when it is unpacked, which no "
            "file of texts does. It was not read."
        )


def _in_microseconds(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Nanoseconds, which Python's times do not have, are cut off."""
    for index, field in enumerate(batch.schema):
        if pa.types.is_timestamp(field.type):
            zone = "UTC" if field.type.tz else None
            column = batch.column(index).cast(pa.timestamp("us", zone), safe=False)
            batch = batch.set_column(index, field.name, column)
    return batch


def _cells(batch: pa.RecordBatch) -> Iterator[dict[str, Any] | str]:
    """Each row's cells, or why they cannot be told in Python."""
    try:
        yield from batch.to_pylist()
        return
    except (ValueError, OverflowError):
        pass
    for index in range(batch.num_rows):
        try:
            yield from batch.slice(index, 1).to_pylist()
        except (ValueError, OverflowError) as error:
            yield _first_line(error)


def _row(number: int, cells: dict[str, Any] | str) -> Row | RecordError:
    if isinstance(cells, str):
        return RecordError(number, f"The row cannot be read: {cells}.")
    plain = _plain(cells)
    if fault := json_fault(plain):
        return RecordError(number, f"The row holds {fault}.")
    return Row(number, plain)


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if -MAX_INTEGER <= value <= MAX_INTEGER else str(value)
        case float():
            return value if math.isfinite(value) else None
        case bytes():
            return value.decode(errors="replace")
        case datetime() | date() | time():
            return value.isoformat()
        case dict():
            return {str(key): _plain(part) for key, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
        case _:
            return str(value)


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
