"""Reliability data: which annotator gave which value to which unit."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Ratings:
    """One row a rating, sparse: who did not rate a unit has no row.

    ``units``, ``raters`` and ``values`` have the shape (ratings,). Units are numbered from 0 to
    ``unit_count`` - 1 and raters likewise; a value is the place of what was answered in ``scale``,
    which holds all that could have been answered, in order.
    """

    units: Ints
    raters: Ints
    values: Ints
    scale: tuple[Hashable, ...]
    unit_count: int
    rater_count: int

    @property
    def count(self) -> int:
        return len(self.values)


def ratings(
    units: npt.ArrayLike, raters: npt.ArrayLike, values: npt.ArrayLike, scale: Sequence[Hashable]
) -> Ratings:
    """Ratings from ids. ``units`` and ``raters`` are any whole numbers, ``values`` places in scale.

    Raises ValueError if the arrays differ in length, a value is outside the scale, or somebody
    rated a unit twice: which of the two counts is for the caller to say.
    """
    unit_codes, unit_ids = numbered(units)
    rater_codes, rater_ids = numbered(raters)
    places = np.asarray(values, dtype=np.int64)
    if not len(unit_codes) == len(rater_codes) == len(places):
        raise ValueError("units, raters and values differ in length")
    if len(places) and not 0 <= places.min() <= places.max() < len(scale):
        raise ValueError("a value is outside the scale")
    _refuse_repeats(unit_codes * max(len(rater_ids), 1) + rater_codes)
    return Ratings(unit_codes, rater_codes, places, tuple(scale), len(unit_ids), len(rater_ids))


def number_ratings(units: npt.ArrayLike, raters: npt.ArrayLike, numbers: npt.ArrayLike) -> Ratings:
    """Ratings with numbers, whose scale is the numbers that occur, lowest first."""
    found, places = np.unique(np.asarray(numbers, dtype=np.float64), return_inverse=True)
    return ratings(units, raters, places, tuple(found.tolist()))


def set_ratings(
    units: npt.ArrayLike, raters: npt.ArrayLike, sets: Iterable[Iterable[Hashable]]
) -> Ratings:
    """Ratings with sets of labels, whose scale is the sets that occur, in order of appearance."""
    places: dict[frozenset[Hashable], int] = {}
    values = [places.setdefault(frozenset(one), len(places)) for one in sets]
    return ratings(units, raters, np.array(values, dtype=np.int64), tuple(places))


def restricted(given: Ratings, places: Sequence[int]) -> Ratings:
    """Only the ratings with these values, which become the scale, in this order.

    For the figure of a scale without the labels that stand outside it. Units and raters keep
    their numbers, also those that are left without a rating.
    """
    new = np.full(len(given.scale), -1, dtype=np.int64)
    new[np.asarray(places, dtype=np.int64)] = np.arange(len(places))
    kept = new[given.values] >= 0
    return replace(
        given,
        units=given.units[kept],
        raters=given.raters[kept],
        values=new[given.values[kept]],
        scale=tuple(given.scale[place] for place in places),
    )


def numbered(ids: npt.ArrayLike) -> tuple[Ints, Ints]:
    """Each id's number from 0 in ascending order, and the ids in that order.

    Ids that lie close together, as those of a table do, are not sorted but ticked off.
    """
    given = np.asarray(ids, dtype=np.int64)
    if not len(given):
        return given, given
    lowest = int(given.min())
    span = int(given.max()) - lowest + 1
    if span > 8 * len(given) + 1024:
        found, codes = np.unique(given, return_inverse=True)
        return codes.astype(np.int64), found
    present = np.zeros(span, dtype=bool)
    present[given - lowest] = True
    places = np.cumsum(present, dtype=np.int64) - 1
    return places[given - lowest], np.flatnonzero(present) + lowest


def summed(places: Ints, weights: Floats | None, count: int) -> Floats:
    """The sum of the weights at each place from 0 to ``count`` - 1; 1 each without weights."""
    return np.bincount(places, weights, minlength=count).astype(np.float64)


def _refuse_repeats(pairs: Ints) -> None:
    ordered = np.sort(pairs)
    if (ordered[1:] == ordered[:-1]).any():
        raise ValueError("somebody rated a unit twice")


def table_ratings(rows: Iterable[Sequence[Any]], missing: object = None) -> Ratings:
    """Ratings from a table as papers print it: a row a unit, a column a rater.

    The scale is the values that occur, sorted; ``missing`` marks what was not rated.
    """
    cells = [
        (unit, rater, value)
        for unit, row in enumerate(rows)
        for rater, value in enumerate(row)
        if value != missing
    ]
    scale = sorted({value for _, _, value in cells})
    place = {value: index for index, value in enumerate(scale)}
    units, raters, values = ([cell[i] for cell in cells] for i in range(3))
    return ratings(units, raters, [place[value] for value in values], tuple(scale))
