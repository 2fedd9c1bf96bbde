"""Krippendorff's alpha: what papers print, what the definition says, and what must not matter."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from annotations.agreement import distances
from annotations.agreement.alpha import alpha
from annotations.agreement.distances import NOMINAL, ORDINAL, Distance
from annotations.agreement.figure import alpha_figure
from annotations.agreement.patterns import patterns
from annotations.agreement.ratings import (
    Ratings,
    number_ratings,
    ratings,
    set_ratings,
    table_ratings,
)
from tests.annotations.agreement import examples as ex

DISTANCES: dict[str, tuple[Callable[[Ratings], Distance], Callable[..., float]]] = {
    "nominal": (lambda _: NOMINAL, ex.nominal),
    "ordinal": (lambda _: ORDINAL, ex.ordinal),
    "interval": (lambda given: distances.interval(given.scale), ex.interval),
    "ratio": (lambda given: distances.ratio(given.scale), ex.ratio),
}

OF_SETS: dict[str, tuple[Callable[..., Distance], Callable[..., float]]] = {
    "masi": (distances.masi, ex.masi),
    "jaccard": (distances.jaccard, ex.jaccard),
}


@pytest.fixture(autouse=True)
def _no_silent_nonsense() -> Iterator[None]:
    with np.errstate(all="raise", under="ignore"):
        yield


def value(given: Ratings, distance: Distance = NOMINAL) -> float | None:
    return alpha_figure(patterns(given), distance, seed=0, resamples=0).value


class TestPublished:
    @pytest.mark.parametrize(
        ("name", "printed"),
        [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
    )
    def test_krippendorff_2011_four_observers_with_missing_data(
        self, name: str, printed: float
    ) -> None:
        found = table_ratings(ex.FOUR_OBSERVERS)
        assert value(found, DISTANCES[name][0](found)) == pytest.approx(printed, abs=0.0005)

    @pytest.mark.parametrize(
        ("rows", "printed"),
        [(ex.MEG_AND_OWEN, 0.095), (ex.BEN_AND_GERRY, 0.692), (ex.BERTHA_AND_BILL, 0.329)],
    )
    def test_krippendorff_two_observers(self, rows: ex.Rows, printed: float) -> None:
        assert value(table_ratings(rows)) == pytest.approx(printed, abs=0.0006)

    def test_gwet_two_abstractors(self) -> None:
        table = [(13, 0, 0), (0, 20, 7), (0, 4, 56)]
        assert value(ex.from_cells(table)) == pytest.approx(0.7972585, abs=1e-7)


class TestDistances:
    @pytest.mark.parametrize(
        ("one", "other", "jaccard", "masi"),
        [
            ("a", "a", 0, 0),
            ("a", "ab", 1 / 2, 1 - 1 / 3),
            ("ab", "bc", 2 / 3, 1 - 1 / 9),
            ("ab", "cd", 1, 1),
            ("", "", 0, 0),
            ("", "a", 1, 1),
        ],
    )
    def test_sets_are_as_far_apart_as_passonneau_2006_says(
        self, one: str, other: str, jaccard: float, masi: float
    ) -> None:
        scale = (frozenset(one), frozenset(other))
        places = np.array([0]), np.array([1])
        assert distances.jaccard(scale).between(*places) == pytest.approx(jaccard)
        assert distances.masi(scale).between(*places) == pytest.approx(masi)

    def test_a_ratio_scale_has_nothing_below_zero(self) -> None:
        with pytest.raises(ValueError, match="below zero"):
            distances.ratio((-1, 0, 1))

    def test_many_different_values_are_taken_in_pieces(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rng = random.Random(4)
        rows = [[rng.randrange(1, 60) for _ in range(3)] for _ in range(40)]
        found = table_ratings(rows)
        whole = value(found, distances.ratio(found.scale))
        monkeypatch.setattr(distances, "ROWS_AT_ONCE", 7)
        assert value(found, distances.ratio(found.scale)) == pytest.approx(whole)
        assert whole == pytest.approx(ex.alpha_by_definition(rows, ex.ratio))


def tables(cells: st.SearchStrategy[Any]) -> st.SearchStrategy[list[list[Any]]]:
    return st.integers(1, 5).flatmap(
        lambda raters: st.lists(
            st.lists(st.none() | cells, min_size=raters, max_size=raters), min_size=1, max_size=12
        )
    )


def comparable(rows: list[list[Any]]) -> bool:
    told = [[one for one in row if one is not None] for row in rows]
    return len({one for row in told if len(row) > 1 for one in row}) > 1


class TestProperties:
    @settings(max_examples=150, deadline=None)
    @given(tables(st.integers(0, 4)), st.sampled_from(sorted(DISTANCES)))
    def test_it_is_what_the_definition_says(self, rows: list[list[Any]], name: str) -> None:
        assume(comparable(rows))
        ours, theirs = DISTANCES[name]
        found = table_ratings(rows)
        assert value(found, ours(found)) == pytest.approx(
            ex.alpha_by_definition(rows, theirs), abs=1e-9
        )

    @settings(max_examples=60, deadline=None)
    @given(tables(st.frozensets(st.sampled_from("abc"))), st.sampled_from(sorted(OF_SETS)))
    def test_so_it_is_for_sets(self, rows: list[list[Any]], name: str) -> None:
        assume(comparable(rows))
        cells = [
            (u, r, one)
            for u, row in enumerate(rows)
            for r, one in enumerate(row)
            if one is not None
        ]
        units, raters, sets = zip(*cells, strict=True)
        found = set_ratings(units, raters, sets)
        ours, theirs = OF_SETS[name]
        assert value(found, ours(found.scale)) == pytest.approx(
            ex.alpha_by_definition(rows, theirs), abs=1e-9
        )

    @settings(max_examples=60, deadline=None)
    @given(tables(st.integers(0, 3)), st.randoms(), st.sampled_from(sorted(DISTANCES)))
    def test_names_of_raters_order_of_units_and_of_rows_do_not_matter(
        self, rows: list[list[Any]], rng: random.Random, name: str
    ) -> None:
        cells = [
            (u, r, v) for u, row in enumerate(rows) for r, v in enumerate(row) if v is not None
        ]
        assume(cells)
        before = number_ratings(*zip(*cells, strict=True))
        units, raters = rng.sample(range(1000), 12), rng.sample(range(10**12), 5)
        moved = [(units[u], raters[r], v) for u, r, v in rng.sample(cells, len(cells))]
        after = number_ratings(*zip(*moved, strict=True))
        distance = DISTANCES[name][0]
        assert value(after, distance(after)) == pytest.approx(value(before, distance(before)))

    @given(st.lists(st.integers(0, 3), min_size=2, max_size=20), st.integers(2, 5))
    def test_perfect_agreement_is_one(self, units: list[int], raters: int) -> None:
        assume(len(set(units)) > 1)
        found = table_ratings([[one] * raters for one in units])
        for distance, _ in DISTANCES.values():
            assert value(found, distance(found)) == pytest.approx(1)

    @pytest.mark.parametrize("name", sorted(DISTANCES))
    def test_chance_is_near_zero(self, name: str) -> None:
        rng = np.random.default_rng(5)
        found = ratings(
            np.repeat(np.arange(20_000), 3),
            np.tile(np.arange(3), 20_000),
            rng.choice(4, 60_000, p=[0.1, 0.2, 0.3, 0.4]),
            range(1, 5),
        )
        assert value(found, DISTANCES[name][0](found)) == pytest.approx(0, abs=0.012)


class TestDegenerate:
    @pytest.mark.parametrize(
        ("rows", "reason"),
        [
            ([], "No unit has two ratings"),
            ([["a"], ["b"]], "No unit has two ratings"),
            ([["a", None], [None, "b"]], "No unit has two ratings"),
            ([["a", "a"], ["a", "a"]], "All ratings are the same"),
            ([["a", "a"], ["b", None]], "All ratings are the same"),
        ],
    )
    def test_it_is_undefined_and_says_why(self, rows: ex.Rows, reason: str) -> None:
        found = table_ratings(rows)
        figure = alpha_figure(patterns(found), NOMINAL, seed=0)
        assert (figure.value, figure.interval) == (None, None)
        assert figure.reason.startswith(reason)

    def test_two_ratings_that_differ_are_the_worst_there_is(self) -> None:
        assert value(table_ratings([["a", "b"]])) == 0.0

    def test_resamples_without_a_figure_are_nan(self) -> None:
        found = patterns(table_ratings([["a", "a"], ["b", "b"]]))
        figures = alpha(found, NOMINAL)(np.array([[2.0, 0], [1, 1], [0, 2]]))
        assert np.isnan(figures).tolist() == [True, False, True]


@pytest.mark.slow
def test_a_million_labels_with_a_thousand_resamples_of_threads_take_less_than_two_seconds() -> None:
    rng = np.random.default_rng(1)
    count = 333_334
    true = rng.integers(0, 4, count)
    units = np.repeat(np.arange(count), 3)
    said = np.where(rng.random(3 * count) < 0.7, true[units], rng.integers(0, 4, 3 * count))
    raters = (np.tile(np.arange(3), count) + units * 7) % 40
    start = time.process_time()
    found = patterns(ratings(units, raters, said, range(4)), clusters=np.arange(count) // 30)
    figure = alpha_figure(found, ORDINAL, seed=1)
    assert time.process_time() - start < 2
    assert figure.interval is not None
    assert figure.value is not None
    assert figure.interval.low < figure.value < figure.interval.high
    assert (figure.ratings, figure.interval.drawn) == (1_000_002, 11_112)
