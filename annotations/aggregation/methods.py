"""One answer from many by a named method, with what it says of each annotator."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from annotations.aggregation.dawid_skene import dawid_skene
from annotations.aggregation.mace import mace
from annotations.aggregation.majority import Majority, soft_labels, winners
from annotations.agreement.ratings import Floats, Ratings

MAJORITY, WEIGHTED, DAWID_SKENE, MACE = "majority", "weighted", "dawid_skene", "mace"


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """``shares``: (units, values), the soft labels; ``chosen`` the value of each unit.

    ``competence``: (raters,), from 0 to 1, in the measure of the method: of a majority how often
    a person said what the majority said. ``details`` can be written as JSON.
    """

    shares: Floats
    chosen: Majority
    competence: Floats
    details: dict[str, Any] = field(default_factory=dict)


def aggregated(given: Ratings, method: str, *, seed: int) -> Told:
    """Raises ValueError if there are no ratings."""
    if not given.count:
        raise ValueError("there are no ratings")
    if method == MAJORITY:
        shares = soft_labels(given)
        chosen = winners(shares)
        return Told(shares, chosen, _with_the_majority(given, chosen))
    if method == MACE:
        return _by_mace(given, seed)
    model = dawid_skene(given)
    details = {
        "converged": model.converged,
        "rounds": len(model.log_likelihood),
        "prior": model.prior.tolist(),
        "confusion": model.confusion.tolist(),
    }
    if method == WEIGHTED:
        shares = soft_labels(given, rater_weights=model.competence)
        return Told(shares, winners(shares), model.competence, details)
    return Told(model.posterior, model.labels(), model.competence, details)


def _by_mace(given: Ratings, seed: int) -> Told:
    """Where one value is frequent, equal shares make everybody look like a guesser: the shares
    of all ratings stand in for those of the true values."""
    prior = soft_labels(given)[np.bincount(given.units, minlength=given.unit_count) > 0].mean(0)
    model = mace(given, seed=seed, prior=prior)
    details = {
        "converged": model.converged,
        "rounds": len(model.log_likelihood),
        "prior": prior.tolist(),
        "guesses": model.guesses.tolist(),
    }
    return Told(model.posterior, model.labels(), model.competence, details)


def _with_the_majority(given: Ratings, chosen: Majority) -> Floats:
    """nan for who only rated units whose answers are tied."""
    decided = chosen.values[given.units] >= 0
    raters = given.raters[decided]
    same = (given.values == chosen.values[given.units])[decided].astype(np.float64)
    counts = np.bincount(raters, minlength=given.rater_count)
    sums = np.bincount(raters, same, minlength=given.rater_count)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
