"""How far apart two values are: what a disagreement weighs in Krippendorff's alpha.

The difference functions of Krippendorff (2011), Computing Krippendorff's Alpha-Reliability
(there squared already), and for sets those of Passonneau (2006), Measuring Agreement on Set-valued
Items (MASI), LREC 2006.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np

from annotations.agreement.patterns import Patterns
from annotations.agreement.ratings import Floats, Ints

ROWS_AT_ONCE = 500


class Distance(Protocol):
    """``name`` is what the recipe of a figure says."""

    @property
    def name(self) -> str: ...

    def observed(self, patterns: Patterns, weights: Floats, totals: Floats) -> Floats:
        """The differences within units: each two ratings of a unit of m, over m - 1, both ways.

        ``weights``: (n, patterns), ``totals``: (n, values); gives (n,).
        """

    def expected(self, totals: Floats) -> Floats:
        """The differences between all ratings, whatever their units, both ways: (n,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """A difference that depends on the two values alone.

    ``between`` takes two arrays of values, which may broadcast, and gives their differences.
    """

    name: str
    between: Callable[[Ints, Ints], Floats]

    def observed(self, patterns: Patterns, weights: Floats, totals: Floats) -> Floats:
        within = np.zeros(patterns.count)
        for block in patterns.blocks:
            for one, other in block.pairs():
                within[block.places] += 2 * self.between(one, other) / (block.size - 1)
        return weights @ within

    def expected(self, totals: Floats) -> Floats:
        values = np.arange(totals.shape[1])
        found = np.zeros(len(totals))
        for start in range(0, len(values), ROWS_AT_ONCE):
            some = values[start : start + ROWS_AT_ONCE]
            matrix = self.between(some[:, None], values[None, :])
            found += ((totals[:, some] @ matrix) * totals).sum(axis=1)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class OnALine:
    """The squared distance of two places; ``places`` gives those of the values, (n, values)."""

    name: str
    places: Callable[[Floats], Floats]

    def observed(self, patterns: Patterns, weights: Floats, totals: Floats) -> Floats:
        places = self.places(totals)
        found = np.zeros(len(weights))
        for block in patterns.blocks:
            for one, other in block.pairs():
                apart = (places[:, one] - places[:, other]) ** 2
                found += 2 * (apart * weights[:, block.places]).sum(axis=1) / (block.size - 1)
        return found

    def expected(self, totals: Floats) -> Floats:
        count = totals.sum(axis=1, keepdims=True)
        places = self.places(totals)
        middle = (totals * places).sum(axis=1, keepdims=True) / np.maximum(count, 1)
        return np.asarray(2 * count[:, 0] * (totals * (places - middle) ** 2).sum(axis=1))


NOMINAL = Fixed("nominal", lambda one, other: (one != other).astype(np.float64))
"""Two values are the same or not: for labels without order."""


def _middle_ranks(totals: Floats) -> Floats:
    return np.asarray(np.cumsum(totals, axis=1) - totals / 2)


ORDINAL = OnALine("ordinal", _middle_ranks)
"""As many ratings as lie between two values: for labels in order, without known steps."""


def interval(scale: Iterable[Hashable]) -> OnALine:
    """The squared difference of the numbers in the scale."""
    numbers = _numbers(scale)[None, :]
    return OnALine("interval", lambda totals: np.broadcast_to(numbers, totals.shape))


def ratio(scale: Iterable[Hashable]) -> Fixed:
    """The squared difference in proportion to the sum, for numbers from a true zero.

    Raises ValueError if the scale has a number below zero.
    """
    numbers = _numbers(scale)
    if (numbers < 0).any():
        raise ValueError("a ratio scale has no numbers below zero")

    def between(one: Ints, other: Ints) -> Floats:
        together = numbers[one] + numbers[other]
        apart = numbers[one] - numbers[other]
        return np.asarray((apart / np.where(together == 0, 1, together)) ** 2)

    return Fixed("ratio", between)


def jaccard(scale: Iterable[Hashable]) -> Fixed:
    """1 minus the share that two sets have in common. Two empty sets are the same."""
    shared = _shared(scale)

    def between(one: Ints, other: Ints) -> Floats:
        both, either, _ = shared(one, other)
        return np.asarray(1 - np.where(either == 0, 1, both) / np.maximum(either, 1))

    return Fixed("Jaccard", between)


def masi(scale: Iterable[Hashable]) -> Fixed:
    """Jaccard's share times 1 for the same set, 2/3 if one holds the other, 1/3 if they overlap."""
    shared = _shared(scale)

    def between(one: Ints, other: Ints) -> Floats:
        both, either, smaller = shared(one, other)
        factor = np.where(both == either, 1, np.where(both == smaller, 2 / 3, 1 / 3))
        return np.asarray(1 - factor * np.where(either == 0, 1, both) / np.maximum(either, 1))

    return Fixed("MASI", between)


def _numbers(scale: Iterable[Hashable]) -> Floats:
    return np.array([float(cast(float, value)) for value in scale])


def membership(scale: Iterable[Hashable], labels: Iterable[Hashable]) -> Floats:
    """Which label is in which value: (values, labels), 1 or 0. A value is a label or a set."""
    sets = [value if isinstance(value, frozenset) else {value} for value in scale]
    columns = list(labels)
    return np.array([[float(label in one) for label in columns] for one in sets]).reshape(
        len(sets), len(columns)
    )


def _shared(scale: Iterable[Hashable]) -> Callable[[Ints, Ints], tuple[Floats, Floats, Floats]]:
    """How many labels two sets have: both, at least one, and the smaller of the two."""
    sets = [cast(frozenset[Hashable], value) for value in scale]
    member = membership(sets, sorted({label for one in sets for label in one}, key=repr))
    sizes = member.sum(axis=1)

    def shared(one: Ints, other: Ints) -> tuple[Floats, Floats, Floats]:
        if one.ndim == 2:
            both = member[one[:, 0]] @ member[other[0]].T
        else:
            both = (member[one] * member[other]).sum(axis=1)
        either = sizes[one] + sizes[other] - both
        return both, either, np.minimum(sizes[one], sizes[other])

    return shared
