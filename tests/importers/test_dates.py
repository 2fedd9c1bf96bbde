from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from importers.dates import DateOrder, order_of
from importers.values import moment

AFTERNOON = datetime(2024, 5, 31, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "May 31, 2024 2:05 PM",
        "May 31st, 2024 at 2:05 p.m.",
        "31 May 2024 14:05",
        "Friday, 31 May 2024, 14:05:00",
        "31-May-2024 14:05",
    ],
)
def test_english_dates_are_read_and_marked_as_estimated(written: str) -> None:
    assert moment(written) == (AFTERNOON, True)


def test_a_zone_is_taken() -> None:
    assert moment("Fri, 31 May 2024 14:05:00 GMT") == (AFTERNOON, False)
    there = timezone(timedelta(hours=-4))
    assert moment("May 31, 2024 14:05 EDT") == (AFTERNOON.replace(tzinfo=there), False)


@pytest.mark.parametrize(
    ("written", "order"),
    [
        ("31.05.2024 14:05", "day_first"),
        ("31/5/24 14:05", "day_first"),
        ("5/31/2024 2:05 PM", "month_first"),
        ("05-31-2024, 14:05:00.000", "month_first"),
    ],
)
def test_the_order_tells_the_day(written: str, order: DateOrder) -> None:
    assert moment(written, order) == (AFTERNOON, True)
    assert order_of(["", None, 5, written]) == order


def test_midnight_and_noon() -> None:
    assert moment("5/31/2024 12:00 AM", "month_first")[0] == AFTERNOON.replace(hour=0, minute=0)
    assert moment("5/31/2024 12:00 PM", "month_first")[0] == AFTERNOON.replace(hour=12, minute=0)


@pytest.mark.parametrize(
    "values", [[], ["3/4/2024", "5/6/2024"], ["31/5/2024", "5/31/2024"], ["2024-05-31"]]
)
def test_dates_that_leave_a_doubt_tell_no_order(values: list[str]) -> None:
    assert order_of(values) is None


@pytest.mark.parametrize(
    ("written", "order"),
    [
        ("3/4/2024", None),
        ("31/5/2024", "month_first"),
        ("5/31/2024 13:05 PM", "month_first"),
        ("31 Mai 2024", None),
        ("May 31, 2024 14:05 CET", None),
        ("February 30, 2024", None),
    ],
)
def test_what_no_calendar_has_is_refused(written: str, order: DateOrder | None) -> None:
    with pytest.raises(ValueError, match=r"31|3/4|February"):
        moment(written, order)
