"""The reading order of a thread: depth-first, siblings as in the source, cycles broken.

The comments of a thread are numbered from 0 in the order of the source, openings first.
``parents`` holds for each the number of the comment that it answers, or NOBODY. Plain arrays of
numbers: a thread of a million comments takes some tens of megabytes.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

NOBODY = -1


@dataclass(frozen=True, slots=True)
class Places:
    """By number: ``positions`` in reading order from 0, ``depths`` as the replies above each."""

    positions: array[int]
    depths: array[int]


def cut_cycles(parents: Sequence[int]) -> list[int]:
    """The comments whose parent must be forgotten so that every chain ends at a root.

    Of each ring of replies it is the one that the source gives first.
    """
    unseen, on_path, settled = 0, 1, 2
    state = bytearray(len(parents))
    cut = []
    for start in range(len(parents)):
        path = []
        current = start
        while current != NOBODY and state[current] == unseen:
            state[current] = on_path
            path.append(current)
            current = parents[current]
        if current != NOBODY and state[current] == on_path:
            cut.append(min(path[path.index(current) :]))
        for member in path:
            state[member] = settled
    return cut


def reading_order(parents: Sequence[int], inferred: Sequence[int]) -> Places:
    """Every comment's place. The replies must be free of cycles.

    An ``inferred`` (1, else 0) parent counts for the depth, but moves nothing: where the source
    put the comment is known, whom it answers is only believed.
    """
    size = len(parents)
    depths = _depths(parents)
    first_child, next_sibling = _filled(size), _filled(size)
    first_root = NOBODY
    for number in range(size - 1, -1, -1):
        parent = NOBODY if inferred[number] else parents[number]
        if parent == NOBODY:
            next_sibling[number], first_root = first_root, number
        else:
            next_sibling[number], first_child[parent] = first_child[parent], number
    positions = _filled(size)
    stack = [first_root] if size else []
    position = 0
    while stack:
        number = stack.pop()
        positions[number] = position
        position += 1
        if next_sibling[number] != NOBODY:
            stack.append(next_sibling[number])
        if first_child[number] != NOBODY:
            stack.append(first_child[number])
    return Places(positions, depths)


def _filled(size: int) -> array[int]:
    return array("q", (NOBODY,)) * size


def _depths(parents: Sequence[int]) -> array[int]:
    depths = _filled(len(parents))
    for start in range(len(parents)):
        path = []
        current = start
        while current != NOBODY and depths[current] == NOBODY:
            path.append(current)
            current = parents[current]
        depth = depths[current] if current != NOBODY else NOBODY
        for member in reversed(path):
            depth += 1
            depths[member] = depth
    return depths
