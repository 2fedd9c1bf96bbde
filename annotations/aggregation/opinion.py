"""What a model of the annotators makes of their ratings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from annotations.aggregation.majority import Majority, winners
from annotations.agreement.ratings import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Opinion:
    """``posterior``: (units, values), how likely each value is the true one; rows sum to 1.

    ``competence``: (raters,), from 0 to 1, by the model's own measure. ``log_likelihood``:
    after each round of EM, never falling for plain EM. ``converged`` is False if it was stopped.
    """

    posterior: Floats
    competence: Floats
    log_likelihood: tuple[float, ...]
    converged: bool

    def labels(self) -> Majority:
        """The likeliest value of each unit, with how likely it is."""
        return winners(self.posterior)


def normalized(logs: Floats) -> tuple[Floats, float]:
    """Rows of logarithms as probabilities, and the sum of the logarithms of what they summed to."""
    highest = logs.max(axis=1, keepdims=True)
    shares = np.exp(logs - highest)
    sums = shares.sum(axis=1, keepdims=True)
    return shares / sums, float((np.log(sums) + highest).sum())
