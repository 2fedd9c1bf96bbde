"""What most annotators said, and the whole distribution of what they said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from annotations.agreement.ratings import Floats, Ints, Ratings, summed

TIE = -1
_SLACK = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Majority:
    """``values``: (units,), the place in the scale, ``TIE`` where several are as frequent.

    ``shares``: (units,), the share of the winner, or of each of those that are tied.
    """

    values: Ints
    shares: Floats

    @property
    def tied(self) -> Ints:
        """The units without a winner."""
        return np.flatnonzero(self.values == TIE)


def soft_labels(
    given: Ratings, *, smoothing: float = 0.0, rater_weights: Floats | None = None
) -> Floats:
    """The share of each value among the ratings of each unit: (units, values).

    ``smoothing`` is added to each value's count before dividing; ``rater_weights``, (raters,),
    is how much each annotator's rating counts, 1 if left out.
    """
    values = len(given.scale)
    weights = None if rater_weights is None else rater_weights[given.raters]
    cells = given.units * values + given.values
    counts = summed(cells, weights, given.unit_count * values) + smoothing
    counts = counts.reshape(given.unit_count, values)
    return np.asarray(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-300))


def majority(given: Ratings, *, rater_weights: Floats | None = None) -> Majority:
    """The value with the largest share, weighted if weights are given."""
    return winners(soft_labels(given, rater_weights=rater_weights))


def winners(shares: Floats) -> Majority:
    """The largest of each row of shares, (units, values); two that are as large are a tie."""
    if not shares.size:
        return Majority(np.full(len(shares), TIE), np.zeros(len(shares)))
    best = shares.max(axis=1)
    tied = (shares >= best[:, None] - _SLACK).sum(axis=1) > 1
    return Majority(np.where(tied, TIE, shares.argmax(axis=1)), best)
