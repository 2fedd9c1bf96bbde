"""The reading order of any thread, however its replies are tangled."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from importers.tree import NOBODY, cut_cycles, reading_order

SIZE = 25


@st.composite
def tangles(draw: st.DrawFn) -> list[int]:
    """The parents of comments that answer each other, themselves or nothing, in any order."""
    size = draw(st.integers(0, SIZE))
    return [draw(st.integers(NOBODY, size - 1)) for _ in range(size)]


def freed(parents: Sequence[int]) -> list[int]:
    cut = set(cut_cycles(parents))
    return [NOBODY if number in cut else parent for number, parent in enumerate(parents)]


def moving(parents: Sequence[int], inferred: Sequence[int]) -> list[int]:
    """The parents without the inferred ones."""
    pairs = zip(parents, inferred, strict=True)
    return [NOBODY if is_inferred else parent for parent, is_inferred in pairs]


def nothing_inferred(parents: Sequence[int]) -> bytes:
    return bytes(len(parents))


def rings(parents: Sequence[int]) -> set[frozenset[int]]:
    """Every ring of replies, found by walking from each comment as often as there are comments."""
    found = set()
    for start in range(len(parents)):
        walk = [start]
        while walk[-1] != NOBODY and len(walk) <= len(parents):
            walk.append(parents[walk[-1]])
        if walk[-1] != NOBODY and start in walk[1:]:
            found.add(frozenset(walk[: walk.index(start, 1)]))
    return found


@given(tangles())
def test_each_ring_is_cut_once_at_its_first_comment(parents: list[int]) -> None:
    cut = cut_cycles(parents)
    assert sorted(cut) == sorted(min(ring) for ring in rings(parents))
    assert not rings(freed(parents))


@given(tangles())
def test_every_comment_has_one_place(parents: list[int]) -> None:
    places = reading_order(freed(parents), nothing_inferred(parents))
    assert sorted(places.positions) == list(range(len(parents)))
    assert len(places.depths) == len(parents)


@given(tangles())
def test_a_comment_stands_under_what_it_answers(parents: list[int]) -> None:
    """Depth-first: what lies between a comment and its answer is all below that comment."""
    tree = freed(parents)
    places = reading_order(tree, nothing_inferred(tree))
    in_order = sorted(range(len(tree)), key=places.positions.__getitem__)
    for number, parent in enumerate(tree):
        assert places.depths[number] == (0 if parent == NOBODY else places.depths[parent] + 1)
        if parent != NOBODY:
            between = in_order[places.positions[parent] + 1 : places.positions[number]]
            assert places.positions[parent] < places.positions[number]
            assert all(places.depths[other] > places.depths[parent] for other in between)


@given(tangles())
def test_siblings_stand_as_the_source_gives_them(parents: list[int]) -> None:
    tree = freed(parents)
    positions = reading_order(tree, nothing_inferred(tree)).positions
    for one, parent in enumerate(tree):
        for other in range(one + 1, len(tree)):
            if tree[other] == parent:
                assert positions[one] < positions[other]


@given(tangles())
def test_the_replies_may_come_as_any_sequence_of_numbers(parents: list[int]) -> None:
    compact = array("q", parents)
    assert cut_cycles(compact) == cut_cycles(parents)
    tree = freed(parents)
    assert reading_order(array("q", tree), bytearray(len(tree))) == reading_order(
        tree, [False] * len(tree)
    )


@given(tangles(), st.sets(st.integers(0, SIZE)))
def test_an_inferred_reply_moves_nothing(parents: list[int], believed: set[int]) -> None:
    """Without it, all would stand in the same order; only its depth tells of it."""
    tree = freed(parents)
    inferred = [number in believed for number in range(len(tree))]
    places = reading_order(tree, inferred)
    without = reading_order(moving(tree, inferred), nothing_inferred(tree))
    assert places.positions == without.positions
    for number, parent in enumerate(tree):
        assert places.depths[number] == (0 if parent == NOBODY else places.depths[parent] + 1)


def test_a_chain_of_a_hundred_thousand_replies_is_no_trouble() -> None:
    size = 100_000
    chain = array("q", range(NOBODY, size - 1))
    assert cut_cycles(chain) == []
    places = reading_order(chain, bytes(size))
    assert places.positions == places.depths == array("q", range(size))
    ring = array("q", [size - 1, *chain[1:]])
    assert cut_cycles(ring) == [0]


def test_a_thread_without_comments_has_no_places() -> None:
    assert cut_cycles([]) == []
    assert not reading_order([], []).positions
