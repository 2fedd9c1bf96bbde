"""A row as text cells, for the formats that are tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from operator import attrgetter

from annotations.exporters.rows import LabelRow

COLUMNS = tuple(field.name for field in fields(LabelRow))
Cell = str | int | float | bool | datetime | None

_values: Callable[[LabelRow], tuple[Cell, ...]] = attrgetter(*COLUMNS)


def cell(value: Cell) -> str:
    """``value`` as text: nothing is empty, times are ISO 8601 in UTC, truth is true or false."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)


def csv_lines(
    rows: Iterable[LabelRow], *, to_cell: Callable[[Cell], str] = cell
) -> Iterator[bytes]:
    """The header and the rows as RFC 4180 lines in UTF-8."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    yield buffer.getvalue().encode()
    for row in rows:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(to_cell(value) for value in _values(row))
        yield buffer.getvalue().encode()
