"""The spans on which more than half of those who looked agree, character by character."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from annotations.agreement.marks import Mark
from annotations.agreement.stretches import cuts


def majority_spans(looks: Sequence[Sequence[Mark]]) -> list[Mark]:
    """Each label's characters that more than half of the looks mark, merged where they touch."""
    merged: list[Mark] = []
    for label in sorted({mark.label for marks in looks for mark in marks}):
        mine = [[mark for mark in marks if mark.label == label] for marks in looks]
        ends = cuts([mark for marks in mine for mark in marks], 0)
        last: Mark | None = None
        for start, end in pairwise(ends):
            if 2 * _covering(mine, start, end) <= len(looks):
                continue
            if last is not None and last.end == start:
                merged[-1] = last = Mark(last.start, end, label)
            else:
                merged.append(last := Mark(start, end, label))
    return sorted(merged)


def _covering(looks: Sequence[Sequence[Mark]], start: int, end: int) -> int:
    """How many looks mark the stretch."""
    return sum(any(mark.start < end and start < mark.end for mark in marks) for marks in looks)


def span_shares(looks: Sequence[Sequence[Mark]]) -> dict[str, float]:
    """The share of the looks that mark anything with each label."""
    labels = sorted({mark.label for marks in looks for mark in marks})
    return {
        label: sum(any(mark.label == label for mark in marks) for marks in looks) / len(looks)
        for label in labels
    }
