"""How far two annotators marked the same: F1 of every two who looked at a text.

Where nobody's marks are the truth, the F1 of two annotators is symmetric and needs no count of
what both left out (Hripcsak and Rothschild 2005, Agreement, the F-Measure, and Reliability in
Information Retrieval). All pairs are summed before dividing, so that long texts weigh more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from annotations.agreement.marks import Mark, Marks

Count = Callable[[Sequence[Mark], Sequence[Mark]], tuple[float, float]]


def length_f1(marks: Marks) -> float | None:
    """F1 of what was covered, label by label, in the measure of the marks; None without marks."""
    return _f1(marks, _covered)


def exact_f1(marks: Marks) -> float | None:
    """F1 of marks that are the same: start, end and label; None without marks."""
    return _f1(marks, _same)


def partial_f1(marks: Marks) -> float | None:
    """F1 of marks that touch one of the same label; None without marks."""
    return _f1(marks, _touching)


def _f1(marks: Marks, count: Count) -> float | None:
    """``count`` gives what agrees on both sides together, and all that there is on both."""
    agreed = total = 0.0
    for one, other in marks.pairs():
        some, all_of_them = count(one, other)
        agreed += some
        total += all_of_them
    return agreed / total if total else None


def _covered(one: Sequence[Mark], other: Sequence[Mark]) -> tuple[float, float]:
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


def _same(one: Sequence[Mark], other: Sequence[Mark]) -> tuple[float, float]:
    left, right = set(one), set(other)
    return 2 * len(left & right), len(left) + len(right)


def _touching(one: Sequence[Mark], other: Sequence[Mark]) -> tuple[float, float]:
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
