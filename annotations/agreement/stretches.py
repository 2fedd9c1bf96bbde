"""Marks as ratings, so that alpha takes them: every character is a unit.

A text is cut wherever any mark starts or ends. Between two cuts all characters got the same, so
they are one unit that counts as many times as it is long. Each rater's value is the set of labels
that cover it. This is alpha on the characters of a text, as on any units; it takes missing
annotators and overlapping labels, which alpha_U does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from annotations.agreement.marks import Mark, Marks
from annotations.agreement.patterns import Patterns, patterns
from annotations.agreement.ratings import set_ratings


def stretch_patterns(marks: Marks, clusters: Mapping[int, int] | None = None) -> Patterns:
    """The patterns of all stretches, each counted by its length.

    The scale is the sets of labels that occur. A bootstrap draws whole texts, or what
    ``clusters`` says by unit: the number of its thread.
    """
    units: list[int] = []
    raters: list[int] = []
    values: list[frozenset[str]] = []
    lengths: list[int] = []
    groups: list[int] = []
    numbers: dict[Any, int] = {}
    for place, (unit, looks) in enumerate(marks.looks.items()):
        everything = [mark for given in looks.values() for mark in given]
        for start, end in pairwise(cuts(everything, marks.lengths[unit])) if looks else ():
            for rater, given in looks.items():
                units.append(len(lengths))
                raters.append(numbers.setdefault(rater, len(numbers)))
                values.append(frozenset(m.label for m in given if m.start < end and start < m.end))
            lengths.append(end - start)
            groups.append(place if clusters is None else clusters[unit])
    return patterns(set_ratings(units, raters, values), clusters=groups, lengths=lengths)


def cuts(marks: Iterable[Mark], length: int) -> list[int]:
    """Where marks start or end, with both ends of the text, ascending."""
    ends = {mark.start for mark in marks} | {mark.end for mark in marks}
    return sorted(ends | {0, length})
