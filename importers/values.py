"""What a cell says: ids, times, numbers, kinds, statuses.

Each function raises ValueError in words.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from importers.dates import ZONES, DateOrder, is_unclear, written_date
from importers.records import Kind, Status

NULL_WORDS = frozenset({"", "none", "nan", "null"})
NO_PARENT = frozenset({"root", "0"})
YES_WORDS = frozenset({"1", "1.0", "true", "yes", "t", "y"})
NO_WORDS = frozenset({"0", "0.0", "false", "no", "f", "n"})
FIRST_YEAR, LAST_YEAR = 1970, 2100
MAX_SCORE = 2**31 - 1
MILLISECONDS_FROM = 100_000_000_000
EXACT_FLOATS = 2**53

_FLOAT_ID = re.compile(r"(-?\d+)\.0+")
_ROUNDED = re.compile(r"-?\d(?:\.\d+)?[eE]\+\d+")
_REDDIT_PREFIX = re.compile(r"t[13]_")
_NUMBER = re.compile(r"[-+]?\d{1,20}(?:\.\d{0,20})?")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+")
_BARE_DATE = re.compile(r"\d{8}")
_NAMED_ZONE = re.compile(r"(?P<time>.*\d) ?(?P<zone>[A-Z]{1,3})")
_TWITTER_TIME = "%a %b %d %H:%M:%S %z %Y"
_KINDS: dict[str, Kind] = {
    "article": "article",
    "post": "post",
    "story": "post",
    "submission": "post",
    "question": "post",
    "op": "post",
}
_WORDS: dict[Status, str] = {
    "visible": "visible approved published public active accepted ok live normal approve publish",
    "deleted_by_author": "deleted deletedbyauthor deletedbyuser userdeleted trash withdrawn",
    "removed_by_moderator": "removed removedbymoderator rejected hidden moderated removedbyreddit",
    "spam": "spam",
    "unapproved": "unapproved pending hold held unmoderated queued awaitingmoderation",
    "blocked": "blocked",
    "dead": "dead flagged",
    "missing": "missing",
}
_STATUSES: dict[str, Status] = {
    word: status for status, words in _WORDS.items() for word in words.split()
}
_PLACEHOLDERS: dict[str, Status] = {
    "[deleted]": "deleted_by_author",
    "[deleted by user]": "deleted_by_author",
    "[removed]": "removed_by_moderator",
    "[removed by reddit]": "removed_by_moderator",
    "[ removed by reddit ]": "removed_by_moderator",
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
    """An id without its Reddit prefix (`t1_`, `t3_`) and without a float's `.0`.

    Refuses the numbers that a spreadsheet has rounded: they stand for many ids.
    """
    written = plain(value)
    if _ROUNDED.fullmatch(written) or (isinstance(value, float) and abs(value) >= EXACT_FLOATS):
        raise ValueError(f"{_shown(value)} is an id that was rounded; save ids as text")
    whole = _FLOAT_ID.fullmatch(written)
    return _REDDIT_PREFIX.sub("", whole[1] if whole else written, count=1) or None


def parent_identifier(value: Any) -> str | None:
    """The id of the comment answered; None for a word for nothing, and for a `t3_` post."""
    parent = identifier(value)
    if parent is None or parent.lower() in NO_PARENT or plain(value).startswith("t3_"):
        return None
    return parent


def moment(value: Any, order: DateOrder | None = None) -> tuple[datetime | None, bool]:
    """A time, aware, and whether it is estimated: without a zone it is taken for UTC.

    Reads ISO 8601, also with a zone's name behind it (UTC, and those of the United States:
    EST, EDT … PDT), English dates with the month's name, Twitter's `Fri Jan 09 11:24:54 +0000
    2015`, and the seconds or milliseconds since 1970, as numbers or as text; `3/4/2024` only
    where ``order`` says which number is the day.
    """
    written = plain(value)
    if not written:
        return None, False
    is_number = _NUMBER.fullmatch(written) and not _BARE_DATE.fullmatch(written)
    if not is_number and order is None and is_unclear(written):
        raise ValueError(
            f"{_shown(value)} does not say which of its numbers is the day and which the month; "
            "say it with the option dates, or write it like 2024-05-31"
        )
    try:
        time = _since_epoch(float(written)) if is_number else _written_time(written, order)
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


def _written_time(written: str, order: DateOrder | None) -> datetime:
    if not written[:4].isdecimal() and (time := written_date(written, order)):
        return time
    if written[:1].isalpha():
        return datetime.strptime(written, _TWITTER_TIME).astimezone(UTC)
    named = _NAMED_ZONE.fullmatch(written)
    if named and named["zone"] in ZONES:
        written = named["time"] + ZONES[named["zone"]]
    return datetime.fromisoformat(re.sub(r" (?=[-+]\d\d:?\d\d$)", "", written))


def whole_number(value: Any) -> int | None:
    """A score: a whole number of at most 32 bits, also where it is written `3.0` or `1,234`."""
    written = plain(value)
    if not written:
        return None
    whole = _FLOAT_ID.fullmatch(written)
    digits = written.replace(",", "") if _THOUSANDS.fullmatch(written) else written
    try:
        number = int(whole[1] if whole else digits)
    except ValueError:
        raise ValueError(f"{_shown(value)} is no whole number") from None
    if abs(number) > MAX_SCORE:
        raise ValueError(f"{_shown(value)} is too large a number")
    return number


def is_yes(value: Any) -> bool:
    """Whether a cell says that something is so: yes, true, a number but 0, or the time when."""
    if isinstance(value, bool):
        return value
    if is_null(value) or (written := plain(value).lower()) in NO_WORDS:
        return False
    if written in YES_WORDS:
        return True
    try:
        return moment(value)[0] is not None
    except ValueError:
        raise ValueError(f"{_shown(value)} says neither yes nor no") from None


def kind_of(value: Any) -> Kind:
    """Article or post for the words that say so, else a comment."""
    return _KINDS.get(plain(value).lower(), "comment")


def status_of(value: Any) -> Status | None:
    """The status that a word such as `approved`, `Removed` or `deleted_by_author` stands for.

    None for a cell that says nothing. Raises ValueError for other words.
    """
    written = plain(value)
    if not written:
        return None
    try:
        return _STATUSES[re.sub(r"[\W_]", "", written).lower()]
    except KeyError:
        raise ValueError(f"{_shown(value)} is no status that is known") from None


def placeholder_status(text: str) -> Status | None:
    """The status for which `[deleted]` and its like stand where the text or the author was."""
    return _PLACEHOLDERS.get(text.strip().lower())


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:60]}…"
