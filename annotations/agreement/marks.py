"""Spans: who marked which stretches of which texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """``start`` to ``end`` (exclusive) of a text, with a label. Raises ValueError if empty."""

    start: int
    end: int
    label: str

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError("a mark ends after it starts, and starts at 0 or later")


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """``looks[unit][rater]``: the marks of everybody who looked, an empty tuple if they saw none.

    ``lengths[unit]``: the length of the unit's text, in the same measure as the marks. Raises
    ValueError if a mark ends after its text.
    """

    lengths: Mapping[int, int]
    looks: Mapping[int, Mapping[Any, Sequence[Mark]]]

    def __post_init__(self) -> None:
        for unit, looks in self.looks.items():
            ends = [mark.end for marks in looks.values() for mark in marks]
            if max(ends, default=0) > self.lengths[unit]:
                raise ValueError("a mark ends after its text")

    def labels(self) -> list[str]:
        """The labels that occur, sorted."""
        return sorted({m.label for one in self.looks.values() for ms in one.values() for m in ms})


def in_words(marks: Marks, texts: Mapping[int, str]) -> Marks:
    """The same marks counted in words and punctuation marks: each reaches over all it touches.

    A mark that touches no word, as one of spaces alone, is dropped.
    """
    bounds = {
        unit: np.array([match.span() for match in _WORD.finditer(texts[unit])]).reshape(-1, 2)
        for unit in marks.looks
    }
    looks = {
        unit: {
            rater: tuple(_snapped(given, bounds[unit].tolist())) for rater, given in looks.items()
        }
        for unit, looks in marks.looks.items()
    }
    return Marks({unit: len(found) for unit, found in bounds.items()}, looks)


def _snapped(given: Iterable[Mark], bounds: list[list[int]]) -> Iterator[Mark]:
    for mark in given:
        touched = [
            place
            for place, (start, end) in enumerate(bounds)
            if start < mark.end and mark.start < end
        ]
        if touched:
            yield Mark(touched[0], touched[-1] + 1, mark.label)
