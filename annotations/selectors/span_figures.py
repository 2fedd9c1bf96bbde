"""Spans: who marked what in which texts, and what is told of it.

Between two people, ``share`` is their F1 by character; there is no kappa.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from annotations.agreement import battery, overlap
from annotations.agreement.marks import Mark, Marks
from annotations.agreement.ratings import Floats, Ints
from annotations.models import Question
from annotations.selectors.figures_json import Result, as_result, breakdowns
from annotations.selectors.ratings import (
    FIRST_MODEL,
    GOLD,
    HUMAN,
    STUDY,
    Frame,
    asked_rows,
    span_rows,
    text_lengths,
    without_silent_sources,
)

Looks = dict[int, dict[int, tuple[Mark, ...]]]


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """``looks[source][unit][rater]``: the marks, empty where nothing was marked.

    ``lengths``: of the units' texts. ``text_changed`` counts the annotations left out because
    the text was another one then: their spans point into what is gone.
    """

    looks: dict[int, Looks]
    lengths: dict[int, int]
    text_changed: int

    def people(self) -> Marks:
        return Marks(self.lengths, self.looks.get(HUMAN, {}))


def looked(frame: Frame, question: Question) -> Looked:
    """The marks of all sources on the sample."""
    lengths = text_lengths(frame.campaign)
    marks: dict[int, list[Mark]] = defaultdict(list)
    for row, start, end, key in span_rows(frame, question):
        marks[row].append(Mark(start, end, key))
    answered = np.fromiter(marks, dtype=np.int64)
    asked = without_silent_sources(frame, asked_rows(frame, question), answered)
    looks: dict[int, Looks] = defaultdict(lambda: defaultdict(dict))
    changed = 0
    for row in asked[frame.purposes[asked] == STUDY].tolist():
        unit, source = int(frame.units[row]), int(frame.sources[row])
        length, revision = lengths.get(unit, (0, 0))
        given = marks.get(row, [])
        if frame.revisions[row] != revision or any(mark.end > length for mark in given):
            changed += 1
        else:
            looks[source][unit][int(frame.raters[row])] = tuple(sorted(given))
    return Looked(looks, {unit: length for unit, (length, _) in lengths.items()}, changed)


def span_result(frame: Frame, question: Question, *, seed: int, resamples: int) -> Result:
    """What the result of a run holds of a question of spans."""
    found = looked(frame, question)
    people = found.people()
    ids = np.array(sorted(people.looks), dtype=np.int64)
    places = frame.all_units.places(ids)
    threads = frame.all_units.threads[places]
    clusters = dict(zip(ids.tolist(), threads.tolist(), strict=True))
    labels = tuple(label.key for label in question.labels.all())
    told = battery.span_figures(people, clusters, labels, seed=seed, resamples=resamples)
    return {
        "ratings": sum(len(one) for one in people.looks.values()),
        "text_changed": found.text_changed,
        "figures": [as_result(one) for one in told],
        "prevalence": _prevalence(people, labels),
        "pairs": _pairs(frame, people),
        "weighing": "F1 by character",
        "gold": _beside_gold(frame, found),
        "models": _beside_models(frame, found),
        **breakdowns(_disagreements(people, ids), frame.all_units.depths[places], threads),
    }


def _prevalence(people: Marks, labels: Sequence[str]) -> list[Result]:
    counts = dict.fromkeys(labels or ("",), 0)
    for looks in people.looks.values():
        for marks in looks.values():
            for mark in marks:
                counts[mark.label] = counts.get(mark.label, 0) + 1
    whole = max(sum(counts.values()), 1)
    return [{"value": key, "count": n, "share": n / whole} for key, n in counts.items()]


def _pairs(frame: Frame, people: Marks) -> list[Result]:
    tally: dict[tuple[int, int], list[float]] = {}
    for looks in people.looks.values():
        for one, other in combinations(sorted(looks, key=frame.numbers.__getitem__), 2):
            _add(tally.setdefault((one, other), [0, 0, 0]), looks[one], looks[other])
    return [
        {"first": frame.numbers[one], "second": frame.numbers[other], **_told(counts)}
        for (one, other), counts in sorted(
            tally.items(), key=lambda item: [frame.numbers[pk] for pk in item[0]]
        )
    ]


def _beside_gold(frame: Frame, found: Looked) -> list[Result]:
    gold = {unit: next(iter(one.values())) for unit, one in found.looks.get(GOLD, {}).items()}
    told = [
        {"who": who, "is_model": False, **counts}
        for who, counts in _people_beside(frame, found, gold).items()
    ]
    for place, model in enumerate(frame.models, FIRST_MODEL):
        counts = [0.0, 0.0, 0.0]
        for unit, looks in found.looks.get(place, {}).items():
            if unit in gold:
                _add(counts, next(iter(looks.values())), gold[unit])
        if counts[0]:
            told.append({"who": model, "is_model": True, **_told(counts)})
    return told


def _beside_models(frame: Frame, found: Looked) -> list[Result]:
    told: list[Result] = []
    for place, model in enumerate(frame.models, FIRST_MODEL):
        marks = {u: next(iter(one.values())) for u, one in found.looks.get(place, {}).items()}
        beside = _people_beside(frame, found, marks)
        told += [{"model": model, "who": who, **counts} for who, counts in beside.items()]
    return told


def _people_beside(
    frame: Frame, found: Looked, known: dict[int, tuple[Mark, ...]]
) -> dict[str, Result]:
    tally: dict[int, list[float]] = {}
    for unit, looks in found.looks.get(HUMAN, {}).items():
        for pk, given in looks.items() if unit in known else ():
            _add(tally.setdefault(frame.numbers[pk], [0, 0, 0]), given, known[unit])
    return {f"A{number}": _told(tally[number]) for number in sorted(tally)}


def _add(counts: list[float], one: Sequence[Mark], other: Sequence[Mark]) -> None:
    agreed, total = overlap.length(one, other)
    counts[0] += 1
    counts[1] += agreed
    counts[2] += total


def _told(counts: Sequence[float]) -> Result:
    units, agreed, total = counts
    return {
        "units": int(units),
        "same": None,
        "share": agreed / total if total else None,
        "low": None,
        "high": None,
        "kappa": None,
    }


def _disagreements(people: Marks, ids: Ints) -> Floats:
    """That of each of these units: (units,)."""
    found = [_disagreement(list(people.looks[unit].values())) for unit in ids.tolist()]
    return np.array(found, dtype=np.float64)


def _disagreement(looks: Sequence[Sequence[Mark]]) -> float:
    """1 - F1 by character over all pairs; 0 where nobody marked anything, nan for one look."""
    counts = [0.0, 0.0, 0.0]
    for one, other in combinations(looks, 2):
        _add(counts, one, other)
    if not counts[0]:
        return float("nan")
    return 1 - counts[1] / counts[2] if counts[2] else 0.0
