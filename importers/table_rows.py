"""Rows of a table out of text: CSV with its delimiters, JSON Lines, or an array of objects.

A row that cannot be read is refused with the line where it starts, and reading goes on with
the line after that: a quotation mark that is never closed costs one row, not the file.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from annotations.errors import UnreadableFile
from importers.lines import LINE_LIMIT, Line
from importers.records import RecordError

DELIMITERS = {"csv": ",", "tsv": "\t", "semicolon": ";", "pipe": "|"}
ROW_LIMIT = 1024 * 1024
MAX_COLUMNS = 1_000
MAX_DEPTH = 50
MAX_INTEGER = 2**63 - 1

_HINT = re.compile(r'"?sep=.{0,2}"?\s*', re.IGNORECASE)


class TooManyColumns(UnreadableFile):
    """A table is wider than any that people make."""


@dataclass(frozen=True, slots=True)
class Row:
    """``line`` is where the row starts, None in an array; ``cells`` its values, all JSON.

    ``place`` begins the sentence that refuses the row. ``derived`` has values that the source
    tells elsewhere: around the row, or inside of its objects.
    """

    line: int | None
    cells: dict[str, Any]
    place: str = "The row"
    derived: Mapping[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        """What the column says, or stands for it."""
        return self.cells[name] if name in self.cells else self.derived.get(name)


def csv_rows(lines: Iterable[Line | RecordError], dialect: str) -> Iterator[Row | RecordError]:
    """The rows below the header; raises UnreadableFile where that cannot be read."""
    return _named(_csv_rows(_below_hint(lines), DELIMITERS[dialect]))


def _below_hint(lines: Iterable[Line | RecordError]) -> Iterator[Line | RecordError]:
    """The lines without a first one such as `sep=;`, by which Excel is told the delimiter."""
    for line in lines:
        is_hint = isinstance(line, Line) and line.number == 1 and _HINT.fullmatch(line.text)
        if not is_hint:
            yield line


def array_rows(items: Iterable[Any]) -> Iterator[Row | RecordError]:
    """The objects of a JSON array; those that are none are refused by their number."""
    for number, item in enumerate(items, start=1):
        place = f"Item {number} of the list"
        if not isinstance(item, dict):
            yield RecordError(None, f"{place} is no object with named values.")
        else:
            yield Row(None, item, place)


def json_rows(lines: Iterable[Line | RecordError]) -> Iterator[Row | RecordError]:
    """One row for each line that is not empty."""
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
    return Row(line.number, cells)


def row_fault(cells: Mapping[str, Any]) -> str | None:
    """What is wrong with the values of a row of JSON, in words that follow "holds"."""
    if len(cells) > MAX_COLUMNS:
        return f"{len(cells):,} values; at most {MAX_COLUMNS:,} are read"
    return json_fault(cells)


def json_fault(value: Any, depth: int = MAX_DEPTH) -> str | None:
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
    return next((fault for part in parts if (fault := json_fault(part, depth - 1))), None)


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

    def take_back(self, first: int = 1) -> None:
        self._again.extendleft(reversed(self.taken[first:]))

    @property
    def has_escapes(self) -> bool:
        """Whether a line of the row has a quotation mark behind a backslash."""
        return any(isinstance(line, Line) and '\\"' in line.text for line in self.taken)


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
            refusal = _refusal(feed.taken, error)
            escaped = _escaped_row(feed, delimiter)
            if escaped is None:
                yield refusal
                feed.take_back()
                continue
            cells = escaped
        first = feed.taken[0]
        if isinstance(first, Line) and any(cell.strip() for cell in (*cells, *cells[1:2])):
            yield first.number, cells
        elif isinstance(first, Line) and len(cells) > 1:
            yield RecordError(first.number, "The row has nothing in any cell.")


def _escaped_row(feed: _Feed, delimiter: str) -> list[str] | None:
    """The row that could not be read, if its quotation marks are escaped by backslashes."""
    if not feed.has_escapes:
        return None
    feed.take_back(first=0)
    feed.begin_row()
    try:
        return next(csv.reader(feed, delimiter=delimiter, escapechar="\\", strict=True))
    except (csv.Error, StopIteration):
        return None


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
    names = unique_names(header[1])
    for row in rows:
        if isinstance(row, RecordError):
            yield row
        elif len(row[1]) != len(names):
            found, wanted = len(row[1]), len(names)
            yield RecordError(row[0], f"The row has {found} cells, but the header has {wanted}.")
        else:
            yield Row(row[0], dict(zip(names, row[1], strict=True)))


def unique_names(header: list[str]) -> list[str]:
    """Names for all columns: an empty one by its number, a repeated one with its number.

    Raises TooManyColumns if there are more than are read.
    """
    if len(header) > MAX_COLUMNS:
        raise TooManyColumns(
            f"The header has {len(header):,} columns; at most {MAX_COLUMNS:,} are read. Keep those "
            "that are needed, and save the table again."
        )
    names: dict[str, None] = {}
    for number, cell in enumerate(header, start=1):
        name = cell.strip() or f"column {number}"
        while name in names:
            name = f"{name} (column {number})"
        names[name] = None
    return list(names)
