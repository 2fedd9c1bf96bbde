"""Dawid and Skene's model: each annotator confuses each true value with others at own rates.

Dawid and Skene (1979), Maximum Likelihood Estimation of Observer Error-Rates Using the EM
Algorithm, Applied Statistics 28(1): equations 2.3 to 2.5, started from 3.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from annotations.aggregation.majority import soft_labels
from annotations.aggregation.opinion import Opinion, normalized
from annotations.agreement.ratings import Floats, Ratings, summed


@dataclass(frozen=True, slots=True, eq=False)
class DawidSkene(Opinion):
    """``confusion``: (raters, true values, said values), rows sum to 1; ``prior``: (values,).

    Competence is how often the annotator is expected to be right: Σ prior · confusion[v, v].
    """

    confusion: Floats
    prior: Floats


def dawid_skene(
    given: Ratings, *, rounds: int = 100, tolerance: float = 1e-6, smoothing: float = 0.01
) -> DawidSkene:
    """Expectation maximization from the soft labels, the same for the same ratings.

    ``smoothing`` is added to each cell of the confusion matrices before dividing, so that an
    annotator with few ratings is neither infallible nor always wrong; 0 is the paper's model.
    Stops when the mean log likelihood of a unit rises by less than ``tolerance``. Raises
    ValueError if there are no ratings.
    """
    if not given.count:
        raise ValueError("there are no ratings")
    posterior = soft_labels(given)
    history: list[float] = []
    converged = False
    while not converged and len(history) < rounds:
        prior = posterior.mean(axis=0)
        confusion = _confusion(given, posterior, smoothing)
        posterior, likelihood = _posterior(given, prior, confusion)
        history.append(likelihood)
        converged = len(history) > 1 and history[-1] - history[-2] < tolerance * given.unit_count
    right = np.diagonal(confusion, axis1=1, axis2=2)
    return DawidSkene(posterior, right @ prior, tuple(history), converged, confusion, prior)


def _confusion(given: Ratings, posterior: Floats, smoothing: float) -> Floats:
    """What each annotator says where the true value is each of the values."""
    values = len(given.scale)
    counts = np.empty((given.rater_count, values, values))
    said = given.raters * values + given.values
    for true in range(values):
        weights = posterior[given.units, true]
        found = summed(said, weights, given.rater_count * values)
        counts[:, true, :] = found.reshape(-1, values)
    counts += smoothing
    sums = counts.sum(axis=2, keepdims=True)
    return np.where(sums > 0, counts / np.where(sums > 0, sums, 1), 1 / values)


def _posterior(given: Ratings, prior: Floats, confusion: Floats) -> tuple[Floats, float]:
    logs = np.empty((given.unit_count, len(prior)))
    with np.errstate(divide="ignore"):  # the logarithm of 0: what cannot be stays so
        spoken, shares = np.log(confusion), np.log(prior)
    for true, share in enumerate(shares):
        weights = spoken[given.raters, true, given.values]
        logs[:, true] = share + summed(given.units, weights, given.unit_count)
    return normalized(logs)
