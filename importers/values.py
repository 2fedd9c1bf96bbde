"""What a cell says: ids, times, numbers, kinds. Each function raises ValueError in words."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from importers.records import Kind

NULL_WORDS = frozenset({"", "none", "nan", "null"})
NO_PARENT = frozenset({"root", "0"})
FIRST_YEAR, LAST_YEAR = 1970, 2100
MAX_SCORE = 2**31 - 1
MILLISECONDS_FROM = 100_000_000_000

_FLOAT_ID = re.compile(r"(-?\d+)\.0+")
_REDDIT_PREFIX = re.compile(r"t[13]_")
_NUMBER = re.compile(r"[-+]?\d{1,20}(?:\.\d{0,20})?")
_BARE_DATE = re.compile(r"\d{8}")
_KINDS: dict[str, Kind] = {
    "article": "article",
    "post": "post",
    "story": "post",
    "submission": "post",
    "question": "post",
    "op": "post",
}


def is_null(value: Any) -> bool:
    """Whether a cell says nothing: null, an empty string, or a word for nothing."""
    return value is None or (isinstance(value, str) and value.strip().lower() in NULL_WORDS)


def plain(value: Any) -> str:
    """A name, title or URL as text; numbers are taken as they are written."""
    if is_null(value):
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{_shown(value)} is no text")
    return str(value)


def identifier(value: Any) -> str | None:
    """An id without its Reddit prefix (`t1_`, `t3_`) and without a float's `.0`."""
    written = plain(value)
    whole = _FLOAT_ID.fullmatch(written)
    return _REDDIT_PREFIX.sub("", whole[1] if whole else written, count=1) or None


def parent_identifier(value: Any) -> str | None:
    """The id of the comment answered; None for a word for nothing, and for a `t3_` post."""
    parent = identifier(value)
    if parent is None or parent.lower() in NO_PARENT or plain(value).startswith("t3_"):
        return None
    return parent


def moment(value: Any) -> tuple[datetime | None, bool]:
    """A time, aware, and whether it is estimated: without a zone it is taken for UTC.

    Reads ISO 8601 and the seconds or milliseconds since 1970, as numbers or as text.
    """
    written = plain(value)
    if not written:
        return None, False
    is_number = _NUMBER.fullmatch(written) and not _BARE_DATE.fullmatch(written)
    try:
        time = _since_epoch(float(written)) if is_number else _iso(written)
    except (ValueError, OverflowError, OSError):
        time = None
    if time is None or not FIRST_YEAR <= time.year <= LAST_YEAR:
        raise ValueError(
            f"{_shown(value)} is no time; write it like 2024-05-31T14:00:00+02:00, "
            "or as the seconds since 1970"
        )
    return (time.replace(tzinfo=UTC), True) if time.tzinfo is None else (time, False)


def _since_epoch(number: float) -> datetime:
    seconds = number / 1000 if abs(number) >= MILLISECONDS_FROM else number
    return datetime.fromtimestamp(seconds, UTC)


def _iso(written: str) -> datetime:
    return datetime.fromisoformat(re.sub(r" ?UTC$", "+00:00", written))


def whole_number(value: Any) -> int | None:
    """A score: a whole number of at most 32 bits, also where it is written `3.0`."""
    written = plain(value)
    if not written:
        return None
    whole = _FLOAT_ID.fullmatch(written)
    try:
        number = int(whole[1] if whole else written)
    except ValueError:
        raise ValueError(f"{_shown(value)} is no whole number") from None
    if abs(number) > MAX_SCORE:
        raise ValueError(f"{_shown(value)} is too large a number")
    return number


def kind_of(value: Any) -> Kind:
    """Article or post for the words that say so, else a comment."""
    return _KINDS.get(plain(value).lower(), "comment")


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:60]}…"
