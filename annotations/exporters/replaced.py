"""A text with stretches of it replaced, and where each place of it went."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple


class Stretch(NamedTuple):
    """``start:end`` of a text, and what is to stand there. Where stretches overlap, they are
    replaced as one, by what the lowest ``rank`` says, of equals the longest."""

    start: int
    end: int
    rank: int
    instead: str


class Replaced:
    """The ``text`` that comes of it."""

    def __init__(self, text: str, stretches: Iterable[Stretch]) -> None:
        self._stretches = _apart(stretches)
        pieces: list[str] = []
        at = 0
        for one in self._stretches:
            pieces += (text[at : one.start], one.instead)
            at = one.end
        self.text = "".join([*pieces, text[at:]])
        self._starts = [one.start for one in self._stretches]
        self._ends = [one.end for one in self._stretches]
        grown = (len(one.instead) - (one.end - one.start) for one in self._stretches)
        self._shifts = [0, *accumulate(grown)]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where ``start:end`` of the old text is in the new one. What cuts a stretch takes in the
        whole of it."""
        before, after = bisect_right(self._ends, start), bisect_left(self._starts, end)
        if before < len(self._starts):
            start = min(start, self._starts[before])
        if after:
            end = max(end, self._ends[after - 1])
        return start + self._shifts[before], end + self._shifts[after]


def _apart(stretches: Iterable[Stretch]) -> list[Stretch]:
    """In their order, those that overlap as one."""
    found: list[Stretch] = []
    best: tuple[int, int] = (0, 0)
    for one in sorted(stretches):
        strength = (one.rank, one.start - one.end)
        if not found or one.start >= found[-1].end:
            found.append(one)
            best = strength
            continue
        last = found[-1]
        stronger = one if strength < best else last
        best = min(best, strength)
        found[-1] = Stretch(last.start, max(last.end, one.end), stronger.rank, stronger.instead)
    return found
