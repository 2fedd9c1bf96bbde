"""Which figures a question gets, by what is asked: the table at the head of docs/agreement.md."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from annotations.agreement import chance, overlap
from annotations.agreement.breakdown import apart
from annotations.agreement.distances import (
    NOMINAL,
    ORDINAL,
    Fixed,
    interval,
    jaccard,
    masi,
    ratio,
)
from annotations.agreement.figure import (
    Figure,
    Measure,
    alpha_measure,
    figures,
    fleiss_measure,
    gwet_measure,
    percent_measure,
)
from annotations.agreement.marks import Marks
from annotations.agreement.patterns import Patterns, patterns
from annotations.agreement.prevalence import one_against_rest
from annotations.agreement.ratings import Floats, Ints, Ratings, restricted
from annotations.agreement.stretches import stretch_patterns
from annotations.agreement.unitizing import alpha_u
from annotations.agreement.weighing import ByDistance, Squared, Weighing

SINGLE, MULTI, RATING, NUMBER, SPAN = "single_label", "multi_label", "rating", "number", "span"
MANY_LABELS = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks. ``numbers`` places each label on a scale, None if it is off it."""

    kind: str
    labels: tuple[str, ...] = ()
    numbers: tuple[float | None, ...] = ()

    @property
    def on_scale(self) -> list[int]:
        """The places of the labels that are points of a scale, lowest first; of two or more."""
        points = [(n, place) for place, n in enumerate(self.numbers) if n is not None]
        return [place for _, place in sorted(points)] if len(points) > 1 else []

    @property
    def has_order(self) -> bool:
        return self.kind in (RATING, NUMBER) or bool(self.on_scale)


@dataclass(frozen=True, slots=True)
class Reported:
    """A figure under the ``key`` that machines know it by; ``label``: of that label alone."""

    key: str
    figure: Figure
    label: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """Ratings ready for figures. ``main`` are those on the scale, where the question has one.

    ``clusters``: (units,), the thread of each unit.
    """

    asked: Asked
    given: Ratings
    main: Ratings
    clusters: Ints

    @property
    def off_scale(self) -> int:
        """How many ratings are labels outside the scale."""
        return self.given.count - self.main.count


def ready(asked: Asked, given: Ratings, clusters: Ints) -> Ready:
    places = asked.on_scale if asked.kind == SINGLE else []
    main = restricted(given, places) if places else given
    return Ready(asked, given, main, clusters)


def points(at: Ready) -> Floats:
    """The numbers behind the values of ``main``: (values,)."""
    if at.asked.kind == SINGLE:
        numbers = [at.asked.numbers[place] for place in at.asked.on_scale]
        return np.array(numbers, dtype=np.float64)
    return np.array([float(str(value)) for value in at.main.scale], dtype=np.float64)


def weighing(at: Ready) -> Weighing:
    """What a difference weighs between two people, for the ratings of ``main``."""
    values = len(at.main.scale)
    if at.asked.kind == MULTI:
        return ByDistance(masi(at.main.scale), values)
    if at.asked.kind == NUMBER:
        return Squared(points(at))
    if at.asked.has_order:
        return Squared(np.arange(values, dtype=np.float64))
    return ByDistance(NOMINAL, values)


def difference(at: Ready) -> Fixed:
    """How far two ratings of ``given`` differ, from 0 to 1, for the breakdowns."""
    if at.asked.kind == MULTI:
        return masi(at.given.scale)
    if at.asked.kind == NUMBER:
        return apart(points(at))
    return NOMINAL


def rating_figures(at: Ready, *, seed: int, resamples: int) -> list[Reported]:
    """All figures of a question but those of spans, the first one first."""
    whole = patterns(at.given, clusters=at.clusters)
    scaled = whole if at.main is at.given else patterns(at.main, clusters=at.clusters)
    wanted = list(_measures(at, whole, scaled))
    found: dict[int, Figure] = {}
    for cases in (scaled.cases, whole.cases):
        some = [i for i, (_, _, one) in enumerate(wanted) if one.of.cases is cases]
        told = figures([wanted[i][2] for i in some], seed=seed, resamples=resamples)
        found |= dict(zip(some, told, strict=True))
    return [Reported(key, found[i], label) for i, (key, label, _) in enumerate(wanted)]


def _measures(at: Ready, whole: Patterns, scaled: Patterns) -> Iterator[tuple[str, str, Measure]]:
    """Key, label and measure of each figure."""
    kind, values = at.asked.kind, len(at.main.scale)
    if kind == MULTI:
        yield "alpha_masi", "", alpha_measure(whole, masi(whole.scale))
        yield "alpha_jaccard", "", alpha_measure(whole, jaccard(whole.scale))
        yield "percent", "", percent_measure(whole)
    elif kind == NUMBER:
        numbers = points(at)
        yield "alpha_interval", "", alpha_measure(whole, interval(numbers.tolist()))
        if not (numbers < 0).any():
            yield "alpha_ratio", "", alpha_measure(whole, ratio(numbers.tolist()))
        yield "percent", "", percent_measure(whole)
    else:
        if at.asked.has_order:
            yield "alpha_ordinal", "", alpha_measure(scaled, ORDINAL)
            yield "alpha_interval", "", alpha_measure(scaled, interval(points(at).tolist()))
            yield "ac2", "", gwet_measure(scaled, chance.ordinal(values))
        yield "alpha_nominal", "", alpha_measure(whole, NOMINAL)
        yield "percent", "", percent_measure(whole)
        yield "ac1", "", gwet_measure(whole)
        yield "fleiss", "", fleiss_measure(whole)
    for label in at.asked.labels[:MANY_LABELS] if kind in (SINGLE, MULTI) else ():
        yield "alpha_label", label, alpha_measure(one_against_rest(whole, label), NOMINAL)


def span_figures(
    marks: Marks, clusters: Mapping[int, int], labels: tuple[str, ...], *, seed: int, resamples: int
) -> list[Reported]:
    """The figures of spans; ``clusters`` has the thread of each unit."""
    whole = stretch_patterns(marks, clusters)
    measures = [("alpha_characters", "", alpha_measure(whole, masi(whole.scale)))]
    for label in labels[:MANY_LABELS]:
        only = one_against_rest(whole, label)
        measures.append(("alpha_label", label, alpha_measure(only, NOMINAL)))
    told = figures([one for _, _, one in measures], seed=seed, resamples=resamples)
    found = [
        Reported(key, figure, label) for (key, label, _), figure in zip(measures, told, strict=True)
    ]
    ways = (("f1_characters", overlap.length), ("f1_exact", overlap.exact))
    for key, way in (*ways, ("f1_partial", overlap.partial)):
        drawn = overlap.f1_figure(marks, way, seed=seed, resamples=resamples, clusters=clusters)
        found.insert(len(found) - len(labels[:MANY_LABELS]), Reported(key, drawn))
    found.insert(len(found) - len(labels[:MANY_LABELS]), Reported("alpha_u", _alpha_u(marks)))
    return found


def _alpha_u(marks: Marks) -> Figure:
    told = alpha_u(marks)
    looks = [len(one) for one in marks.looks.values()]
    return Figure(
        name="Krippendorff's alpha_U",
        value=told.value,
        reason=told.reason,
        interval=None,
        distance="squared distance of the ends",
        units=sum(number > 1 for number in looks),
        single=sum(number == 1 for number in looks),
        raters=len({rater for one in marks.looks.values() for rater in one}),
        ratings=sum(looks),
    )


def shares(given: Ratings, labels: tuple[Hashable, ...]) -> list[tuple[Hashable, int]]:
    """How often each label was given, in order; without labels the values themselves."""
    counts = np.bincount(given.values, minlength=len(given.scale))
    if not labels:
        return [(value, int(count)) for value, count in zip(given.scale, counts, strict=True)]
    totals = dict.fromkeys(labels, 0)
    for value, count in zip(given.scale, counts, strict=True):
        for label in value if isinstance(value, frozenset) else (value,):
            totals[label] = totals.get(label, 0) + int(count)
    return list(totals.items())
