"""Krippendorff's alpha, for any number of annotators, missing ratings and every distance.

Krippendorff (2011), Computing Krippendorff's Alpha-Reliability:
alpha = 1 - (n - 1) · Σ o_ck δ_ck / Σ n_c n_k δ_ck, where o are the coincidences of values within
units, n_c how often a value occurs, and n all ratings of units that have two or more.
"""

from __future__ import annotations

import numpy as np

from annotations.agreement.bootstrap import Statistic
from annotations.agreement.distances import Distance
from annotations.agreement.patterns import Patterns
from annotations.agreement.ratings import Floats


def alpha(patterns: Patterns, distance: Distance) -> Statistic:
    """1 is perfect agreement, 0 what chance gives, below 0 systematic disagreement.

    Undefined where no unit has two ratings, or all ratings that can be paired are the same.
    """
    paired = (patterns.sizes > 1).astype(np.float64)

    def statistic(weights: Floats) -> Floats:
        usable = weights * paired
        totals = patterns.totals(usable)
        count = totals.sum(axis=1)
        varied = (totals > 0).sum(axis=1) > 1
        expected = distance.expected(totals)
        defined = varied & (expected > 0)
        observed = distance.observed(patterns, usable, totals)
        ratio = (count - 1) * observed / np.where(defined, expected, 1)
        return np.where(defined, 1 - ratio, np.nan)

    return statistic


def undefined(patterns: Patterns) -> str:
    """Why alpha is not defined for these units, as a sentence; empty if it is."""
    usable = patterns.frequency * (patterns.sizes > 1)
    if not usable.any():
        return "No unit has two ratings, so there is nothing to compare."
    if (patterns.totals(usable[None, :]) > 0).sum() < 2:
        return (
            "All ratings are the same. Without any variation nobody can tell agreement from habit."
        )
    return ""
