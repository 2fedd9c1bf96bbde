"""Cohen's kappa, and who agrees with whom."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from annotations.agreement import chance
from annotations.agreement.pairs import cohen, kappa_figure, kappa_matrix, pairs
from annotations.agreement.ratings import Floats, ratings, table_ratings
from tests.annotations.agreement import examples as ex


@pytest.fixture(autouse=True)
def _no_silent_nonsense() -> Iterator[None]:
    with np.errstate(all="raise", under="ignore"):
        yield


def kappa(table: object, credit: Floats | None = None) -> float:
    cells = np.array(table, dtype=float)
    return float(cohen(np.eye(len(cells)) if credit is None else credit)(cells.reshape(1, -1))[0])


class TestPublished:
    def test_cohen_1968_plain_and_with_own_weights(self) -> None:
        shares = [(0.44, 0.07, 0.09), (0.05, 0.20, 0.05), (0.01, 0.03, 0.06)]
        apart = np.array([(0, 1, 3), (1, 0, 6), (3, 6, 0)])
        assert kappa(shares) == pytest.approx(0.492, abs=0.0005)
        assert kappa(shares, 1 - apart / 6) == pytest.approx(0.348, abs=0.0005)

    def test_sas_plain_and_linear(self) -> None:
        table = [(0, 4, 1), (0, 8, 0), (0, 1, 5)]
        assert kappa(table) == pytest.approx(0.4842, abs=5e-5)
        assert kappa(table, chance.linear(np.arange(3.0))) == pytest.approx(0.4701, abs=5e-5)

    def test_gwet_two_abstractors(self) -> None:
        assert kappa([(13, 0, 0), (0, 20, 7), (0, 4, 56)]) == pytest.approx(0.7964094, abs=1e-7)

    def test_krippendorff_1995_bertha_and_bill(self) -> None:
        kappas, shared = kappa_matrix(table_ratings(ex.BERTHA_AND_BILL))
        assert kappas[0, 1] == pytest.approx(0.385, abs=0.001)
        assert shared.tolist() == [[0, 24], [24, 0]]


def test_each_two_are_compared_on_the_units_that_both_rated() -> None:
    found = {(one.first, one.second): one for one in pairs(table_ratings(ex.FOUR_OBSERVERS))}
    assert set(found) == {(a, b) for a in range(4) for b in range(a + 1, 4)}
    for (a, b), one in found.items():
        table = np.zeros((5, 5))
        for row in ex.FOUR_OBSERVERS:
            if row[a] is not None and row[b] is not None:
                table[row[a] - 1, row[b] - 1] += 1
        assert one.table.tolist() == table.tolist()
        assert one.units == table.sum()


def test_those_who_never_meet_have_no_kappa() -> None:
    kappas, shared = kappa_matrix(
        table_ratings([["a", "b", None], ["b", "b", None], [None, None, "a"]])
    )
    assert shared[0].tolist() == [0, 2, 0]
    assert np.isnan(kappas[2]).all()
    assert np.isnan(np.diagonal(kappas)).all()
    assert kappas[0, 1] == kappas[1, 0] == 0


def test_two_who_always_say_the_same_word_have_no_kappa() -> None:
    assert np.isnan(kappa([(5, 0), (0, 0)]))
    assert np.isnan(kappa([(0, 0), (0, 0)]))


def test_nobody_has_no_matrix() -> None:
    kappas, shared = kappa_matrix(table_ratings([]))
    assert (kappas.shape, shared.shape) == ((0, 0), (0, 0))


class TestFigure:
    def test_it_is_kappa_on_common_units_with_an_interval_over_threads(self) -> None:
        found = table_ratings(ex.FOUR_OBSERVERS)
        figure = kappa_figure(found, 1, 3, seed=2, clusters=np.arange(12) // 2)
        assert figure.value is not None
        assert figure.value == pytest.approx(kappa_matrix(found)[0][1, 3])
        assert figure.interval is not None
        assert figure.interval.low <= figure.value <= figure.interval.high
        assert (figure.units, figure.single, figure.ratings) == (10, 1, 21)
        assert figure.interval.drawn == 5

    def test_weighted(self) -> None:
        found = ex.from_cells([(0, 4, 1), (0, 8, 0), (0, 1, 5)])
        figure = kappa_figure(
            found, 0, 1, seed=0, resamples=0, credit=chance.linear(np.arange(3.0))
        )
        assert figure.value == pytest.approx(0.4701, abs=5e-5)

    def test_it_is_undefined_and_says_why(self) -> None:
        apart = ratings([0, 1], [0, 1], [0, 0], "ab")
        same = ratings([0, 0], [0, 1], [0, 0], "ab")
        assert kappa_figure(apart, 0, 1, seed=0).reason.startswith("The two have rated no unit")
        assert kappa_figure(same, 0, 1, seed=0).reason.startswith("Both gave one and the same")
        assert kappa_figure(same, 0, 1, seed=0).value is None
