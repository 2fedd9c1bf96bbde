"""Where people disagree: unit by unit, by the depth of a comment, by thread.

The disagreement of a unit is the mean difference of each two of its ratings, from 0 to 1: whether
they differ for labels, MASI for sets, the distance in proportion to the scale for numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from annotations.agreement.distances import Fixed
from annotations.agreement.patterns import Patterns
from annotations.agreement.ratings import Floats, Ints

BANDS = ((0, 0), (1, 1), (2, 2), (3, 4), (5, 8), (9, None))
PRIOR_UNITS = 5


@dataclass(frozen=True, slots=True)
class Band:
    """Comments from one depth to another (None: and deeper), with their mean disagreement."""

    start: int
    end: int | None
    units: int
    disagreement: float


@dataclass(frozen=True, slots=True)
class Group:
    """The units of one thread, by its id, with their mean disagreement."""

    id: int
    units: int
    disagreement: float


def apart(numbers: Floats) -> Fixed:
    """The difference of two numbers in proportion to that of the lowest and the highest."""
    reach = max(float(np.ptp(numbers)) if len(numbers) else 0.0, 1e-300)
    return Fixed("linear", lambda one, other: np.abs(numbers[one] - numbers[other]) / reach)


def unit_disagreements(patterns: Patterns, distance: Fixed) -> Floats:
    """The mean difference within each unit: (units,), nan with fewer than two ratings."""
    within = np.full(patterns.count, np.nan)
    for block in patterns.blocks:
        if block.size < 2:
            continue
        found = np.zeros(len(block.values))
        for one, other in block.pairs():
            found += distance.between(one, other)
        within[block.places] = 2 * found / (block.size * (block.size - 1))
    return np.asarray(within[patterns.cases.kind])


def by_depth(disagreements: Floats, depths: Ints) -> list[Band]:
    """The bands that have units with two ratings; ``depths``, (units,), is -1 where none is."""
    known = ~np.isnan(disagreements)
    bands = []
    for start, end in BANDS:
        inside = known & (depths >= start)
        if end is not None:
            inside &= depths <= end
        count = int(inside.sum())
        if count:
            bands.append(Band(start, end, count, float(disagreements[inside].mean())))
    return bands


def by_group(disagreements: Floats, groups: Ints, most: int) -> list[Group]:
    """The ``most`` groups, such as threads, with the most disagreement; ``groups``: (units,) ids.

    A group of few units is easily extreme. So they are ranked by their mean as if each had
    ``PRIOR_UNITS`` units more with the mean of all; what is told is the mean itself.
    """
    known = ~np.isnan(disagreements)
    if not known.any():
        return []
    ids, places = np.unique(groups[known], return_inverse=True)
    found = disagreements[known]
    sums, counts = np.bincount(places, found), np.bincount(places)
    ranked = (sums + PRIOR_UNITS * found.mean()) / (counts + PRIOR_UNITS)
    order = np.lexsort((ids, -ranked))[:most]
    return [Group(int(ids[one]), int(counts[one]), float(sums[one] / counts[one])) for one in order]
