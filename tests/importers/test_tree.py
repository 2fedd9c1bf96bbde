"""The reading order of any thread, however its replies are tangled."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from importers.tree import Node, Place, cut_cycles, reading_order


@st.composite
def tangles(draw: st.DrawFn) -> list[Node]:
    """Comments that answer each other, themselves, unknown ones or nothing, in any order."""
    size = draw(st.integers(0, 25))
    parents = st.one_of(st.none(), st.integers(0, size + 2))
    nodes = [
        Node(id=number, parent=draw(parents), rank=(draw(st.integers(0, 1)), number))
        for number in range(size)
    ]
    return draw(st.permutations(nodes))


def freed(nodes: list[Node]) -> list[Node]:
    cut = cut_cycles(node for node in nodes)
    return [Node(n.id, None if n.id in cut else n.parent, n.rank) for n in nodes]


def rings(nodes: list[Node]) -> set[frozenset[int]]:
    """Every ring of replies, found by walking from each comment as often as there are comments."""
    parent = {node.id: node.parent for node in nodes}
    found = set()
    for start in parent:
        walk: list[int | None] = [start]
        while walk[-1] in parent and len(walk) <= len(nodes):
            walk.append(parent[walk[-1]])
        if len(walk) > len(nodes) and start in walk[1:]:
            ring = walk[: walk.index(start, 1)]
            found.add(frozenset(member for member in ring if member is not None))
    return found


@given(tangles())
def test_each_ring_is_cut_once_at_its_first_comment(nodes: list[Node]) -> None:
    rank = {node.id: node.rank for node in nodes}
    expected = {min(ring, key=lambda member: rank[member]) for ring in rings(nodes)}
    assert cut_cycles(nodes) == expected
    assert not rings(freed(nodes))


@given(tangles())
def test_every_comment_has_one_place(nodes: list[Node]) -> None:
    places = reading_order(node for node in freed(nodes))
    assert sorted(place.id for place in places) == sorted(node.id for node in nodes)
    assert [place.position for place in places] == list(range(len(nodes)))


@given(tangles())
def test_a_comment_stands_under_what_it_answers(nodes: list[Node]) -> None:
    """Depth-first: what lies between a comment and its answer is all below that comment."""
    tree = freed(nodes)
    places = reading_order(tree)
    at = {place.id: place for place in places}
    for node in tree:
        above = at.get(node.parent) if node.parent is not None else None
        assert at[node.id].depth == (above.depth + 1 if above else 0)
        if above:
            between = places[above.position + 1 : at[node.id].position]
            assert all(place.depth > above.depth for place in between)


@given(tangles())
def test_siblings_stand_as_the_source_gives_them(nodes: list[Node]) -> None:
    tree = freed(nodes)
    at = {place.id: place.position for place in reading_order(tree)}
    for one in tree:
        for other in tree:
            is_sibling = (one.parent if one.parent in at else None) == (
                other.parent if other.parent in at else None
            )
            if is_sibling and one.rank < other.rank:
                assert at[one.id] < at[other.id]


@given(tangles(), st.randoms())
def test_the_order_of_the_rows_does_not_matter(nodes: list[Node], chance: random.Random) -> None:
    shuffled = list(nodes)
    chance.shuffle(shuffled)
    assert cut_cycles(shuffled) == cut_cycles(nodes)
    assert reading_order(freed(shuffled)) == reading_order(freed(nodes))


@given(tangles(), st.sets(st.integers(0, 25)))
def test_an_inferred_reply_moves_nothing(nodes: list[Node], inferred: set[int]) -> None:
    """Without it, all would stand in the same order; only its depth tells of it."""
    believed = [
        Node(node.id, node.parent, node.rank, inferred=node.id in inferred) for node in freed(nodes)
    ]
    without = [
        Node(node.id, None if node.inferred else node.parent, node.rank) for node in believed
    ]
    places = reading_order(believed)
    assert [place.id for place in places] == [place.id for place in reading_order(without)]
    at = {place.id: place for place in places}
    for node in believed:
        above = at.get(node.parent) if node.parent is not None else None
        assert at[node.id].depth == (above.depth + 1 if above else 0)


def test_a_chain_of_a_hundred_thousand_replies_is_no_trouble() -> None:
    size = 100_000
    chain = [Node(number, number - 1 if number else None, (1, number)) for number in range(size)]
    assert cut_cycles(chain) == set()
    assert reading_order(chain)[-1] == Place(id=size - 1, position=size - 1, depth=size - 1)
    ring = [Node(0, size - 1, (1, 0)), *chain[1:]]
    assert cut_cycles(ring) == {0}
