"""The reading order of a thread: depth-first, siblings as in the source, cycles broken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """A comment as the order sees it. ``rank`` sorts siblings: openings first, then as given.

    An ``inferred`` parent counts for the depth, but moves nothing: where the source put the
    comment is known, whom it answers is only believed.
    """

    id: int
    parent: int | None
    rank: tuple[int, int]
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a comment stands: ``position`` from 0, ``depth`` counts the replies above it."""

    id: int
    position: int
    depth: int


def cut_cycles(nodes: Iterable[Node]) -> set[int]:
    """The comments whose parent must be forgotten so that every chain ends at a root.

    Of each ring of replies it is the one that the source gives first.
    """
    known = {node.id: node for node in nodes}
    settled: set[int] = set()
    cut: set[int] = set()
    for start in known:
        path: dict[int, None] = {}
        current: int | None = start
        while current is not None and current in known and current not in settled:
            if current in path:
                steps = list(path)
                ring = steps[steps.index(current) :]
                cut.add(min(ring, key=lambda member: known[member].rank))
                break
            path[current] = None
            current = known[current].parent
        settled.update(path)
    return cut


def reading_order(nodes: Iterable[Node]) -> list[Place]:
    """Every comment's place, in reading order. The replies must be free of cycles.

    A comment whose parent is not among the nodes counts as a root.
    """
    ordered = sorted(nodes, key=lambda node: node.rank)
    parents = {node.id: node.parent for node in ordered}
    depths = _depths(parents)
    below: dict[int | None, list[int]] = {}
    for node in reversed(ordered):
        moved = node.parent in parents and not node.inferred
        below.setdefault(node.parent if moved else None, []).append(node.id)
    places: list[Place] = []
    stack = below.get(None, [])
    while stack:
        node_id = stack.pop()
        places.append(Place(id=node_id, position=len(places), depth=depths[node_id]))
        stack.extend(below.get(node_id, []))
    return places


def _depths(parents: dict[int, int | None]) -> dict[int, int]:
    """How many known comments stand above each."""
    depths: dict[int, int] = {}
    for start in parents:
        path = []
        current: int | None = start
        while current is not None and current in parents and current not in depths:
            path.append(current)
            current = parents[current]
        above = depths[current] + 1 if current in depths else 0
        for steps, node_id in enumerate(reversed(path)):
            depths[node_id] = above + steps
    return depths
