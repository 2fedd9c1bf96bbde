"""Two lists of answers to the same units: how often they are the same, and Cohen's kappa.

In the form of disagreements, kappa = 1 - D_o / D_e, with D_o the mean difference of the two
answers to a unit and D_e the mean difference of any answer of the one and any of the other: for
nominal differences that is Cohen (1960), for squared ones the quadratically weighted kappa of
Cohen (1968), and on numbers the concordance of Lin (1989), A Concordance Correlation Coefficient
to Evaluate Reproducibility, Biometrics 45.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from typing import Protocol

import numpy as np

from annotations.agreement.distances import Fixed
from annotations.agreement.pairs import meetings
from annotations.agreement.ratings import Floats, Ints, Ratings

FEW = 64
NORMAL_95 = 1.959963984540054


class Weighing(Protocol):
    """What a difference of two values weighs. ``name`` is what is printed."""

    @property
    def name(self) -> str: ...

    def observed(self, one: Ints, other: Ints) -> float:
        """The mean difference of the answers to the same units."""

    def expected(self, one: Ints, other: Ints) -> float:
        """The mean difference of any answer of one and any of the other."""


@dataclass(frozen=True, slots=True, eq=False)
class ByDistance:
    """The difference that alpha takes: nominal for labels, MASI for sets."""

    distance: Fixed
    values: int

    @property
    def name(self) -> str:
        return self.distance.name

    def observed(self, one: Ints, other: Ints) -> float:
        return float(self.distance.between(one, other).mean())

    def expected(self, one: Ints, other: Ints) -> float:
        left, how_often = _counted(one, self.values)
        right, how_often_right = _counted(other, self.values)
        apart = self.distance.between(left[:, None], right[None, :])
        return float(how_often @ apart @ how_often_right)


@dataclass(frozen=True, slots=True, eq=False)
class Squared:
    """The squared difference of the numbers, (values,), behind the values."""

    numbers: Floats
    name: str = "quadratic"

    def observed(self, one: Ints, other: Ints) -> float:
        return float(((self.numbers[one] - self.numbers[other]) ** 2).mean())

    def expected(self, one: Ints, other: Ints) -> float:
        left, right = self.numbers[one], self.numbers[other]
        return float(left.var() + right.var() + (left.mean() - right.mean()) ** 2)


@dataclass(frozen=True, slots=True)
class Compared:
    """Two lists of answers: ``units`` in both, ``same`` of them answered the same.

    ``kappa`` is None where there is no unit or no variation.
    """

    units: int
    same: int
    kappa: float | None

    @property
    def share(self) -> float | None:
        return self.same / self.units if self.units else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the share, by Wilson."""
        return wilson(self.share, self.units) if self.share is not None else None


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two raters, by number, on the units that both rated."""

    first: int
    second: int
    compared: Compared


def compared(one: Ints, other: Ints, weighing: Weighing) -> Compared:
    """The answers of two to the same units: (units,) each."""
    if not len(one):
        return Compared(0, 0, None)
    expected = weighing.expected(one, other)
    kappa = 1 - weighing.observed(one, other) / expected if expected > 1e-12 else None
    return Compared(len(one), int((one == other).sum()), kappa)


def met(given: Ratings, weighing: Weighing) -> Iterator[Meeting]:
    """Every two raters who have a unit in common, by number."""
    ones, others = meetings(given)
    codes = given.raters[ones] * given.rater_count + given.raters[others]
    order = np.argsort(codes, kind="stable")
    found, starts = np.unique(codes[order], return_index=True)
    left, right = given.values[ones[order]], given.values[others[order]]
    ends = np.append(starts[1:], len(order))[: len(found)]
    for code, start, end in zip(found.tolist(), starts.tolist(), ends.tolist(), strict=True):
        told = compared(left[start:end], right[start:end], weighing)
        yield Meeting(code // given.rater_count, code % given.rater_count, told)


def against(given: Ratings, truth: Ints, weighing: Weighing) -> list[Compared]:
    """Each rater beside one known answer a unit: ``truth``, (units,), -1 where there is none."""
    known = truth[given.units] >= 0
    raters, said = given.raters[known], given.values[known]
    right = truth[given.units[known]]
    order = np.argsort(raters, kind="stable")
    sizes = np.bincount(raters, minlength=given.rater_count)
    ends = np.cumsum(sizes)
    return [
        compared(said[order[end - size : end]], right[order[end - size : end]], weighing)
        for size, end in zip(sizes.tolist(), ends.tolist(), strict=True)
    ]


def wilson(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a share of ``count`` trials: Wilson (1927), Probable Inference, the
    Law of Succession, and Statistical Inference."""
    square = NORMAL_95**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    spread = sqrt(share * (1 - share) / count + square / (4 * count**2))
    half = NORMAL_95 * spread / (1 + square / count)
    return max(0.0, middle - half), min(1.0, middle + half)


def _counted(said: Ints, values: int) -> tuple[Ints, Floats]:
    """The values that occur, and the share of each."""
    if values <= FEW:
        counts = np.bincount(said, minlength=values)
        found = np.flatnonzero(counts)
        return found, counts[found] / len(said)
    found, counts = np.unique(said, return_counts=True)
    return found, counts / len(said)
