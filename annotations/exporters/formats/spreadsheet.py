"""CSV for spreadsheets: opens in Excel as UTF-8, and no text in it runs as a formula."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from annotations.exporters.cells import Cell, cell, csv_lines
from annotations.exporters.rows import LabelRow

TITLE = "CSV for spreadsheets"
EXTENSION = "csv"
CONTENT_TYPE = "text/csv; charset=utf-8"

BYTE_ORDER_MARK = "\ufeff".encode()
STARTS_A_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def write(rows: Iterable[LabelRow]) -> Iterator[bytes]:
    yield BYTE_ORDER_MARK
    yield from csv_lines(rows, to_cell=harmless_cell)


def harmless_cell(value: Cell) -> str:
    """The cell's text, with an apostrophe in front where a spreadsheet would calculate.

    Numbers stay as they are: -3 is no formula.
    """
    text = cell(value)
    if isinstance(value, str) and text.lstrip(" ").startswith(STARTS_A_FORMULA):
        return f"'{text}"
    return text
