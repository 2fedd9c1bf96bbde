"""The time at the end of a signature on a wiki, in any of the languages that wikis are written in.

MediaWiki writes it in the language of the wiki and ends it with the abbreviation of its time
zone: `14:05, 3 March 2021 (UTC)`, `3. 3. 2021, 15:05 (CET)`, `2021年3月3日 (水) 14:05 (UTC)`,
`٠٠:٠٥، ٣ مارس ٢٠٢١ (ت ع م)`. Names of months come from the Unicode CLDR (Babel).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError, localedata

MAX_LENGTH = 100
FIRST_YEAR, LAST_YEAR = 2001, 2100
BUDDHIST_YEARS = 543

_ZONE = re.compile(r"\((?P<zone>[^\W\d_][^()<>\n\d]{0,14}|[+-]\d{2}(?::?\d{2})?)\)")
_TIME = r"(?P<hour>\d{2})\s?(?:[:.h時时點点]|시)\s?(?P<minute>\d{2})(?:min)?(?!\d)"
_DAY, _YEAR, _NUMBER = r"(?<!\d)(?P<day>\d{1,2})", r"(?P<year>\d{4})", r"(?P<number>\d{1,2})"
_GAP = r"(?P<month>[^\d():\n]{2,40})"
_DATES = (
    rf"{_DAY}{_GAP}{_YEAR}",
    rf"(?<!\d){_YEAR}{_GAP}(?P<day>\d{{1,2}})",
    rf"(?<!\d){_YEAR}(?:[^\d():\n]{{1,10}})(?P<day>\d{{1,2}}){_GAP}",
    rf"{_GAP}(?P<day>\d{{1,2}}),? {_YEAR}",
    rf"{_DAY}\D{{1,10}}{_NUMBER}\D{{1,10}}{_YEAR}",
    rf"(?<!\d){_YEAR}\D{{1,4}}{_NUMBER}\D{{1,4}}(?P<day>\d{{1,2}})",
)
_END = r"[^\d()\n]{0,6}$"
_PATTERNS = tuple(
    re.compile(pattern)
    for date in _DATES
    for pattern in (
        rf"(?<!\d){_TIME}[^\d()\n]{{0,24}}?{date}{_END}",
        rf"{date}[^\d()\n]{{0,16}}(?:\([^()\d]{{1,12}}\))?[^\d()\n]{{0,16}}?{_TIME}{_END}",
    )
)
_HAS_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_MARKS = re.compile("[\u200e\u200f\u202a-\u202e]")
_BETWEEN_WORDS = re.compile(r"[\s.,،、;:؛/|·•()_–-]+")

_HOURS = {
    **dict.fromkeys(("UTC", "GMT", "WET", "Z", "ت ع م", "م ع و", "ইউটিসি"), 0.0),
    **dict.fromkeys(("CET", "MEZ", "BST", "WEST"), 1.0),
    **dict.fromkeys(("CEST", "MESZ", "EET", "SAST"), 2.0),
    **dict.fromkeys(("EEST", "MSK", "IDT"), 3.0),
    **dict.fromkeys(("ICT", "WIB"), 7.0),
    **dict.fromkeys(("JST", "KST"), 9.0),
    **dict.fromkeys(("BRT", "ART"), -3.0),
    **dict.fromkeys(("AST", "EDT"), -4.0),
    **dict.fromkeys(("EST", "CDT"), -5.0),
    **dict.fromkeys(("CST", "MDT"), -6.0),
    **dict.fromkeys(("MST", "PDT"), -7.0),
    "IRST": 3.5,
    "IRDT": 4.5,
    "MSD": 4.0,
    "PKT": 5.0,
    "HKT": 8.0,
    "AEST": 10.0,
    "AEDT": 11.0,
    "PST": -8.0,
}
_HEBREW_HOURS = {"IST": 2.0}
_INDIAN_HOURS = {"IST": 5.5}
_WITH_SUMMER_TIME = {
    **dict.fromkeys(("CET", "CEST"), "Europe/Berlin"),
    **dict.fromkeys(("EET", "EEST"), "Europe/Helsinki"),
    **dict.fromkeys(("WET", "WEST"), "Europe/Lisbon"),
}
_OTHER_NAMES = {  # names of months as MediaWiki writes them where the CLDR has another word
    "ckb": "کانوونی دووەم,شوبات,ئازار,نیسان,ئایار,حوزەیران,تەممووز,ئاب,ئەیلوول,تشرینی یەکەم,"
    "تشرینی دووەم,کانوونی یەکەم",
    "la": "ianuarii,februarii,martii,aprilis,maii,iunii,iulii,augusti,septembris,octobris,"
    "novembris,decembris",
    "sh": "januar,februar,mart,april,maj,juni,juli,avgust,septembar,oktobar,novembar,decembar",
    "simple": "january,february,march,april,may,june,july,august,september,october,november,"
    "december",
}


@dataclass(frozen=True, slots=True)
class Signed:
    """``text[start:end]`` is a time with its zone. It is estimated where the zone is not known."""

    start: int
    end: int
    time: datetime
    is_estimated: bool


def find_time(text: str, languages: tuple[str, ...] = ()) -> Signed | None:
    """The first time in ``text`` that is followed by a zone in brackets.

    ``languages`` are those of the page, the likeliest first; names of months that mean different
    months in different languages are read by them.
    """
    return next(find_times(text, languages), None)


def find_times(text: str, languages: tuple[str, ...] = ()) -> Iterator[Signed]:
    for zone in _ZONE.finditer(text):
        begin = max(0, zone.start() - MAX_LENGTH)
        before = _MARKS.sub("\u200b", text[begin : zone.start()]).rstrip(" \xa0\u200b\u202f")
        for pattern in _PATTERNS if _HAS_YEAR.search(before) else ():
            found = pattern.search(before)
            wall = _wall_time(found, languages) if found else None
            if found and wall:
                time, is_estimated = _in_zone(wall, zone["zone"], languages)
                yield Signed(begin + found.start(), zone.end(), time, is_estimated)
                break


def _wall_time(found: re.Match[str], languages: tuple[str, ...]) -> datetime | None:
    parts = found.groupdict()
    year = int(parts["year"])
    if year > LAST_YEAR:
        year -= BUDDHIST_YEARS
    month = int(parts["number"]) if "number" in parts else month_of(parts["month"], languages)
    if month is None or not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return datetime(year, month, int(parts["day"]), int(parts["hour"]), int(parts["minute"]))  # noqa: DTZ001
    except ValueError:
        return None


def _in_zone(wall: datetime, zone: str, languages: tuple[str, ...]) -> tuple[datetime, bool]:
    """The wall time of that zone in UTC, and whether the zone had to be guessed.

    A wiki keeps one zone: where a hand wrote CET in summer, summer time was meant.
    """
    name = " ".join(zone.split()).upper()
    if name in _WITH_SUMMER_TIME:
        try:
            local = ZoneInfo(_WITH_SUMMER_TIME[name])
            time = wall.replace(tzinfo=local, fold=0 if name.endswith("EST") else 1)
            return time.astimezone(UTC), time.tzname() != name
        except ZoneInfoNotFoundError:  # a system without the time zones
            pass
    hours = _offset(name, languages)
    offset = timezone(timedelta(hours=hours or 0))
    return wall.replace(tzinfo=offset).astimezone(UTC), hours is None


def _offset(zone: str, languages: tuple[str, ...]) -> float | None:
    numeric = re.fullmatch(r"([+-])(\d{2}):?(\d{2})?", zone)
    if numeric:
        hours = int(numeric[2]) + int(numeric[3] or 0) / 60
        return max(-23.0, min(23.0, -hours if numeric[1] == "-" else hours))
    if zone == "IST":
        return (_HEBREW_HOURS if "he" in languages[:1] else _INDIAN_HOURS)[zone]
    return _HOURS.get(zone)


@lru_cache(4096)
def month_of(written: str, languages: tuple[str, ...] = ()) -> int | None:
    """The month, 1 to 12, that is named in these words; None if none is, or several are."""
    words = _words(written)
    for language in (*languages, "en"):
        month = _named(words, _months(language)) or _similar(words, _months(language))
        if month:
            return month
    return _named(words, _all_months())


def _named(words: list[str], months: dict[str, int]) -> int | None:
    """The month whose name is in the words, or begins with one of at least three letters."""
    runs = [*words, *(" ".join(words[n : n + 2]) for n in range(len(words) - 1))]
    exact = [run for run in runs if run in months]
    if exact:
        return months[max(exact, key=len)]
    begun = [
        (min(len(run), len(name)), month)
        for run in runs
        if len(run) >= 3
        for name, month in months.items()
        if name.startswith(run) or (len(name) >= 3 and name in run)
    ]
    longest_name = max(begun, default=(0, 0))[0]
    longest = {month for length, month in begun if length == longest_name}
    return longest.pop() if len(longest) == 1 else None


def _similar(words: list[str], months: dict[str, int]) -> int | None:
    for word in words:
        near = difflib.get_close_matches(word, months, n=1, cutoff=0.8)
        if near and len(word) >= 4:
            return months[near[0]]
    return None


@cache
def _months(language: str) -> dict[str, int]:
    """The names of the months in one language, in lower case; none for an unknown one."""
    names = {name: n for n, name in enumerate(_OTHER_NAMES.get(language, "").split(","), 1) if name}
    try:
        locale = Locale.parse(language.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return names
    for context in locale.months.values():
        for width in ("wide", "abbreviated"):
            for month, name in context.get(width, {}).items():
                words = _words(name)
                if len(words) > 1 and len(words[0]) <= 2:
                    words = words[1:]
                if words and not words[0].isdigit():
                    names.setdefault(" ".join(words), month)
    return names


@cache
def _all_months() -> dict[str, int]:
    """Names of months that mean the same month in every language that has them."""
    found: dict[str, set[int]] = {}
    for language in (*sorted(localedata.locale_identifiers()), *_OTHER_NAMES):
        if "_" not in language or language in {"sr_Latn", "sr_Cyrl", "ar_SY", "bs_Cyrl"}:
            for name, month in _months(language).items():
                found.setdefault(name, set()).add(month)
    return {name: months.pop() for name, months in found.items() if len(months) == 1}


def _words(written: str) -> list[str]:
    plain = written.replace("\u200b", "").replace("\u200c", "").casefold()
    return [word for word in _BETWEEN_WORDS.split(plain) if word]
