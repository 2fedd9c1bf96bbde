"""A row as text cells, for the formats that are tables."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

Cell = str | int | float | bool | datetime | None

FORMULAS = "formulas"
STARTS_A_FORMULA = tuple("=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20")


def cell(value: Cell) -> str:
    """``value`` as text: nothing is empty, times are ISO 8601 in UTC, truth is true or false."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)


def is_formula(value: Cell) -> bool:
    """Whether a spreadsheet would calculate the cell. Numbers are none: -3 is no formula."""
    return isinstance(value, str) and value.lstrip(" ").startswith(STARTS_A_FORMULA)


def harmless_cell(value: Cell) -> str:
    """The cell's text, with an apostrophe in front where a spreadsheet would calculate."""
    return f"'{cell(value)}" if is_formula(value) else cell(value)


def formulas_in(values: Iterable[Cell]) -> int:
    """How many of the cells a spreadsheet would calculate."""
    suspects = (one for one in values if isinstance(one, str) and one[:1] in _MAY_START_ONE)
    return sum(map(is_formula, suspects))


def formula_warning(number: int) -> str:
    """On so many cells that a spreadsheet would calculate, without a full stop."""
    begin = "1 cell begins" if number == 1 else f"{number:,} cells begin"
    return (
        f"{begin} with a sign that a spreadsheet takes for a formula: open the file with a program "
        "that reads it as text"
    )


_MAY_START_ONE = frozenset(STARTS_A_FORMULA) | {" "}
