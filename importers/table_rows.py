"""Rows of a table out of lines: CSV with its delimiters, or JSON Lines.

A row that cannot be read is refused with the line where it starts, and reading goes on with
the line after that: a quotation mark that is never closed costs one row, not the file.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from annotations.errors import UnreadableFile
from importers.lines import LINE_LIMIT, Line
from importers.records import RecordError

DELIMITERS = {"csv": ",", "tsv": "\t", "semicolon": ";"}
DIALECTS = (*DELIMITERS, "jsonl")
ROW_LIMIT = 1024 * 1024
MAX_DEPTH = 50
MAX_INTEGER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Row:
    """``line`` is where the row starts, ``cells`` its values by column; all can be JSON."""

    line: int
    cells: dict[str, Any]


def read_rows(lines: Iterable[Line | RecordError], dialect: str) -> Iterator[Row | RecordError]:
    """Yield the rows; raises UnreadableFile where the header of a CSV cannot be read."""
    if dialect == "jsonl":
        return _json_rows(lines)
    return _named(_csv_rows(lines, DELIMITERS[dialect]))


def _json_rows(lines: Iterable[Line | RecordError]) -> Iterator[Row | RecordError]:
    for line in lines:
        if isinstance(line, RecordError):
            yield line
        elif line.text.strip():
            yield _json_row(line)


def _json_row(line: Line) -> Row | RecordError:
    try:
        cells = msgspec.json.decode(line.text)
    except msgspec.MsgspecError as error:
        return RecordError(line.number, f"The line is not valid JSON: {error}.")
    except RecursionError:
        return RecordError(line.number, "The line nests deeper than can be read.")
    if not isinstance(cells, dict):
        return RecordError(line.number, "The line is JSON, but no object with named values.")
    if fault := _fault(cells, MAX_DEPTH):
        return RecordError(line.number, f"The line holds {fault}.")
    return Row(line.number, cells)


def _fault(value: Any, depth: int) -> str | None:
    """What databases and JSON readers refuse, though JSON may hold it."""
    if depth == 0:
        return f"values nested deeper than {MAX_DEPTH} levels"
    if isinstance(value, str):
        return "a NUL character, which is no text" if "\x00" in value else None
    if isinstance(value, int):
        is_small = -MAX_INTEGER <= value <= MAX_INTEGER
        return None if is_small else "a whole number of more than 64 bits; put it in quotes"
    if isinstance(value, dict):
        parts: Iterable[Any] = (*value.keys(), *value.values())
    else:
        parts = value if isinstance(value, list) else ()
    return next((fault for part in parts if (fault := _fault(part, depth - 1))), None)


class _Feed:
    """Hands lines to the csv module and can take back all but the first of a row."""

    def __init__(self, lines: Iterable[Line | RecordError]) -> None:
        self._lines = iter(lines)
        self._again: deque[Line | RecordError] = deque()
        self.taken: list[Line | RecordError] = []
        self._size = 0

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.taken.append(line)
        if isinstance(line, RecordError):
            raise csv.Error(f"line {line.line} cannot be read")
        self._size += len(line.text)
        if self._size > ROW_LIMIT and len(self.taken) > 1:
            raise csv.Error(f"it runs on for more than {ROW_LIMIT:,} characters")
        return line.text

    def begin_row(self) -> None:
        self.taken, self._size = [], 0

    def take_back(self) -> None:
        self._again.extendleft(reversed(self.taken[1:]))


def _csv_rows(
    lines: Iterable[Line | RecordError], delimiter: str
) -> Iterator[tuple[int, list[str]] | RecordError]:
    csv.field_size_limit(LINE_LIMIT)
    feed = _Feed(lines)
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    while True:
        feed.begin_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield _refusal(feed.taken, error)
            feed.take_back()
            continue
        first = feed.taken[0]
        if isinstance(first, Line) and any(cell.strip() for cell in (*cells, *cells[1:2])):
            yield first.number, cells
        elif isinstance(first, Line) and len(cells) > 1:
            yield RecordError(first.number, "The row has nothing in any cell.")


def _refusal(taken: list[Line | RecordError], error: csv.Error) -> RecordError:
    first = taken[0]
    if isinstance(first, RecordError):
        return first
    reason = str(error)
    if reason == "unexpected end of data":
        reason = "a quotation mark is opened and never closed"
    return RecordError(first.number, f"The row cannot be read: {reason}.")


def _named(rows: Iterator[tuple[int, list[str]] | RecordError]) -> Iterator[Row | RecordError]:
    header = next(rows, None)
    if header is None:
        return
    if isinstance(header, RecordError):
        raise UnreadableFile(
            f"The header on line {header.line} cannot be read. {header.message}", line=header.line
        )
    names = _unique(header[1])
    for row in rows:
        if isinstance(row, RecordError):
            yield row
        elif len(row[1]) != len(names):
            found, wanted = len(row[1]), len(names)
            yield RecordError(row[0], f"The row has {found} cells, but the header has {wanted}.")
        else:
            yield Row(row[0], dict(zip(names, row[1], strict=True)))


def _unique(header: list[str]) -> list[str]:
    """Names for all columns: an empty one by its number, a repeated one with its number."""
    names: list[str] = []
    for number, cell in enumerate(header, start=1):
        name = cell.strip() or f"column {number}"
        names.append(f"{name} (column {number})" if name in names else name)
    return names
