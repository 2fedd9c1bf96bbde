"""Percent agreement, and what remains of it when chance is taken off: Fleiss' kappa, Gwet's AC.

All three in the form of Gwet (2014), Handbook of Inter-Rater Reliability, 4th edition, chapters 4
and 5, which takes unequal numbers of ratings; with equal numbers Fleiss' kappa is that of Fleiss
(1971), Measuring Nominal Scale Agreement among Many Raters. ``credit``, (values, values), is what
two values count as agreement, from 0 to 1: the identity if left out.
"""

from __future__ import annotations

import numpy as np

from annotations.agreement.bootstrap import Statistic
from annotations.agreement.patterns import Patterns
from annotations.agreement.ratings import Floats


def percent(patterns: Patterns, credit: Floats | None = None) -> Statistic:
    """The share of pairs of ratings that agree, averaged over units with two ratings or more.

    Undefined where there is no such unit.
    """
    within = _within(patterns, _credit(patterns, credit))
    paired = (patterns.sizes > 1).astype(np.float64)

    def statistic(weights: Floats) -> Floats:
        units = weights @ paired
        return np.where(units > 0, (weights @ within) / np.where(units > 0, units, 1), np.nan)

    return statistic


def fleiss(patterns: Patterns, credit: Floats | None = None) -> Statistic:
    """Fleiss' kappa. Chance: two annotators who draw from the shares of the values.

    Undefined where no unit has two ratings, or all ratings are the same.
    """
    credits = _credit(patterns, credit)
    agreed = percent(patterns, credits)

    def statistic(weights: Floats) -> Floats:
        shares = _shares(patterns, weights)
        return _corrected(agreed(weights), ((shares @ credits) * shares).sum(axis=1))

    return statistic


def gwet(patterns: Patterns, credit: Floats | None = None) -> Statistic:
    """Gwet's AC1, or AC2 with a ``credit``. Chance: some units are hard, and there people guess.

    The whole scale counts, also values that nobody gave. Undefined where no unit has two ratings
    or the scale has one value.
    """
    credits = _credit(patterns, credit)
    agreed = percent(patterns, credits)
    values = len(patterns.scale)

    def statistic(weights: Floats) -> Floats:
        if values < 2:
            return np.full(len(weights), np.nan)
        shares = _shares(patterns, weights)
        spread = (shares * (1 - shares)).sum(axis=1)
        return _corrected(agreed(weights), credits.sum() * spread / (values * (values - 1)))

    return statistic


def disagreements(patterns: Patterns, credit: Floats | None = None) -> Floats:
    """The share of pairs of ratings that differ, for each unit: (units,).

    nan for units with fewer than two ratings. To find the units that want a decision first.
    """
    within = np.where(patterns.sizes > 1, 1 - _within(patterns, _credit(patterns, credit)), np.nan)
    return np.asarray(within[patterns.cases.kind])


def linear(numbers: Floats) -> Floats:
    """Credit that falls with the distance of two numbers: 1 for the same, 0 for the extremes."""
    apart = np.abs(numbers[:, None] - numbers[None, :])
    return np.asarray(1 - apart / max(float(apart.max(initial=0)), 1e-300))


def quadratic(numbers: Floats) -> Floats:
    """Credit that falls with the squared distance."""
    return np.asarray(1 - (1 - linear(numbers)) ** 2)


def ordinal(values: int) -> Floats:
    """Credit by the number of pairs of values that two values span (Gwet 2014, chapter 3)."""
    apart = np.abs(np.arange(values)[:, None] - np.arange(values)[None, :])
    spanned = apart * (apart + 1) / 2
    return np.asarray(1 - spanned / max(float(spanned.max(initial=0)), 1e-300))


def _credit(patterns: Patterns, credit: Floats | None) -> Floats:
    return np.eye(len(patterns.scale)) if credit is None else credit


def _within(patterns: Patterns, credits: Floats) -> Floats:
    """The agreement within a unit of each pattern: (patterns,), 0 where there is one rating."""
    found = np.zeros(patterns.count)
    for block in patterns.blocks:
        for one, other in block.pairs():
            found[block.places] += 2 * credits[one, other] / (block.size * (block.size - 1))
    return found


def _shares(patterns: Patterns, weights: Floats) -> Floats:
    """The share of each value, each unit counting the same: (n, values)."""
    shares = patterns.totals(weights / np.maximum(patterns.sizes, 1))
    units = (weights @ (patterns.sizes > 0).astype(np.float64))[:, None]
    return np.asarray(shares / np.where(units > 0, units, 1))


def _corrected(agreed: Floats, chance: Floats) -> Floats:
    room = 1 - chance
    defined = room > 1e-12
    return np.where(defined, (agreed - chance) / np.where(defined, room, 1), np.nan)
