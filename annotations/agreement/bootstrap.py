"""Drawing new samples: how a figure would vary had other units, or threads, been sampled.

The percentile bootstrap of Efron and Tibshirani (1993), An Introduction to the Bootstrap,
chapter 13. Comments of one thread are not independent, so where clusters are given whole
clusters are drawn (Davison and Hinkley 1997, Bootstrap Methods, section 3.8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from annotations.agreement.ratings import Floats, Ints

AT_ONCE = 4_000_000  # numbers held at a time: 32 MB
DENSE = 20_000_000

Statistic = Callable[[Floats], Floats]
"""From frequencies of kinds, (n, kinds), to a figure for each row, (n,); nan if undefined."""


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """What is drawn. ``kind``: (cases,), of which of the ``kinds`` kinds each case is.

    ``cluster``: (cases,), numbered from 0; None if each case is drawn by itself. ``size``:
    (cases,), how much each counts; None if each counts 1.
    """

    kind: Ints
    kinds: int
    cluster: Ints | None = None
    size: Floats | None = None

    @property
    def frequency(self) -> Floats:
        """How often each kind occurs: (kinds,)."""
        return np.bincount(self.kind, self.size, minlength=self.kinds).astype(np.float64)

    @property
    def cluster_count(self) -> int:
        """How many things are drawn."""
        if self.cluster is None:
            return len(self.kind)
        return int(self.cluster.max()) + 1 if len(self.cluster) else 0


@dataclass(frozen=True, slots=True)
class Interval:
    """``low`` to ``high`` covers ``level``; ``undefined`` of ``resamples`` had no figure.

    ``drawn`` counts what was drawn: clusters, or units where there are none.
    """

    low: float
    high: float
    level: float
    resamples: int
    undefined: int
    seed: int
    drawn: int
    clustered: bool


def interval(
    statistic: Statistic, cases: Cases, *, seed: int, resamples: int = 1000, level: float = 0.95
) -> Interval | None:
    """The percentile interval of a figure; None if fewer than half of the samples have one."""
    return intervals([statistic], cases, seed=seed, resamples=resamples, level=level)[0]


def intervals(
    statistics: Sequence[Statistic],
    cases: Cases,
    *,
    seed: int,
    resamples: int = 1000,
    level: float = 0.95,
) -> list[Interval | None]:
    """The interval of each figure, all from the same samples, which are drawn once."""
    if cases.cluster_count < 2 or not resamples:
        return [None] * len(statistics)
    found: list[list[Floats]] = [[] for _ in statistics]
    for drawn in draws(cases, seed, resamples):
        for figures, statistic in zip(found, statistics, strict=True):
            figures.append(statistic(drawn))
    return [_percentiles(np.concatenate(one), cases, seed, level) for one in found]


def _percentiles(figures: Floats, cases: Cases, seed: int, level: float) -> Interval | None:
    resamples = len(figures)
    defined = figures[~np.isnan(figures)]
    if len(defined) < max(resamples / 2, 1):
        return None
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return Interval(
        low=float(low),
        high=float(high),
        level=level,
        resamples=resamples,
        undefined=resamples - len(defined),
        seed=seed,
        drawn=cases.cluster_count,
        clustered=cases.cluster is not None,
    )


def draws(cases: Cases, seed: int, resamples: int) -> Iterator[Floats]:
    """New frequencies of the kinds, some samples at a time: (n, kinds). The seed decides all."""
    rng = np.random.default_rng(seed)
    draw = _by_kind if cases.cluster is None and cases.size is None else _by_cluster
    step = max(1, AT_ONCE // max(cases.kinds, 1))
    for start in range(0, resamples, step):
        yield draw(cases, rng, min(step, resamples - start))


def _by_kind(cases: Cases, rng: np.random.Generator, samples: int) -> Floats:
    """Cases drawn one by one; a multinomial is the same and cheaper where kinds are few."""
    count = len(cases.kind)
    if 12 * cases.kinds <= count:
        shares = cases.frequency / count
        return rng.multinomial(count, shares / shares.sum(), size=samples).astype(np.float64)
    drawn = np.empty((samples, cases.kinds))
    for row in drawn:
        row[:] = np.bincount(cases.kind[rng.integers(0, count, count)], minlength=cases.kinds)
    return drawn


def _by_cluster(cases: Cases, rng: np.random.Generator, samples: int) -> Floats:
    clusters = np.arange(len(cases.kind)) if cases.cluster is None else cases.cluster
    count, kinds = cases.cluster_count, cases.kinds
    dense = count * kinds <= DENSE
    if dense:
        places = clusters * kinds + cases.kind
        content = np.bincount(places, cases.size, minlength=count * kinds).reshape(count, kinds)
        content = content.astype(np.float64)
    size = 1.0 if cases.size is None else cases.size
    drawn = np.empty((samples, kinds))
    for row in drawn:
        times = np.bincount(rng.integers(0, count, count), minlength=count).astype(np.float64)
        row[:] = (
            times @ content if dense else np.bincount(cases.kind, times[clusters] * size, kinds)
        )
    return drawn
