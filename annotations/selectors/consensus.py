"""One answer from many: what a method makes of the answers of people to a question."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from annotations.aggregation.medians import medians
from annotations.aggregation.methods import MAJORITY, Told, aggregated
from annotations.aggregation.spans import majority_spans, span_shares
from annotations.agreement.ratings import Floats, Ratings, ratings
from annotations.models import Question
from annotations.selectors.ratings import Frame, Said, column_of
from annotations.selectors.span_figures import looked

Kind = Question.Kind
Result = dict[str, Any]
Answer = tuple[int, Any, dict[str, float], float | None]
Tick = Callable[[], None]
NO_YES = ("no", "yes")
NOT_AGGREGATED = {
    Kind.TEXT: "Free texts are not made into one.",
    Kind.RELATION: "Relations are not made into one.",
}


@dataclass(frozen=True, slots=True)
class Aggregated:
    """``told`` goes into the result; ``answers`` are (unit, value, shares, median)."""

    told: Result
    answers: Iterable[Answer] = field(default=())


def aggregated_question(
    frame: Frame, question: Question, *, method: str, seed: int, tick: Tick = lambda: None
) -> Aggregated:
    """By ``method`` where the kind of question allows it; ``told`` says by which it was done.

    ``tick`` is called after each label of a question with several; it may raise to stop.
    """
    told: Result = {
        "key": question.key,
        "title": question.title,
        "kind": question.kind,
        "method": method,
        "note": "",
        "ties": 0,
        "ratings": 0,
        "competence": [],
        "models": [],
    }
    if question.kind in NOT_AGGREGATED:
        note = NOT_AGGREGATED[Kind(question.kind)]
        return Aggregated({**told, "method": "", "note": note})
    if question.kind == Kind.SPAN:
        return _spans(frame, question, told)
    said = column_of(frame, question).by_people()
    told["ratings"] = said.given.count
    if not said.given.count:
        return Aggregated({**told, "note": "Nobody has answered it yet."})
    if question.kind == Kind.NUMBER:
        return _numbers(said, told)
    if question.kind == Kind.MULTI_LABEL:
        return _labels(frame, question, said, told, seed, tick)
    return _one_value(frame, question, said, told, seed)


def _one_value(frame: Frame, question: Question, said: Said, told: Result, seed: int) -> Aggregated:
    """A label, or a point of a rating, whose median stands beside it."""
    found = aggregated(said.given, told["method"], seed=seed)
    keys = [str(value) if isinstance(value, str) else f"{value:g}" for value in said.given.scale]
    middle = medians(said.given) if question.kind == Kind.RATING else None
    told["ties"] = int((found.chosen.values < 0).sum())
    told["competence"] = _competence(frame, said, said.given, found.competence)
    told["models"] = [_model(frame, said, found, keys, "")]
    return Aggregated(told, _values(said, found, keys, middle))


def _values(said: Said, found: Told, keys: list[str], middle: Floats | None) -> Iterator[Answer]:
    scale = said.given.scale
    for place, unit in enumerate(said.unit_ids.tolist()):
        chosen = int(found.chosen.values[place])
        median = float(middle[place]) if middle is not None else None
        value = scale[chosen] if chosen >= 0 else None
        yield unit, value, _shares(keys, found.shares[place].tolist()), median


def _shares(keys: list[str], shares: list[float]) -> dict[str, float]:
    """Those above nothing, rounded: a million rows of zeros tell nobody anything."""
    pairs = zip(keys, shares, strict=True)
    return {key: round(share, 6) for key, share in pairs if share >= 5e-7}


def _labels(
    frame: Frame, question: Question, said: Said, told: Result, seed: int, tick: Tick
) -> Aggregated:
    """Each label by itself, as a question with the answers no and yes."""
    given, labels = said.given, [label.key for label in question.labels.all()]
    columns = np.zeros((given.unit_count, len(labels)))
    competence = []
    for place, label in enumerate(labels):
        holds = np.array([label in _set(one) for one in given.scale], dtype=np.int64)
        binary = ratings(given.units, given.raters, holds[given.values], NO_YES)
        found = aggregated(binary, told["method"], seed=seed)
        columns[:, place] = found.shares[:, 1]
        competence.append(found.competence)
        told["models"].append(_model(frame, said, found, list(NO_YES), label))
        told["ties"] += int((found.chosen.values < 0).sum())
        tick()
    if competence:
        told["competence"] = _competence(frame, said, given, _means(competence))
    return Aggregated(told, _chosen(said, columns, labels))


def _set(value: Hashable) -> frozenset[Hashable]:
    return value if isinstance(value, frozenset) else frozenset([value])


def _means(competence: list[Floats]) -> Floats:
    """The mean over labels, without those for which there is none."""
    stacked = np.array(competence)
    known = ~np.isnan(stacked)
    counts = known.sum(axis=0)
    sums = np.where(known, stacked, 0).sum(axis=0)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _chosen(said: Said, columns: Floats, labels: list[str]) -> Iterator[Answer]:
    for place, unit in enumerate(said.unit_ids.tolist()):
        shares = columns[place].tolist()
        value = [label for label, share in zip(labels, shares, strict=True) if share > 0.5 + 1e-9]
        yield unit, value, _shares(labels, shares), None


def _numbers(said: Said, told: Result) -> Aggregated:
    middle = medians(said.given).tolist()
    units = said.unit_ids.tolist()
    nothing: dict[str, float] = {}
    answers = ((unit, value, nothing, value) for unit, value in zip(units, middle, strict=True))
    note = "Of numbers it is the median, by whichever method."
    return Aggregated({**told, "method": "median", "note": note}, answers)


def _spans(frame: Frame, question: Question, told: Result) -> Aggregated:
    found = looked(frame, question)
    people = found.people().looks
    told["ratings"] = sum(len(looks) for looks in people.values())
    note = "Of spans it is the characters that more than half marked, by whichever method."
    answers = _marked({unit: list(people[unit].values()) for unit in sorted(people)})
    return Aggregated({**told, "method": MAJORITY, "note": note}, answers)


def _marked(looks: dict[int, list[Any]]) -> Iterator[Answer]:
    for unit, given in looks.items():
        spans = [
            {"start": mark.start, "end": mark.end, "label": mark.label or None}
            for mark in majority_spans(given)
        ]
        yield unit, spans, span_shares(given), None


def _competence(frame: Frame, said: Said, given: Ratings, competence: Floats) -> list[Result]:
    counts = np.bincount(given.raters, minlength=given.rater_count).tolist()
    rows = zip(said.rater_ids.tolist(), counts, competence.tolist(), strict=True)
    return [
        {
            "number": frame.numbers[pk],
            "ratings": count,
            "competence": None if np.isnan(value) else value,
        }
        for pk, count, value in rows
    ]


def _model(frame: Frame, said: Said, found: Told, keys: list[str], label: str) -> Result:
    """What the method believes: shares of the true values, and each person's errors."""
    people = [frame.numbers[pk] for pk in said.rater_ids.tolist()]
    return {"label": label, "values": keys, "people": people, **found.details}
