"""Rows of an Excel workbook (XLSX), its promises checked before anything is unpacked.

A workbook is read as a whole, so its size is limited. Whole numbers that Excel keeps as floats
become integers, dates and times ISO 8601 without a zone, errors in cells and empty cells null.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, load_workbook

from annotations.errors import UnreadableFile
from importers.archives import BROKEN, PACKINGS
from importers.packed import GROWTH_FREE_BYTES, GROWTH_LIMIT
from importers.records import RecordError
from importers.source import Source
from importers.table_rows import Row, json_fault, unique_names
from importers.values import EXACT_FLOATS

UNPACKED_LIMIT = 256 * 1024 * 1024
PACKED_LIMIT = 64 * 1024 * 1024


def sheet_names(source: Source) -> list[str]:
    """The sheets of the workbook, in their order. Raises UnreadableFile."""
    with _opened(source) as file:
        return list(_workbook(source, file).sheet_names)


def sheet_rows(source: Source, sheet: str | None = None) -> Iterator[Row | RecordError]:
    """The rows of the sheet of that name, or of the first; ``line`` is the row's number in it.

    The first row that is not empty is the header. Raises UnreadableFile.
    """
    with _opened(source) as file:
        table = _sheet(source, _workbook(source, file), sheet)
        if table.start is None:
            return
        yield from _named(_numbered(table))


def _opened(source: Source) -> BinaryIO:
    file = source.open() if source.path_on_disk else io.BytesIO(source.read(PACKED_LIMIT))
    _refuse_bomb(source, file)
    file.seek(0)
    return file


def _refuse_bomb(source: Source, file: BinaryIO) -> None:
    """Unpacks everything once: what the archive says of its sizes may be a lie."""
    try:
        archive = zipfile.ZipFile(file)
        infos = archive.infolist()
        unpacked = sum(info.file_size for info in infos)
        packed = sum(info.compress_size for info in infos)
        is_bomb = unpacked > GROWTH_FREE_BYTES and unpacked > GROWTH_LIMIT * max(packed, 1)
        if is_bomb or unpacked > UNPACKED_LIMIT:
            raise UnreadableFile(
                f"{source.name} unpacks to {unpacked / 1024**2:,.0f} MiB; workbooks of at most "
                f"{UNPACKED_LIMIT // 1024**2} MiB that grow less than {GROWTH_LIMIT}-fold are "
                "read. Save it as CSV (UTF-8) instead."
            )
        if any(info.compress_type not in PACKINGS for info in infos):
            raise _broken(source, "it is packed in a way that no spreadsheet program uses")
        damaged = archive.testzip()
    except (*BROKEN, ValueError) as error:
        raise _broken(source, error) from None
    if damaged is not None:
        raise _broken(source, f"{damaged} is damaged")


def _workbook(source: Source, file: BinaryIO) -> CalamineWorkbook:
    try:
        return load_workbook(file)
    except (CalamineError, OSError, ValueError) as error:
        raise _broken(source, error) from None


def _sheet(source: Source, workbook: CalamineWorkbook, name: str | None) -> CalamineSheet:
    names = workbook.sheet_names
    if name is None and not names:
        raise UnreadableFile(f"{source.name} is a workbook without a sheet.")
    if name is not None and name not in names:
        known = ", ".join(names[:50])
        raise UnreadableFile(f"{source.name} has no sheet {name!r}; its sheets are: {known}.")
    try:
        return workbook.get_sheet_by_name(names[0] if name is None else name)
    except (CalamineError, ValueError) as error:
        raise _broken(source, error) from None


def _broken(source: Source, reason: object) -> UnreadableFile:
    return UnreadableFile(
        f"{source.name} is a broken Excel workbook ({reason}). Open it in a spreadsheet program "
        "and save it anew, or as CSV (UTF-8)."
    )


def _numbered(table: CalamineSheet) -> Iterator[tuple[int, list[Any]]]:
    """The rows that hold something, each with its number in the sheet."""
    for number, cells in enumerate(table.iter_rows(), start=1):
        values = [_plain(cell) for cell in cells]
        if any(value is not None for value in values):
            yield number, values


def _named(rows: Iterable[tuple[int, list[Any]]]) -> Iterator[Row | RecordError]:
    names: list[str] | None = None
    for number, values in rows:
        if names is None:
            names = unique_names(["" if value is None else str(value) for value in values])
            continue
        cells = dict(zip(names, values, strict=False))
        if fault := json_fault(cells):
            yield RecordError(number, f"The row holds {fault}.")
        else:
            yield Row(number, cells)


def _plain(cell: Any) -> Any:
    match cell:
        case "":
            return None
        case bool() | int() | str():
            return cell
        case float():
            return int(cell) if cell.is_integer() and abs(cell) < EXACT_FLOATS else cell
        case datetime() | date() | time():
            return cell.isoformat()
        case _:
            return str(cell)
