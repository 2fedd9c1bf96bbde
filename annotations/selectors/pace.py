"""How long people take for a unit, and which units took far longer or shorter than usual.

Times of work are skewed, so their logarithms are looked at, person by person: far is a modified
z-score beyond 3.5, from the median and the median absolute deviation (Iglewicz and Hoaglin 1993,
How to Detect and Handle Outliers). The database counts times to a tenth of a second, to a second
from a minute on, so that a million rows are some thousand counts.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from math import exp

import numpy as np
from django.db.models import Case, Count, F, Q, QuerySet, When
from django.db.models.functions import Floor

from annotations.agreement.ratings import Floats
from annotations.models import Annotation, Campaign, Unit

FAR = 3.5
CONSISTENT = 0.6745
FEWEST = 20
SHOWN = 50
SLICES = 24


@dataclass(frozen=True)
class Pace:
    """Seconds a unit: the ``median``, and from ``low`` to ``high`` what is usual for the person.

    These two are None for fewer than 20 units, or where most take exactly as long.
    """

    count: int
    median: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class FarOff:
    """An annotation that took far from what is usual for its annotator."""

    annotation: Annotation
    usual: float

    @property
    def is_fast(self) -> bool:
        return self.annotation.seconds < self.usual


@dataclass(frozen=True)
class Slice:
    """How many units took from ``start`` to ``end`` seconds."""

    start: float
    end: float
    count: int


Times = list[tuple[int, float, int]]
"""(membership, seconds, how often)."""


def times_of(campaign: Campaign) -> Times:
    """Counted in one query."""
    short = When(seconds__lt=60, then=Floor(F("seconds") * 10) / 10.0)
    binned = _timed(campaign).order_by().annotate(bin=Case(short, default=Floor("seconds")))
    rows = binned.values_list("membership", "bin").annotate(Count("pk"))
    return [(member, float(seconds), count) for member, seconds, count in rows if member]


def paces(times: Times) -> dict[int, Pace]:
    """By membership; who submitted nothing with a time has none."""
    found: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for member, seconds, count in times:
        found[member].append((seconds, count))
    return {member: _pace(np.array(sorted(counts))) for member, counts in found.items()}


def slices(times: Times) -> list[Slice]:
    """The times of all people, in intervals that grow by the same factor."""
    counted = [(seconds, count) for _, seconds, count in times]
    if not counted:
        return []
    seconds, counts = np.array(counted, dtype=np.float64).T
    logs = np.log(np.maximum(seconds, 0.1))
    reach = max(float(np.ptp(logs)), 0.1)
    edges = np.linspace(logs.min(), logs.min() + reach * 1.0001, SLICES + 1)
    heights, _ = np.histogram(logs, edges, weights=counts)
    bounds = np.exp(edges).tolist()
    return [
        Slice(bounds[place], bounds[place + 1], int(height)) for place, height in enumerate(heights)
    ]


def far_off(campaign: Campaign, found: dict[int, Pace]) -> list[FarOff]:
    """The newest 50 annotations that took far too long or too short, with their units."""
    bounds = Q()
    for member, pace in islice(found.items(), 500):
        if pace.low is not None and pace.high is not None:
            outside = Q(seconds__lt=pace.low) | Q(seconds__gt=pace.high)
            bounds |= Q(membership=member) & outside
    if not bounds:
        return []
    rows = (
        _timed(campaign)
        .filter(bounds)
        .select_related("membership", "unit__comment", "unit__thread")
        .only(
            "seconds",
            "submitted_at",
            "membership__number",
            "unit__comment__position",
            "unit__comment__source_id",
            "unit__thread__source_id",
            "unit__thread__title",
        )
        .order_by("-pk")
    )
    return [
        FarOff(one, found[one.membership_id].median)
        for one in rows[:SHOWN]
        if one.membership_id is not None
    ]


def _timed(campaign: Campaign) -> QuerySet[Annotation]:
    """Submitted by people, with a time: one of 0 was not measured."""
    return Annotation.objects.filter(
        unit__campaign=campaign,
        unit__purpose=Unit.Purpose.STUDY,
        source=Annotation.Source.HUMAN,
        state=Annotation.State.SUBMITTED,
        seconds__gt=0,
    )


def _pace(counted: Floats) -> Pace:
    """``counted``: (times, 2), seconds in ascending order and how often."""
    seconds, counts = np.maximum(counted[:, 0], 0.1), counted[:, 1]
    median = _median(seconds, counts)
    apart = np.abs(np.log(seconds) - np.log(median))
    order = np.argsort(apart, kind="stable")
    spread = _median(apart[order], counts[order])
    count = int(counts.sum())
    if count < FEWEST or spread <= 0:
        return Pace(count, median, None, None)
    reach = exp(FAR * spread / CONSISTENT)
    return Pace(count, median, median / reach, median * reach)


def _median(values: Floats, counts: Floats) -> float:
    """Of values in ascending order, each as often as counted."""
    reached = np.cumsum(counts)
    whole = reached[-1]
    low = values[np.searchsorted(reached, (whole - 1) // 2, side="right")]
    high = values[np.searchsorted(reached, whole // 2, side="right")]
    return float((low + high) / 2)
