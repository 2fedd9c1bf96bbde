"""How a sample's size is shared among strata."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heapify, heappop, heapreplace


def allocate(counts: Sequence[int], size: int, method: str, ties: Sequence[int]) -> list[int]:
    """How many of ``size`` each stratum of ``counts`` candidates gets, never more than it has.

    ``proportional`` gives seats by the method of Sainte-Laguë (Webster): the next one goes to
    the highest count / (2 given + 1). ``equal`` gives each in turn to who has the fewest. Both
    give a larger size by adding to a smaller one, so a larger sample extends the smaller one.
    Among equals, the smaller number of ``ties`` comes first.
    """
    worth = _by_count if method == "proportional" else _by_turn
    given = [0] * len(counts)
    heap = [
        (worth(count, 0), tie, place)
        for place, (count, tie) in enumerate(zip(counts, ties, strict=True))
        if count
    ]
    heapify(heap)
    for _ in range(min(size, sum(counts))):
        _, tie, place = heap[0]
        given[place] += 1
        if given[place] < counts[place]:
            heapreplace(heap, (worth(counts[place], given[place]), tie, place))
        else:
            heappop(heap)
    return given


Worth = Callable[[int, int], float]


def _by_count(count: int, given: int) -> float:
    return -count / (2 * given + 1)


def _by_turn(_: int, given: int) -> float:
    return given
