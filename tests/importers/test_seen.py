"""Ids are counted exactly, in memory or out of it; the recent ones as far as is remembered."""

from __future__ import annotations

import tracemalloc
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.seen import Recent, Seen


@given(
    ids=st.lists(st.sampled_from(["a", "b", "", "é", "\ud800", *map(str, range(20))])),
    in_memory=st.integers(1, 10),
)
def test_ids_are_counted_whether_or_not_they_fit_in_memory(ids: list[str], in_memory: int) -> None:
    expected: Counter[str] = Counter()
    with Seen(in_memory) as seen:
        for id in ids:
            expected[id] += 1
            assert seen.count(id) == expected[id]


def test_an_id_is_new_once() -> None:
    with Seen(in_memory=2) as seen:
        assert [seen.add(id) for id in "abcabcd"] == [True, True, True, False, False, False, True]


def test_recent_ids_are_remembered_and_old_ones_are_new_again() -> None:
    recent = Recent(2)
    assert [recent.add(id) for id in "abacbb"] == [True, True, False, True, True, False]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_ids() -> None:
    with Seen(in_memory=2_000) as seen:
        tracemalloc.start()
        assert all(seen.add(f"comment {number}") for number in range(100_000))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 2_000_000
