"""A figure as it is reported: with its interval, and with the recipe that published ones hide.

Klie, Eckart de Castilho and Gurevych (2024), Analyzing Dataset Annotation Quality Management in
the Wild, Computational Linguistics 50(3), find agreement often reported without saying how.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotations.agreement import alpha as krippendorff
from annotations.agreement import chance
from annotations.agreement.bootstrap import Interval, Statistic, intervals
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


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """A figure that is still to be computed: what it is called and how it follows from patterns.

    ``of`` are the patterns that it is a figure of.
    """

    name: str
    distance: str
    of: Patterns
    statistic: Statistic


def alpha_measure(of: Patterns, distance: Distance) -> Measure:
    """Krippendorff's alpha."""
    return Measure("Krippendorff's alpha", distance.name, of, krippendorff.alpha(of, distance))


def percent_measure(of: Patterns, credit: Floats | None = None) -> Measure:
    """Percent agreement."""
    return Measure("Percent agreement", _weighed(credit), of, chance.percent(of, credit))


def fleiss_measure(of: Patterns, credit: Floats | None = None) -> Measure:
    """Fleiss' kappa."""
    return Measure("Fleiss' kappa", _weighed(credit), of, chance.fleiss(of, credit))


def gwet_measure(of: Patterns, credit: Floats | None = None) -> Measure:
    """Gwet's AC1, or AC2 with a ``credit``."""
    name = "Gwet's AC1" if credit is None else "Gwet's AC2"
    return Measure(name, _weighed(credit), of, chance.gwet(of, credit))


def figures(measures: Sequence[Measure], *, seed: int, resamples: int = RESAMPLES) -> list[Figure]:
    """The figures with their intervals; ``resamples`` 0 leaves the intervals out.

    All are of the same units (patterns, and what was recoded from them), so that one drawing of
    samples serves them all. Raises ValueError if they are not.
    """
    if not measures:
        return []
    cases = measures[0].of.cases
    if any(one.of.cases is not cases for one in measures):
        raise ValueError("figures that are drawn together are of the same units")
    found = intervals([one.statistic for one in measures], cases, seed=seed, resamples=resamples)
    return [_figure(one, drawn) for one, drawn in zip(measures, found, strict=True)]


def alpha_figure(
    patterns: Patterns, distance: Distance, *, seed: int, resamples: int = RESAMPLES
) -> Figure:
    """Krippendorff's alpha with its interval; ``resamples`` 0 leaves the interval out."""
    return figures([alpha_measure(patterns, distance)], seed=seed, resamples=resamples)[0]


def percent_figure(
    patterns: Patterns,
    *,
    seed: int,
    resamples: int = RESAMPLES,
    credit: Floats | None = None,
) -> Figure:
    """Percent agreement with its interval."""
    return figures([percent_measure(patterns, credit)], seed=seed, resamples=resamples)[0]


def fleiss_figure(
    patterns: Patterns,
    *,
    seed: int,
    resamples: int = RESAMPLES,
    credit: Floats | None = None,
) -> Figure:
    """Fleiss' kappa with its interval."""
    return figures([fleiss_measure(patterns, credit)], seed=seed, resamples=resamples)[0]


def gwet_figure(
    patterns: Patterns,
    *,
    seed: int,
    resamples: int = RESAMPLES,
    credit: Floats | None = None,
) -> Figure:
    """Gwet's AC1, or AC2 with a ``credit``, with its interval."""
    return figures([gwet_measure(patterns, credit)], seed=seed, resamples=resamples)[0]


def _weighed(credit: Floats | None) -> str:
    return "nominal" if credit is None else "weighted"


def _figure(measure: Measure, drawn: Interval | None) -> Figure:
    of = measure.of
    counts, sizes = of.frequency, of.sizes
    value = float(measure.statistic(counts[None, :])[0])
    defined = not np.isnan(value)
    return Figure(
        name=measure.name,
        value=value if defined else None,
        reason="" if defined else krippendorff.undefined(of),
        interval=drawn if defined else None,
        distance=measure.distance,
        units=int(counts[sizes > 1].sum()),
        single=int(counts[sizes == 1].sum()),
        raters=of.rater_count,
        ratings=int(counts @ sizes),
    )
