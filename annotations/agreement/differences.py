"""How far the answers to one question of one unit differ: the share of pairs that do.

No correction for chance: it says where to look first, not how reliable a study is. For labels it
is the observed disagreement of one unit in Krippendorff's alpha; what several labels and spans
have in common counts in part.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from itertools import combinations
from typing import TypeVar

from annotations.agreement.marks import Mark
from annotations.agreement.overlap import length

Value = TypeVar("Value")


def share_of_pairs(
    values: Sequence[Value], difference: Callable[[Value, Value], float]
) -> float | None:
    """The mean ``difference`` (0 to 1) of every two of the values; None for fewer than two."""
    found = [difference(one, other) for one, other in combinations(values, 2)]
    return sum(found) / len(found) if found else None


def unequal(one: Hashable, other: Hashable) -> float:
    """0 for the same value, 1 for another one."""
    return float(one != other)


def uncommon(one: frozenset[Hashable], other: frozenset[Hashable]) -> float:
    """1 minus Jaccard's share of what two sets have in common; two empty sets are the same."""
    either = len(one | other)
    return 1 - len(one & other) / either if either else 0.0


def unshared(one: Sequence[Mark], other: Sequence[Mark]) -> float:
    """1 minus the F1 of two people's marks, counted in characters, label by label.

    Two that marked nothing are the same.
    """
    agreed, total = length(one, other)
    return 1 - agreed / total if total else 0.0
