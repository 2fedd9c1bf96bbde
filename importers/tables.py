"""Tables in every dress: which one a file wears, and its rows."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any, Literal, get_args

import ijson

from annotations.errors import UnreadableFile
from importers.columns import names_text
from importers.guards import is_workbook
from importers.json_stream import JsonText
from importers.json_text import REPLACED
from importers.lines import Line, numbered_lines
from importers.outline import json_start
from importers.records import Note, RecordError
from importers.source import HEAD_BYTES, Source
from importers.table_nesting import unnested_rows
from importers.table_rows import (
    DELIMITERS,
    Row,
    TooManyColumns,
    array_rows,
    csv_rows,
    json_rows,
)

Dialect = Literal["csv", "tsv", "semicolon", "pipe", "jsonl", "json", "xlsx", "parquet"]
DIALECTS: tuple[Dialect, ...] = get_args(Dialect)
LINE_DIALECTS = frozenset({*DELIMITERS, "jsonl"})
SAMPLE_ROWS = 1_000
SAMPLE_LINES = 10_000
MAX_COLUMN_NAME = 100
PARQUET = b"PAR1"
LIST_KEYS = ("data", "comments", "items", "results", "rows", "records")
BLANK = b"\xef\xbb\xbf \t\r\n"
LIST_OF_OBJECTS = re.compile(rb"\[\s*+\{")
MARKUP = (b"<", b"WARC/")


def guess_dialect(source: Source) -> Dialect | None:
    """By the first bytes, else the delimiter under which the rows agree best."""
    head = source.head
    start = head[:100].lstrip(BLANK)
    if head.startswith(PARQUET):
        return "parquet"
    if is_workbook(head):
        return "xlsx"
    if start.startswith(MARKUP):
        return None
    if start.startswith((b"{", b"[")) and _list_key(source) is not None:
        return "json"
    if start.startswith((b"{", b"[")):
        return "jsonl" if start.startswith(b"{") else None
    fits = {dialect: _fit(source, dialect) for dialect in DELIMITERS}
    best = max(fits, key=lambda dialect: fits[dialect])
    return _dialect(best) if fits[best] > (0, 0.0, 0) else None


def rows_of(
    source: Source, dialect: str, sheet: str | None = None
) -> Iterator[Row | Note | RecordError]:
    """All rows of a file in that dialect; ``sheet`` names one of a workbook.

    Raises UnreadableFile where it is no such table.
    """
    match dialect:
        case "parquet":
            from importers.parquet import parquet_rows  # large: loaded where it is needed

            yield from parquet_rows(source)
        case "xlsx":
            from importers.sheets import sheet_rows

            yield from sheet_rows(source, sheet)
        case "json":
            yield from _list_rows(source)
        case _:
            yield from _line_rows(source.lines(), dialect)


def _list_rows(source: Source) -> Iterator[Row | Note | RecordError]:
    key, text = _list_key(source), JsonText(source)
    if key is None:
        raise UnreadableFile(f"{source.name} is no JSON list of objects.")
    holder, _, name = key.rpartition(".")
    lists = (array.items for array in text.arrays(name, holder)) if key else (text.elements(),)
    for items in lists:
        yield from unnested_rows(array_rows(items))
    if text.replaced:
        yield Note(REPLACED, text.replaced)


def sample(source: Source, dialect: str, sheet: str | None = None) -> list[dict[str, Any]]:
    """The cells of the first rows that can be read; none where the file is no such table."""
    rows = _first_rows(source, dialect, sheet)
    return [{**row.cells, **row.derived} for row in rows if isinstance(row, Row)]


def _line_rows(lines: Iterator[Line | RecordError], dialect: str) -> Iterator[Row | RecordError]:
    return unnested_rows(json_rows(lines)) if dialect == "jsonl" else csv_rows(lines, dialect)


def _first_rows(
    source: Source, dialect: str, sheet: str | None = None
) -> list[Row | Note | RecordError]:
    rows: Iterator[Row | Note | RecordError]
    if dialect == "json":
        rows = unnested_rows(array_rows(_listed(source, _list_key(source) or "")))
    elif dialect in LINE_DIALECTS:
        rows = _line_rows(_head_lines(source), dialect)
    else:
        rows = rows_of(source, dialect, sheet)
    try:
        return list(islice(rows, SAMPLE_ROWS))
    except UnreadableFile:
        return []


def _head_lines(source: Source) -> Iterator[Line | RecordError]:
    """The first lines, all of the first MiB, without the last one where that is cut."""
    head = source.head
    if len(head) == HEAD_BYTES and b"\n" in head:
        head = head[: head.rindex(b"\n") + 1]
    return islice(numbered_lines(io.BytesIO(head)), SAMPLE_LINES)


def _list_key(source: Source) -> str | None:
    """Under which key of a JSON text its objects stand; an empty one if the text is their list.

    So it is for a broken text that begins as such a list: reading it tells what is wrong.
    """
    start = source.head.lstrip(BLANK)
    if start.startswith(b"["):
        outline = source.outline
        is_broken = outline.shape == "none" and LIST_OF_OBJECTS.match(start)
        return "" if is_broken or (outline.shape == "array" and outline.objects) else None
    document = source.outline.document
    holders = {f"{name}.": value for name, value in document.items() if isinstance(value, dict)}
    for prefix, holder in {"": document, **holders}.items():
        for key in LIST_KEYS:
            if isinstance(holder.get(key), list) and _holds_objects(holder[key]):
                return f"{prefix}{key}"
    return None


def _holds_objects(values: Iterable[Any]) -> bool:
    return any(isinstance(value, dict) for value in values)


def _listed(source: Source, key: str = "") -> Iterator[Any]:
    """The values of the list, as far as they are whole in the first MiB."""
    head = io.BytesIO(source.head[json_start(source.head) :])
    with suppress(ijson.JSONError, ValueError):
        items = ijson.items(head, f"{key}.item" if key else "item", use_float=True)
        yield from islice(items, SAMPLE_ROWS)


def _fit(source: Source, dialect: str) -> tuple[int, float, int]:
    """Whether the text is named, the share of rows with all cells, the number of columns."""
    try:
        rows = list(islice(_line_rows(_head_lines(source), dialect), SAMPLE_ROWS))
    except TooManyColumns:
        return 0, 0.0, 1  # reading says so
    except UnreadableFile:
        return 0, 0.0, 0
    whole = [row.cells for row in rows if isinstance(row, Row)]
    names = list(whole[0]) if whole else []
    is_named = names_text(names)
    if any(len(name) > MAX_COLUMN_NAME for name in names) or (len(names) < 2 and not is_named):
        return 0, 0.0, 0
    share = len(whole) / len(rows)
    return (int(is_named), share, len(names)) if is_named or share > 0.5 else (0, 0.0, 0)


def _dialect(name: str) -> Dialect:
    return next(dialect for dialect in DIALECTS if dialect == name)
