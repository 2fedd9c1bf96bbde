"""Two annotators at a time: Cohen's kappa, and who agrees with whom.

Cohen (1960), A Coefficient of Agreement for Nominal Scales; Cohen (1968), Weighted Kappa. Also the
figure of a person against gold labels, or of people against a model: either is an annotator.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from annotations.agreement.bootstrap import Cases, Statistic, interval
from annotations.agreement.figure import RESAMPLES, Figure
from annotations.agreement.ratings import Floats, Ints, Ratings, numbered


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two raters, by number, and ``table``: (values, values), what they said of common units.

    Rows are what ``first`` said.
    """

    first: int
    second: int
    table: Floats

    @property
    def units(self) -> int:
        """How many units both rated."""
        return int(self.table.sum())


def pairs(given: Ratings) -> Iterator[Pair]:
    """Every two raters who have a unit in common, by number."""
    ones, others = meetings(given)
    values, raters = len(given.scale), given.rater_count
    meeting = given.raters[ones] * raters + given.raters[others]
    said = given.values[ones] * values + given.values[others]
    order = np.argsort(meeting, kind="stable")
    found, starts = np.unique(meeting[order], return_index=True)
    for place, cells in zip(found, np.split(said[order], starts[1:]), strict=False):
        table = np.bincount(cells, minlength=values * values).reshape(values, values)
        yield Pair(int(place // raters), int(place % raters), table.astype(np.float64))


def cohen(credit: Floats) -> Statistic:
    """Cohen's kappa of tables laid flat, (n, values · values), by what two values count.

    ``credit``, (values, values), is 1 for full agreement: ``numpy.eye`` for plain kappa,
    ``chance.linear`` or ``chance.quadratic`` for weighted ones. Undefined where nothing was
    rated by both, or either always says the same and so does the other.
    """
    values = len(credit)

    def statistic(tables: Floats) -> Floats:
        cells = tables.reshape(-1, values, values)
        count = cells.sum(axis=(1, 2))
        shares = cells / np.where(count > 0, count, 1)[:, None, None]
        rows, columns = shares.sum(axis=2), shares.sum(axis=1)
        agreed = (shares * credit).sum(axis=(1, 2))
        chance = ((rows @ credit) * columns).sum(axis=1)
        defined = (count > 0) & (1 - chance > 1e-12)
        return np.where(defined, (agreed - chance) / np.where(defined, 1 - chance, 1), np.nan)

    return statistic


def kappa_figure(
    given: Ratings,
    first: int,
    second: int,
    *,
    seed: int,
    resamples: int = RESAMPLES,
    credit: Floats | None = None,
    clusters: npt.ArrayLike | None = None,
) -> Figure:
    """Cohen's kappa of two raters, by number, with its interval.

    ``clusters``, (units,): which units are drawn together, as the comments of a thread are.
    ``resamples`` 0 leaves the interval out.
    """
    left, right = _answers(given, first), _answers(given, second)
    units = np.flatnonzero((left >= 0) & (right >= 0))
    values = len(given.scale)
    groups = None if clusters is None else numbered(np.asarray(clusters)[units])[0]
    cases = Cases(left[units] * values + right[units], values * values, groups)
    statistic = cohen(np.eye(values) if credit is None else credit)
    value = float(statistic(cases.frequency[None, :])[0])
    defined = not np.isnan(value)
    return Figure(
        name="Cohen's kappa",
        value=value if defined else None,
        reason="" if defined else (ALWAYS_THE_SAME if len(units) else NEVER_MET),
        interval=interval(statistic, cases, seed=seed, resamples=resamples)
        if defined and resamples
        else None,
        distance="nominal" if credit is None else "weighted",
        units=len(units),
        single=int(((left >= 0) ^ (right >= 0)).sum()),
        raters=2,
        ratings=int((left >= 0).sum() + (right >= 0).sum()),
    )


NEVER_MET = "The two have rated no unit in common."
ALWAYS_THE_SAME = "Both gave one and the same value to every unit that they have in common."


def _answers(given: Ratings, rater: int) -> Ints:
    """What a rater said of each unit: (units,), -1 where nothing."""
    said = np.full(given.unit_count, -1, dtype=np.int64)
    theirs = given.raters == rater
    said[given.units[theirs]] = given.values[theirs]
    return said


def kappa_matrix(given: Ratings, credit: Floats | None = None) -> tuple[Floats, Ints]:
    """Cohen's kappa of every two raters, and how many units they share: (raters, raters) each.

    nan where it is not defined, as on the diagonal.
    """
    kappas = np.full((given.rater_count, given.rater_count), np.nan)
    shared = np.zeros((given.rater_count, given.rater_count), dtype=np.int64)
    statistic = cohen(np.eye(len(given.scale)) if credit is None else credit)
    for pair in pairs(given):
        value = statistic(pair.table.reshape(1, -1))[0]
        for one, other in ((pair.first, pair.second), (pair.second, pair.first)):
            kappas[one, other] = value
            shared[one, other] = pair.units
    return kappas, shared


def meetings(given: Ratings) -> tuple[Ints, Ints]:
    """Each two ratings of one unit, as places in the ratings; the lower rater first."""
    order = np.lexsort((given.raters, given.units))
    sizes = np.bincount(given.units, minlength=given.unit_count)
    starts = np.cumsum(sizes) - sizes
    ones: list[Ints] = [np.zeros(0, dtype=np.int64)]
    others: list[Ints] = [np.zeros(0, dtype=np.int64)]
    for step in range(1, int(sizes.max(initial=1))):
        for place in range(int(sizes.max()) - step):
            units = sizes > place + step
            ones.append(order[starts[units] + place])
            others.append(order[starts[units] + place + step])
    return np.concatenate(ones), np.concatenate(others)
