"""Dates as people and spreadsheets write them: `31.05.2024 14:00`, `May 31, 2024 at 2:00 PM`.

Of `03/04/2024` nothing but other dates of the same column tells which number is the day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any, Literal

DateOrder = Literal["day_first", "month_first"]
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ZONES = {
    **dict.fromkeys(("UTC", "GMT", "Z"), "+00:00"),
    "EDT": "-04:00",
    **dict.fromkeys(("EST", "CDT"), "-05:00"),
    **dict.fromkeys(("CST", "MDT"), "-06:00"),
    **dict.fromkeys(("MST", "PDT"), "-07:00"),
    "PST": "-08:00",
}
CENTURY_FROM = 69  # as POSIX has it: 68 is 2068, 69 is 1969

_CLOCK = (
    r"(?:,?(?: at| -)?[ T]+(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)?"
    r"(?:\s?(?P<half>[AaPp])\.?[Mm]\.?)?(?: ?(?P<zone>[A-Z]{1,3}|[-+]\d\d:?\d\d))?)?"
)
_NUMBERED = re.compile(
    r"(?P<first>\d{1,2})(?P<sign>[./-])(?P<second_number>\d{1,2})(?P=sign)(?P<year>\d{4}|\d\d)"
    + _CLOCK
)
_NAMED = re.compile(
    r"(?:[A-Za-z]{3,9}\.?,? )?"
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?\.?[ -](?P<month>[A-Za-z]{3,9})\.?,?[ -]"
    r"|(?P<named_month>[A-Za-z]{3,9})\.? (?P<named_day>\d{1,2})(?:st|nd|rd|th)?,? )"
    r"(?P<year>\d{4})" + _CLOCK
)


def is_unclear(written: str) -> bool:
    """Whether the day and the month are both numbers, with the year behind them."""
    return _NUMBERED.fullmatch(written) is not None


def order_of(values: Iterable[Any]) -> DateOrder | None:
    """Which number is the day, if the dates of a column leave no doubt."""
    dates = [found for v in values if isinstance(v, str) and (found := _NUMBERED.fullmatch(v))]
    day_first = any(int(found["first"]) > 12 or found["sign"] == "." for found in dates)
    month_first = any(int(found["second_number"]) > 12 for found in dates)
    if day_first == month_first:
        return None
    return "day_first" if day_first else "month_first"


def written_date(written: str, order: DateOrder | None = None) -> datetime | None:
    """The time of a date in one of these forms, None for other forms; without a zone naive.

    Raises ValueError for what no calendar has.
    """
    if order and (found := _NUMBERED.fullmatch(written)):
        numbers = (int(found["first"]), int(found["second_number"]))
        day, month = numbers if order == "day_first" else numbers[::-1]
        return _at(found, _year(found["year"]), month, day)
    if found := _NAMED.fullmatch(written):
        name, day_number = (
            found["month"] or found["named_month"],
            found["day"] or found["named_day"],
        )
        return _at(found, int(found["year"]), MONTHS.index(name[:3].lower()) + 1, int(day_number))
    return None


def _at(found: re.Match[str], year: int, month: int, day: int) -> datetime:
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("no such hour")
        hour = hour % 12 + (12 if found["half"] in "Pp" else 0)
    return datetime(year, month, day, hour, minute, second, tzinfo=_zone(found["zone"]))


def _year(written: str) -> int:
    year = int(written)
    if len(written) == 4:
        return year
    return year + (1900 if year >= CENTURY_FROM else 2000)


def _zone(written: str | None) -> timezone | None:
    if not written:
        return None
    offset = ZONES.get(written, written).replace(":", "")
    if offset[0] not in "+-":
        raise ValueError("no zone that is known")
    difference = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:]))
    return timezone(-difference if offset[0] == "-" else difference)
