"""What a process need not count anew at every click."""

from __future__ import annotations

import time
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")
MOST_KEPT = 10_000
EVERYTHING: list[KeptForSeconds[object, object]] = []


class KeptForSeconds(Generic[Key, Value]):
    """Values that are true for so many seconds, 10,000 of them at most: then all are forgotten."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._values: dict[Key, tuple[float, Value]] = {}
        EVERYTHING.append(self)  # type: ignore[arg-type]

    def get(self, key: Key) -> Value | None:
        until, value = self._values.get(key, (0.0, None))
        return value if time.monotonic() < until else None

    def keep(self, key: Key, value: Value) -> None:
        if len(self._values) >= MOST_KEPT:
            self._values.clear()
        self._values[key] = (time.monotonic() + self._seconds, value)

    def forget(self) -> None:
        self._values.clear()


def forget_all() -> None:
    """For tests, each of which has a database of its own."""
    for one in EVERYTHING:
        one.forget()
