"""Two people, and breakdowns: against what is computed another way, and worked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.agreement.breakdown import apart, by_depth, by_group, unit_disagreements
from annotations.agreement.chance import disagreements, quadratic
from annotations.agreement.distances import NOMINAL, masi
from annotations.agreement.pairs import kappa_matrix
from annotations.agreement.patterns import patterns
from annotations.agreement.ratings import Ratings, number_ratings, ratings, set_ratings
from annotations.agreement.weighing import (
    ByDistance,
    Squared,
    Weighing,
    against,
    compared,
    met,
    wilson,
)
from tests.annotations.agreement import examples as ex

tables = st.lists(
    st.tuples(*[st.one_of(st.none(), st.integers(0, 3))] * 4), min_size=1, max_size=15
).filter(lambda rows: any(value is not None for row in rows for value in row))


def of_table(rows: Any) -> Ratings:
    cells = [(u, r, v) for u, row in enumerate(rows) for r, v in enumerate(row) if v is not None]
    units, raters, values = zip(*cells, strict=True)
    return ratings(units, raters, values, (0, 1, 2, 3))


@settings(deadline=None)
@given(rows=tables, squared=st.booleans())
def test_all_pairs_are_as_the_contingency_tables_say(rows: Any, squared: bool) -> None:
    found = of_table(rows)
    numbers = np.arange(4.0)
    weighing: Weighing = Squared(numbers) if squared else ByDistance(NOMINAL, 4)
    kappas, shared = kappa_matrix(found, quadratic(numbers) if squared else None)
    told = {(one.first, one.second): one.compared for one in met(found, weighing)}
    for one in range(found.rater_count):
        for other in range(one + 1, found.rater_count):
            pair = told.get((one, other))
            assert (pair.units if pair else 0) == shared[one, other]
            if pair is None or pair.kappa is None:
                assert np.isnan(kappas[one, other])
            else:
                assert pair.kappa == pytest.approx(kappas[one, other], abs=1e-9)


def test_cohen_1960_by_his_own_table() -> None:
    """Cohen (1960), table 1, as frequencies of 200: kappa .492."""
    cells = [(88, 14, 18), (10, 40, 10), (2, 6, 12)]
    found = ex.from_cells(cells)
    (pair,) = met(found, ByDistance(NOMINAL, 3))
    assert pair.compared.units == 200
    assert pair.compared.kappa == pytest.approx(0.492, abs=0.0005)


def test_on_numbers_it_is_the_concordance_of_lin() -> None:
    one, other = [1.0, 2.0, 3.0, 4.0, 7.0], [1.5, 2.0, 2.0, 5.0, 6.0]
    found = number_ratings([0, 1, 2, 3, 4] * 2, [0] * 5 + [1] * 5, one + other)
    (pair,) = met(found, Squared(np.array(found.scale, dtype=np.float64)))
    covariance = np.cov(one, other, bias=True)
    shift = (np.mean(one) - np.mean(other)) ** 2
    lin = 2 * covariance[0, 1] / (covariance[0, 0] + covariance[1, 1] + shift)
    assert pair.compared.kappa == pytest.approx(lin)


def test_sets_are_weighed_by_masi() -> None:
    sets = [{"a"}, {"b"}, {"a", "b"}, {"b"}]
    found = set_ratings([0, 1, 0, 1], [0, 0, 1, 1], sets)
    (pair,) = met(found, ByDistance(masi(found.scale), len(found.scale)))
    observed, expected = (2 / 3 + 0) / 2, (2 / 3 + 1 + 2 / 3 + 0) / 4
    assert pair.compared.kappa == pytest.approx(1 - observed / expected)
    assert pair.compared.same == 1


def test_beside_the_truth_only_what_is_known_counts() -> None:
    found = ratings([0, 1, 2, 0, 2], [0, 0, 0, 1, 1], [0, 1, 1, 1, 1], "ab")
    first, second = against(found, np.array([0, 0, -1]), ByDistance(NOMINAL, 2))
    assert (first.units, first.same, first.share) == (2, 1, 0.5)
    assert (second.units, second.same, second.kappa) == (1, 0, 0)


def test_nothing_in_common_has_no_figure() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    told = compared(nothing, nothing, ByDistance(NOMINAL, 2))
    assert (told.units, told.share, told.interval, told.kappa) == (0, None, None, None)


@pytest.mark.parametrize(
    ("share", "count", "low", "high"),
    [(81 / 263, 263, 0.2553, 0.3662), (15 / 148, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611)],
)
def test_wilson_as_newcombe_1998_prints_it(
    share: float, count: int, low: float, high: float
) -> None:
    """Newcombe (1998), Two-sided Confidence Intervals for the Single Proportion, table I."""
    assert wilson(share, count) == pytest.approx((low, high), abs=5e-5)


@given(rows=tables)
def test_disagreement_of_units_is_one_less_the_agreement(rows: Any) -> None:
    counted = patterns(of_table(rows))
    told = unit_disagreements(counted, NOMINAL)
    np.testing.assert_allclose(told, disagreements(counted), atol=1e-12)


def test_numbers_differ_in_proportion_to_their_reach() -> None:
    found = number_ratings([0, 0, 1, 1], [0, 1, 0, 1], [0, 10, 4, 6])
    told = unit_disagreements(patterns(found), apart(np.array([0.0, 4.0, 6.0, 10.0])))
    assert told.tolist() == [1, 0.2]


def test_bands_of_depth_leave_out_threads_and_single_ratings() -> None:
    apart_of = np.array([0.0, 1.0, 0.5, np.nan, 1.0, 0.0])
    bands = by_depth(apart_of, np.array([0, 3, 4, 4, -1, 40]))
    assert [(b.start, b.end, b.units, b.disagreement) for b in bands] == [
        (0, 0, 1, 0),
        (3, 4, 2, 0.75),
        (9, None, 1, 0),
    ]


def test_a_thread_of_one_unit_does_not_stand_before_one_of_many() -> None:
    apart_of = np.array([1.0] + [0.9] * 20 + [0.0] * 40)
    groups = np.array([7] + [8] * 20 + [9] * 40)
    assert [one.id for one in by_group(apart_of, groups, 2)] == [8, 7]
    assert by_group(np.array([np.nan]), np.array([1]), 5) == []
