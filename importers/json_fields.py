"""Fields of a JSON object that may hold anything: what is not of the wanted type is nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from importers.records import Note
from importers.values import MAX_SCORE, moment


def text_in(value: Any) -> str:
    return value if isinstance(value, str) else ""


def id_in(value: Any) -> str:
    """An id written as text or as a whole number; empty if there is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return text_in(value).strip()


def list_in(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def object_in(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def objects_in(value: Any) -> list[dict[str, Any]]:
    """The objects of a list."""
    return [part for part in list_in(value) if isinstance(part, dict)]


def number_in(value: Any) -> int | None:
    """A whole number of at most 32 bits, also where it is written as text."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 11:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAX_SCORE:
        return None
    return value


def reactions_in(value: Any) -> int | None:
    """How many reactions a message has, all emoji counted alike; None where it has no list."""
    if not isinstance(value, list):
        return None
    return min(sum(max(0, number_in(r.get("count")) or 0) for r in objects_in(value)), MAX_SCORE)


class Notes(Counter[str]):
    """What a reader leaves out or changes, counted while it reads."""

    def take(self, notes: Iterable[Note]) -> None:
        for note in notes:
            self[note.what] += note.count

    def time(self, value: Any) -> tuple[datetime | None, bool]:
        """The time, and whether it is estimated; what cannot be read is counted and is none."""
        try:
            return moment(value)
        except ValueError:
            self["times left out that cannot be read"] += 1
            return None, False

    def records(self) -> Iterator[Note]:
        for what, count in self.items():
            if count:
                yield Note(what, count)
