"""Everything that is told of the agreement on one question: the shape that docs/quality.md has.

People are numbers here (the n of An), threads are ids, and a figure that is not defined is None.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import nlargest

import numpy as np

from annotations.aggregation.majority import majority
from annotations.agreement import battery
from annotations.agreement.battery import Asked, Ready
from annotations.agreement.breakdown import unit_disagreements
from annotations.agreement.patterns import patterns
from annotations.agreement.ratings import Ints, Ratings
from annotations.agreement.weighing import Compared, Weighing, against, compared, met
from annotations.models import Question
from annotations.selectors.figures_json import Result, as_comparison, as_result, breakdowns
from annotations.selectors.ratings import (
    CHECK,
    FIRST_MODEL,
    GOLD,
    REPEAT,
    STUDY,
    Column,
    Frame,
    Said,
    column_of,
)
from annotations.selectors.span_figures import span_result

MOST_PAIRS = 5_000
MOST_VALUES = 200
LABELED = (Question.Kind.SINGLE_LABEL, Question.Kind.MULTI_LABEL)
NUMBERED = (Question.Kind.RATING, Question.Kind.NUMBER)


def question_result(frame: Frame, question: Question, *, seed: int, resamples: int) -> Result:
    """What the result of a run holds of a question; ``figures`` is empty where none are made."""
    told: Result = {
        "key": question.key,
        "title": question.title,
        "kind": question.kind,
        "unit": question.unit,
        "ratings": 0,
        "off_scale": 0,
        "text_changed": 0,
        "figures": [],
        "prevalence": [],
        "pairs": [],
        "pairs_left_out": 0,
        "gold": [],
        "models": [],
        "repeats": [],
        "depths": [],
        "threads": [],
        "weighing": "",
    }
    if question.kind == Question.Kind.SPAN:
        return told | span_result(frame, question, seed=seed, resamples=resamples)
    if question.kind in (*LABELED, *NUMBERED):
        column = column_of(frame, question)
        return told | ratings_result(frame, question, column, seed=seed, resamples=resamples)
    return told


def asked_of(question: Question) -> Asked:
    """What the figures need to know of a question."""
    labels = list(question.labels.all())
    numbers = tuple(None if label.off_scale else label.value for label in labels)
    return Asked(question.kind, tuple(label.key for label in labels), numbers)


def ratings_result(
    frame: Frame, question: Question, column: Column, *, seed: int, resamples: int
) -> Result:
    """The same for answers that were read: nothing here asks the database."""
    said = column.by_people()
    at = _ready(frame, question, said)
    weighing = battery.weighing(at)
    pairs, left_out = _pairs(frame, said, at.main, weighing)
    return {
        "ratings": said.given.count,
        "off_scale": at.off_scale,
        "figures": [
            as_result(one) for one in battery.rating_figures(at, seed=seed, resamples=resamples)
        ],
        "prevalence": _prevalence(at),
        "pairs": pairs,
        "pairs_left_out": left_out,
        "weighing": weighing.name,
        "gold": _beside_gold(frame, question, column),
        "models": _beside_models(frame, question, column),
        "repeats": _repeats(frame, question, column),
        **_breakdowns(frame, at, said),
    }


def _ready(frame: Frame, question: Question, said: Said) -> Ready:
    places = frame.all_units.places(said.unit_ids)
    return battery.ready(asked_of(question), said.given, frame.all_units.threads[places])


def _prevalence(at: Ready) -> list[Result]:
    labels = at.asked.labels if at.asked.kind in LABELED else ()
    counted = battery.shares(at.given, labels)
    if len(counted) > MOST_VALUES:
        counted = nlargest(MOST_VALUES, counted, key=lambda one: one[1])
    whole = max(at.given.count, 1)
    return [{"value": value, "count": n, "share": n / whole} for value, n in counted]


def _pairs(
    frame: Frame, said: Said, given: Ratings, weighing: Weighing
) -> tuple[list[Result], int]:
    """Every two who met, those with the most common units where there are very many."""
    found = list(met(given, weighing))
    kept = nlargest(MOST_PAIRS, found, key=lambda one: one.compared.units)
    numbers = [frame.numbers[pk] for pk in said.rater_ids.tolist()]
    told = [
        {
            "first": numbers[one.first],
            "second": numbers[one.second],
            **as_comparison(one.compared),
        }
        for one in kept
    ]
    for one in told:
        if one["first"] > one["second"]:
            one["first"], one["second"] = one["second"], one["first"]
    told.sort(key=lambda one: (one["first"], one["second"]))
    return told, len(found) - len(kept)


def _beside_gold(frame: Frame, question: Question, column: Column) -> list[Result]:
    """Each person, and each model, beside the gold labels, on the sample and on checks."""
    said = column.by_people(STUDY, CHECK)
    truth = column.truth(GOLD, said.unit_ids)
    found = [*_people_beside(frame, question, said, truth)]
    for place, model in enumerate(frame.models, FIRST_MODEL):
        units = np.unique(frame.units[column.rows])
        given, known = column.truth(place, units), column.truth(GOLD, units)
        told = _beside(question, column, given, known)
        if told.units:
            found.append({"who": model, "is_model": True, **as_comparison(told)})
    return found


def _beside_models(frame: Frame, question: Question, column: Column) -> list[Result]:
    """Each model beside the majority of people, and beside each person."""
    said = column.by_people()
    if not said.given.count or not frame.models:
        return []
    most = majority(said.given).values
    found = []
    for place, model in enumerate(frame.models, FIRST_MODEL):
        truth = column.truth(place, said.unit_ids)
        told = _beside(question, column, most, truth)
        found.append({"model": model, "who": "majority", **as_comparison(told)})
        found += [{"model": model, **one} for one in _people_beside(frame, question, said, truth)]
    return found


def _people_beside(frame: Frame, question: Question, said: Said, truth: Ints) -> Iterator[Result]:
    weighing = _weighing(question, said.given)
    people = against(said.given, truth, weighing)
    for pk, told in zip(said.rater_ids.tolist(), people, strict=True):
        if told.units:
            yield {"who": f"A{frame.numbers[pk]}", "is_model": False, **as_comparison(told)}


def _beside(question: Question, column: Column, one: Ints, other: Ints) -> Compared:
    """Two answers a unit, -1 where there is none."""
    both = (one >= 0) & (other >= 0)
    nothing = column.by_people().given
    return compared(one[both], other[both], _weighing(question, nothing))


def _weighing(question: Question, given: Ratings) -> Weighing:
    """Labels off a scale count as well where answers are only compared with others."""
    asked = asked_of(question)
    plain = Asked(asked.kind, asked.labels)
    return battery.weighing(Ready(plain, given, given, np.zeros(0, dtype=np.int64)))


def _repeats(frame: Frame, question: Question, column: Column) -> list[Result]:
    """How often each person said the same when the same unit was shown again."""
    once, again = column.by_people(STUDY), column.by_people(REPEAT)
    first = _codes(once)
    second = _codes(again)
    order = np.argsort(first, kind="stable")
    if not len(first) or not len(second):
        return []
    places = order[np.minimum(np.searchsorted(first[order], second), len(order) - 1)]
    both = first[places] == second
    one, other = once.given.values[places[both]], again.given.values[both]
    raters = again.rater_ids[again.given.raters[both]]
    weighing = _weighing(question, once.given)
    found = [
        {
            "who": f"A{frame.numbers[pk]}",
            **as_comparison(compared(one[raters == pk], other[raters == pk], weighing)),
        }
        for pk in np.unique(raters).tolist()
    ]
    if found:
        found.append({"who": "all", **as_comparison(compared(one, other, weighing))})
    return found


def _codes(said: Said) -> Ints:
    """One number for each unit and person, the same in several readings of a campaign."""
    units = said.unit_ids[said.given.units]
    return np.asarray(units * 2**31 + said.rater_ids[said.given.raters], dtype=np.int64)


def _breakdowns(frame: Frame, at: Ready, said: Said) -> Result:
    counted = patterns(at.given, clusters=at.clusters)
    apart = unit_disagreements(counted, battery.difference(at))
    depths = frame.all_units.depths[frame.all_units.places(said.unit_ids)]
    return breakdowns(apart, depths, at.clusters)
