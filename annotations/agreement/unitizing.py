"""Krippendorff's alpha_U: did annotators find the same stretches, with the same ends?

Krippendorff (1995), On the Reliability of Unitizing Continuous Data, Sociological Methodology 25,
in the form of Krippendorff (2004), Content Analysis, 2nd edition, pages 251 to 256. Differences
grow with the square of how far two stretches are apart at either end, so a near miss costs little
and a stretch that the other did not mark costs its squared length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from annotations.agreement.marks import Marks
from annotations.agreement.overlap import stretches_of
from annotations.agreement.ratings import Floats


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of the continuum between two cuts: a unit, or a gap between units."""

    start: int
    end: int
    is_unit: bool

    @property
    def length(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Unitizing:
    """``value`` is alpha_U, None where it is not defined, for the ``reason`` given."""

    value: float | None
    reason: str
    observed: float
    expected: float


def alpha_u(marks: Marks, labels: Sequence[str] | None = None) -> Unitizing:
    """alpha_U of the labels together, all that occur if none are given.

    The texts lie on one continuum, one behind the other; a gap ends where its text ends. It
    takes no missing looks: if the texts were not all looked at by the same annotators it is not
    defined, and alpha on stretches is what remains.
    """
    raters = {frozenset(looks) for looks in marks.looks.values()}
    if len(raters) != 1:
        return Unitizing(None, "Not every annotator looked at every text.", 0.0, 0.0)
    if len(next(iter(raters))) < 2:
        return Unitizing(None, "There is one annotator, so nothing to compare.", 0.0, 0.0)
    chosen = marks.labels() if labels is None else labels
    observed = expected = 0.0
    for label in chosen:
        rows = _continua(marks, label)
        length = rows[0][-1].end if rows[0] else 0
        if any(section.is_unit for row in rows for section in row):
            observed += _observed(rows, length)
            expected += _expected(rows, length)
    if not expected > 0:
        return Unitizing(None, "Nothing was marked, or all of the text by everybody.", 0.0, 0.0)
    return Unitizing(1 - observed / expected, "", observed, expected)


def _continua(marks: Marks, label: str) -> list[list[Section]]:
    """What each rater made of the continuum, in sections without holes."""
    raters = sorted(next(iter(marks.looks.values())), key=repr)
    rows: list[list[Section]] = [[] for _ in raters]
    offset = 0
    for unit, looks in marks.looks.items():
        end = offset + marks.lengths[unit]
        for row, rater in zip(rows, raters, strict=True):
            place = offset
            for start, stop in stretches_of(looks[rater], label):
                if place < offset + start:
                    row.append(Section(place, offset + start, False))
                row.append(Section(offset + start, offset + stop, True))
                place = offset + stop
            if place < end:
                row.append(Section(place, end, False))
        offset = end
    return rows


def _observed(rows: list[list[Section]], length: int) -> float:
    total = sum(
        _between(one, other)
        for left, right in combinations(rows, 2)
        for one, other in _meet(left, right)
    )
    return 2 * total / (len(rows) * (len(rows) - 1) * length**2)


def _meet(left: list[Section], right: list[Section]) -> list[tuple[Section, Section]]:
    """The sections of two raters that lie over each other."""
    met = []
    one = other = 0
    while one < len(left) and other < len(right):
        met.append((left[one], right[other]))
        first, second = left[one].end, right[other].end
        one += first <= second
        other += second <= first
    return met


def _between(one: Section, other: Section) -> float:
    """The difference of two sections that overlap."""
    if one.is_unit and other.is_unit:
        return float((one.start - other.start) ** 2 + (one.end - other.end) ** 2)
    if one.is_unit and other.start <= one.start and one.end <= other.end:
        return float(one.length**2)
    if other.is_unit and one.start <= other.start and other.end <= one.end:
        return float(other.length**2)
    return 0.0


def _expected(rows: list[list[Section]], length: int) -> float:
    units = np.array([s.length for row in rows for s in row if s.is_unit], dtype=np.float64)
    gaps = np.sort([s.length for row in rows for s in row if not s.is_unit]).astype(np.float64)
    within = (len(units) - 1) / 3 * (2 * units**3 - 3 * units**2 + units)
    missed = units**2 * _rooms(units, gaps)
    whole = len(rows) * length
    pairs = whole * (whole - 1) - (units * (units - 1)).sum()
    return float(2 / length * (within + missed).sum() / pairs) if pairs else 0.0


def _rooms(units: Floats, gaps: Floats) -> Floats:
    """In how many places of all gaps each unit would fit: (units,)."""
    after = np.concatenate([np.cumsum(gaps[::-1])[::-1], [0.0]])
    first = np.searchsorted(gaps, units)
    return np.asarray(after[first] - (len(gaps) - first) * (units - 1))
