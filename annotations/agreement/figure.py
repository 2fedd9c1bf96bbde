"""A figure as it is reported: with its interval, and with the recipe that published ones hide.

Klie, Eckart de Castilho and Gurevych (2024), Analyzing Dataset Annotation Quality Management in
the Wild, Computational Linguistics 50(3), find agreement often reported without saying how.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from annotations.agreement import alpha as krippendorff
from annotations.agreement import chance
from annotations.agreement.bootstrap import Interval, Statistic, interval
from annotations.agreement.distances import Distance
from annotations.agreement.patterns import Patterns
from annotations.agreement.ratings import Floats

RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Figure:
    """``value`` is None where it is not defined, and ``reason`` then says why.

    ``units`` have two ratings or more; ``single`` have one and ``ratings`` are all that were
    given; of stretches these are characters. ``distance`` is how differences were weighed.
    """

    name: str
    value: float | None
    reason: str
    interval: Interval | None
    distance: str
    units: int
    single: int
    raters: int
    ratings: int

    @property
    def recipe(self) -> str:
        """What the figure was made of, in a sentence or two."""
        parts = [
            f"{self.name} ({self.distance}). Units with two ratings or more: {self.units:,}, "
            f"with one: {self.single:,}; annotators: {self.raters:,}; ratings: {self.ratings:,}."
        ]
        drawn = self.interval
        if drawn is not None:
            what = "clusters" if drawn.clustered else "units"
            parts.append(
                f"{drawn.level:.0%} percentile interval from {drawn.resamples:,} resamples of "
                f"{drawn.drawn:,} {what}, seed {drawn.seed}, {drawn.undefined:,} without a figure."
            )
        return " ".join(parts)


def alpha_figure(
    patterns: Patterns, distance: Distance, *, seed: int, resamples: int = RESAMPLES
) -> Figure:
    """Krippendorff's alpha with its interval; ``resamples`` 0 leaves the interval out."""
    return _figure(
        "Krippendorff's alpha",
        distance.name,
        patterns,
        krippendorff.alpha(patterns, distance),
        seed,
        resamples,
    )


def percent_figure(
    patterns: Patterns,
    *,
    seed: int,
    resamples: int = RESAMPLES,
    credit: Floats | None = None,
) -> Figure:
    """Percent agreement with its interval."""
    statistic = chance.percent(patterns, credit)
    return _figure("Percent agreement", _weighed(credit), patterns, statistic, seed, resamples)


def fleiss_figure(
    patterns: Patterns,
    *,
    seed: int,
    resamples: int = RESAMPLES,
    credit: Floats | None = None,
) -> Figure:
    """Fleiss' kappa with its interval."""
    statistic = chance.fleiss(patterns, credit)
    return _figure("Fleiss' kappa", _weighed(credit), patterns, statistic, seed, resamples)


def gwet_figure(
    patterns: Patterns,
    *,
    seed: int,
    resamples: int = RESAMPLES,
    credit: Floats | None = None,
) -> Figure:
    """Gwet's AC1, or AC2 with a ``credit``, with its interval."""
    name = "Gwet's AC1" if credit is None else "Gwet's AC2"
    statistic = chance.gwet(patterns, credit)
    return _figure(name, _weighed(credit), patterns, statistic, seed, resamples)


def _weighed(credit: Floats | None) -> str:
    return "nominal" if credit is None else "weighted"


def _figure(
    name: str, distance: str, patterns: Patterns, statistic: Statistic, seed: int, resamples: int
) -> Figure:
    counts, sizes = patterns.frequency, patterns.sizes
    value = float(statistic(patterns.frequency[None, :])[0])
    defined = not np.isnan(value)
    return Figure(
        name=name,
        value=value if defined else None,
        reason="" if defined else krippendorff.undefined(patterns),
        interval=interval(statistic, patterns.cases, seed=seed, resamples=resamples)
        if defined and resamples
        else None,
        distance=distance,
        units=int(counts[sizes > 1].sum()),
        single=int(counts[sizes == 1].sum()),
        raters=patterns.rater_count,
        ratings=int(counts @ sizes),
    )
