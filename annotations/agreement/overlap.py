"""How far two annotators marked the same: F1 of every two who looked at a text.

Where nobody's marks are the truth, the F1 of two annotators is symmetric and needs no count of
what both left out (Hripcsak and Rothschild 2005, Agreement, the F-Measure, and Reliability in
Information Retrieval). All pairs are summed before dividing, so that long texts weigh more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np

from annotations.agreement.bootstrap import Cases, interval
from annotations.agreement.figure import RESAMPLES, Figure
from annotations.agreement.marks import Mark, Marks
from annotations.agreement.ratings import Floats, numbered

Count = Callable[[Sequence[Mark], Sequence[Mark]], tuple[float, float]]
"""What agrees in two people's marks, counted on both sides, and all that there is on both."""


def f1_figure(
    marks: Marks,
    count: Count,
    *,
    seed: int,
    resamples: int = RESAMPLES,
    clusters: Mapping[int, int] | None = None,
) -> Figure:
    """F1 of all pairs by ``length``, ``exact`` or ``partial``, with its interval.

    A bootstrap draws whole texts, or what ``clusters`` says by unit. Undefined where no two
    looked at the same text, or nobody marked anything.
    """
    counts = np.array([_counts(looks.values(), count) for looks in marks.looks.values()])
    agreed, total = counts.reshape(-1, 2).T
    units = list(marks.looks)
    groups = numbered(range(len(units)) if clusters is None else [clusters[u] for u in units])[0]
    kinds = np.repeat([0, 1], len(units))
    cases = Cases(kinds, 2, np.tile(groups, 2), np.concatenate([agreed, total]))
    looks = [len(one) for one in marks.looks.values()]
    value = float(agreed.sum() / total.sum()) if total.sum() else None
    return Figure(
        name="F1 of pairs",
        value=value,
        reason="" if value is not None else NOTHING,
        interval=interval(_ratio, cases, seed=seed, resamples=resamples)
        if value is not None and resamples
        else None,
        distance=count.__name__,
        units=sum(number > 1 for number in looks),
        single=sum(number == 1 for number in looks),
        raters=len({rater for one in marks.looks.values() for rater in one}),
        ratings=sum(looks),
    )


NOTHING = "Nobody marked anything in a text at which two people looked."


def _ratio(weights: Floats) -> Floats:
    total = weights[:, 1]
    return np.where(total > 0, weights[:, 0] / np.where(total > 0, total, 1), np.nan)


def _counts(looks: Iterable[Sequence[Mark]], count: Count) -> tuple[float, float]:
    """What agrees on both sides together, and all that there is on both, over all pairs."""
    found = [count(one, other) for one, other in combinations(looks, 2)]
    return sum(agreed for agreed, _ in found), sum(total for _, total in found)


def length(one: Sequence[Mark], other: Sequence[Mark]) -> tuple[float, float]:
    """What both covered, label by label, in the measure of the marks."""
    agreed = total = 0
    for label in {mark.label for mark in (*one, *other)}:
        left, right = stretches_of(one, label), stretches_of(other, label)
        total += sum(end - start for start, end in (*left, *right))
        agreed += sum(
            max(0, min(end, other_end) - max(start, other_start))
            for start, end in left
            for other_start, other_end in right
        )
    return 2 * agreed, total


def exact(one: Sequence[Mark], other: Sequence[Mark]) -> tuple[float, float]:
    """Marks that are the same: start, end and label."""
    left, right = set(one), set(other)
    return 2 * len(left & right), len(left) + len(right)


def partial(one: Sequence[Mark], other: Sequence[Mark]) -> tuple[float, float]:
    """Marks that touch one of the same label."""

    def found(marks: Iterable[Mark], among: Iterable[Mark]) -> int:
        return sum(
            any(
                mark.label == near.label and mark.start < near.end and near.start < mark.end
                for near in among
            )
            for mark in marks
        )

    left, right = set(one), set(other)
    return found(left, right) + found(right, left), len(left) + len(right)


def stretches_of(marks: Iterable[Mark], label: str) -> list[tuple[int, int]]:
    """What the marks of a label cover, in order; marks that overlap are one stretch.

    Marks that only adjoin stay two: where one ends and the next begins was decided on.
    """
    found: list[tuple[int, int]] = []
    for mark in sorted(mark for mark in marks if mark.label == label):
        if found and mark.start < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], mark.end))
        else:
            found.append((mark.start, mark.end))
    return found
