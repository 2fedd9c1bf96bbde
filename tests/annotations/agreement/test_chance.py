"""Percent agreement, Fleiss' kappa, Gwet's coefficients, and labels taken one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from annotations.agreement import chance
from annotations.agreement.bootstrap import Statistic
from annotations.agreement.distances import NOMINAL, ORDINAL
from annotations.agreement.figure import (
    alpha_figure,
    fleiss_figure,
    gwet_figure,
    percent_figure,
)
from annotations.agreement.patterns import Patterns, patterns
from annotations.agreement.prevalence import one_against_rest, prevalence
from annotations.agreement.ratings import Ratings, ratings, restricted, set_ratings, table_ratings
from tests.annotations.agreement import examples as ex
from tests.annotations.agreement.test_alpha import tables


@pytest.fixture(autouse=True)
def _no_silent_nonsense() -> Iterator[None]:
    with np.errstate(all="raise", under="ignore"):
        yield


def measured(statistic: Callable[[Patterns], Statistic], given: Ratings) -> float:
    found = patterns(given)
    return float(statistic(found)(found.frequency[None, :])[0])


class TestPublished:
    def test_fleiss_1971(self) -> None:
        found = table_ratings(ex.DIAGNOSES)
        assert measured(chance.fleiss, found) == pytest.approx(0.4302445, abs=1e-7)

    def test_fourteen_raters(self) -> None:
        assert measured(chance.fleiss, ex.from_counts(ex.FOURTEEN_RATERS)) == pytest.approx(
            0.210, abs=0.0005
        )

    @pytest.mark.parametrize(
        ("statistic", "printed"),
        [(chance.percent, 0.8181818), (chance.fleiss, 0.76117), (chance.gwet, 0.77544)],
    )
    def test_gwet_four_raters_with_missing_data(
        self, statistic: Callable[[Patterns], Statistic], printed: float
    ) -> None:
        assert measured(statistic, table_ratings(ex.FOUR_OBSERVERS)) == pytest.approx(
            printed, abs=5e-6
        )

    @pytest.mark.parametrize(
        ("statistic", "printed"),
        [(chance.percent, 0.89), (chance.fleiss, 0.7962397), (chance.gwet, 0.8493305)],
    )
    def test_gwet_two_abstractors(
        self, statistic: Callable[[Patterns], Statistic], printed: float
    ) -> None:
        """Fleiss' kappa of two raters is Scott's pi."""
        found = ex.from_cells([(13, 0, 0), (0, 20, 7), (0, 4, 56)])
        assert measured(statistic, found) == pytest.approx(printed, abs=1e-7)

    def test_credits_for_three_values(self) -> None:
        numbers = np.arange(1.0, 4)
        assert chance.linear(numbers)[0].tolist() == [1, 0.5, 0]
        assert chance.quadratic(numbers)[0].tolist() == [1, 0.75, 0]
        assert chance.ordinal(3)[0].tolist() == pytest.approx([1, 2 / 3, 0])


def ac2_by_definition(rows: list[list[Any]], credit: Any) -> float:
    """Gwet (2014), section 4.3, with loops."""
    told = [[one for one in row if one is not None] for row in rows]
    told = [row for row in told if row]
    paired = [row for row in told if len(row) > 1]
    agreed = sum(
        sum(credit[a][b] for a, b in permutations(row, 2)) / (len(row) * (len(row) - 1))
        for row in paired
    ) / len(paired)
    values = len(credit)
    shares = [sum(row.count(k) / len(row) for row in told) / len(told) for k in range(values)]
    spread = sum(share * (1 - share) for share in shares)
    by_chance = sum(map(sum, credit)) * spread / (values * (values - 1))
    return float((agreed - by_chance) / (1 - by_chance))


@settings(max_examples=80, deadline=None)
@given(tables(st.integers(0, 3)))
def test_weighted_gwet_is_what_the_definition_says(rows: list[list[Any]]) -> None:
    told = [[one for one in row if one is not None] for row in rows]
    assume(any(len(row) > 1 for row in told))
    cells = [(u, r, v) for u, row in enumerate(rows) for r, v in enumerate(row) if v is not None]
    credit = chance.quadratic(np.arange(4.0))
    units, raters, values = zip(*cells, strict=True)
    found = measured(
        lambda given: chance.gwet(given, credit), ratings(units, raters, values, range(4))
    )
    assert found == pytest.approx(ac2_by_definition(rows, credit.tolist()))


class TestDegenerate:
    def test_where_all_say_the_same_gwet_still_has_a_figure(self) -> None:
        found = patterns(ratings([0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 0, 0], ("no", "yes")))
        assert gwet_figure(found, seed=0).value == 1
        assert percent_figure(found, seed=0).value == 1
        assert fleiss_figure(found, seed=0).reason.startswith("All ratings are the same")

    def test_a_scale_of_one_value_has_no_figure(self) -> None:
        found = patterns(ratings([0, 0], [0, 1], [0, 0], ("only",)))
        assert (gwet_figure(found, seed=0).value, gwet_figure(found, seed=0).reason != "") == (
            None,
            True,
        )

    @pytest.mark.parametrize("make", [percent_figure, fleiss_figure, gwet_figure])
    @pytest.mark.parametrize("rows", [[], [["a"], ["b"]]])
    def test_one_annotator_has_no_figure(self, make: Any, rows: ex.Rows) -> None:
        figure = make(patterns(table_ratings(rows)), seed=0)
        assert figure.value is None
        assert figure.reason.startswith("No unit has two ratings")


def test_the_units_that_differ_most_are_found() -> None:
    found = patterns(table_ratings([["a", "a", "b"], ["a", "a", "a"], ["b", None, None]]))
    assert chance.disagreements(found).tolist() == pytest.approx([2 / 3, 0, np.nan], nan_ok=True)


class TestOutsideTheScale:
    ROWS: ex.Rows = [[1, 2], [9, 2], [3, 3], [9, 9], [1, 1]]

    def test_a_scale_is_measured_without_what_stands_outside_it(self) -> None:
        whole = table_ratings(self.ROWS)
        found = patterns(restricted(whole, [0, 1, 2]), clusters=np.arange(5) // 2)
        alone = patterns(table_ratings([[1, 2], [None, 2], [3, 3], [1, 1]]))
        for make in (fleiss_figure, gwet_figure, percent_figure):
            figure = make(found, seed=0, resamples=0)
            assert figure.value == pytest.approx(make(alone, seed=0, resamples=0).value)
            assert (figure.units, figure.single, figure.ratings) == (3, 1, 7)
        assert alpha_figure(found, ORDINAL, seed=0).value == pytest.approx(
            alpha_figure(alone, ORDINAL, seed=0).value
        )
        assert found.scale == (1, 2, 3)

    def test_all_may_stand_outside_it(self) -> None:
        found = patterns(restricted(table_ratings(self.ROWS), []))
        assert alpha_figure(found, ORDINAL, seed=0).reason.startswith("No unit has two ratings")


class TestLabels:
    def test_shares_and_agreement_of_single_labels(self) -> None:
        found = patterns(table_ratings([["a", "a"], ["b", "a"], ["c", "c"], ["b", "b"]]))
        assert prevalence(found, ["a", "b", "c"]).tolist() == [3 / 8, 3 / 8, 2 / 8]
        rare = alpha_figure(one_against_rest(found, "c"), NOMINAL, seed=0, resamples=0)
        mixed = alpha_figure(one_against_rest(found, "a"), NOMINAL, seed=0, resamples=0)
        assert rare.value == 1
        again = table_ratings([[1, 1], [0, 1], [0, 0], [0, 0]])
        assert mixed.value == alpha_figure(patterns(again), NOMINAL, seed=0, resamples=0).value

    def test_a_label_within_sets(self) -> None:
        found = patterns(set_ratings([0, 0, 1, 1], [0, 1, 0, 1], ["ab", "a", "b", ""]))
        assert prevalence(found, ["a", "b"]).tolist() == [2 / 4, 2 / 4]
        figure = alpha_figure(one_against_rest(found, "a"), NOMINAL, seed=0, resamples=0)
        assert figure.value == 1

    def test_without_ratings_there_are_no_shares(self) -> None:
        assert np.isnan(prevalence(patterns(table_ratings([])), ["a"])).all()
