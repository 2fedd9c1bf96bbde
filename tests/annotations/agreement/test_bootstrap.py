"""Patterns and what is drawn from them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.agreement import bootstrap
from annotations.agreement.bootstrap import Cases, draws, interval
from annotations.agreement.distances import NOMINAL
from annotations.agreement.figure import alpha_figure, percent_figure
from annotations.agreement.patterns import patterns
from annotations.agreement.ratings import Floats, ratings, table_ratings
from tests.annotations.agreement import examples as ex
from tests.annotations.agreement.test_alpha import tables


@pytest.fixture(autouse=True)
def _no_silent_nonsense() -> Iterator[None]:
    with np.errstate(all="raise", under="ignore"):
        yield


def coins(heads: int, tails: int) -> Cases:
    return Cases(np.array([1] * heads + [0] * tails), 2)


def share(weights: Floats) -> Floats:
    return np.asarray(weights[:, 1] / weights.sum(axis=1))


class TestPatterns:
    def test_units_with_the_same_values_are_one_pattern(self) -> None:
        found = patterns(table_ratings(["ab", "ba", "aa", "ab"]))
        assert found.count == 2
        assert sorted(found.frequency.tolist()) == [1, 3]

    @settings(deadline=None)
    @given(tables(st.integers(0, 3)))
    def test_they_hold_all_ratings(self, rows: list[list[int | None]]) -> None:
        found = patterns(table_ratings(rows))
        totals = found.totals(found.frequency[None, :])[0]
        told = [one for row in rows for one in row if one is not None]
        assert dict(zip(found.scale, totals, strict=True)) == {v: told.count(v) for v in set(told)}
        assert found.frequency @ found.sizes == len(told)

    def test_a_scale_too_long_for_a_number_is_taken_as_well(self) -> None:
        rng = np.random.default_rng(1)
        units, raters = np.repeat(np.arange(50), 9), np.tile(np.arange(9), 50)
        values = np.repeat(rng.integers(0, 10_000, 25), 18)
        found = patterns(ratings(units, raters, values, range(10_000)))
        assert found.count == len(set(values.tolist()))
        assert alpha_figure(found, NOMINAL, seed=0, resamples=0).value == 1

    def test_ids_may_be_anything(self) -> None:
        near = ratings([5, 5, 7, 7], [1, 2, 1, 2], [0, 1, 1, 1], "ab")
        far = ratings([10**15, 10**15, 7, 7], [-3, 2, -3, 2], [1, 1, 0, 1], "ab")
        assert near.units.tolist() == [0, 0, 1, 1]
        assert far.units.tolist() == [1, 1, 0, 0]

    @pytest.mark.parametrize(
        ("arrays", "message"),
        [
            (([0, 0], [1, 1], [0, 1]), "rated a unit twice"),
            (([0, 0], [1], [0, 1]), "differ in length"),
            (([0], [1], [2]), "outside the scale"),
            (([0], [1], [-1]), "outside the scale"),
        ],
    )
    def test_what_cannot_be_is_refused(
        self, arrays: tuple[list[int], list[int], list[int]], message: str
    ) -> None:
        with pytest.raises(ValueError, match=message):
            ratings(*arrays, "ab")

    @pytest.mark.parametrize("name", ["clusters", "lengths"])
    def test_clusters_and_lengths_stand_for_units(self, name: str) -> None:
        with pytest.raises(ValueError, match=f"{name} must have one entry"):
            patterns(table_ratings(["ab"]), **{name: [1, 1]})


class TestIntervals:
    def test_the_same_seed_gives_the_same_interval(self) -> None:
        found = patterns(table_ratings(ex.FOUR_OBSERVERS))
        first, again, other = (
            alpha_figure(found, NOMINAL, seed=seed).interval for seed in (1, 1, 2)
        )
        assert first == again != other

    @pytest.mark.parametrize("kinds", [2, 600])
    def test_a_share_varies_as_a_binomial(self, kinds: int) -> None:
        """With few kinds frequencies are drawn, with many cases."""
        cases = Cases(coins(300, 700).kind, kinds)
        found = interval(share, cases, seed=3, resamples=4000)
        assert found is not None
        spread = 1.96 * (0.3 * 0.7 / 1000) ** 0.5
        assert found.low == pytest.approx(0.3 - spread, abs=0.004)
        assert found.high == pytest.approx(0.3 + spread, abs=0.004)

    def test_whole_clusters_are_drawn(self) -> None:
        cases = Cases(np.repeat([0, 1], 50), 2, cluster=np.repeat(np.arange(10), 10))
        for drawn in draws(cases, seed=1, resamples=50):
            assert drawn.sum(axis=1).tolist() == [100] * len(drawn)
            assert set((drawn[:, 1] % 10).tolist()) == {0}

    def test_threads_that_agree_in_themselves_widen_the_interval(self) -> None:
        rows = [["a", "a" if thread % 2 else "b"] for thread in range(20) for _ in range(20)]
        threads = np.repeat(np.arange(20), 20)
        alone = percent_figure(patterns(table_ratings(rows)), seed=1).interval
        together = percent_figure(patterns(table_ratings(rows), clusters=threads), seed=1).interval
        assert alone is not None
        assert together is not None
        assert together.high - together.low > 3 * (alone.high - alone.low)

    def test_many_clusters_of_many_kinds_give_the_same(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cases = Cases(np.arange(30) % 7, 7, np.arange(30) // 4, np.linspace(1, 2, 30))
        dense = np.concatenate(list(draws(cases, 5, 20)))
        monkeypatch.setattr(bootstrap, "DENSE", 0)
        assert np.concatenate(list(draws(cases, 5, 20))) == pytest.approx(dense)

    def test_a_single_cluster_has_no_interval(self) -> None:
        found = patterns(table_ratings(ex.FOUR_OBSERVERS), clusters=[7] * 12)
        assert alpha_figure(found, NOMINAL, seed=1).interval is None

    def test_samples_without_a_figure_are_counted_and_too_many_leave_no_interval(self) -> None:
        def rarely(weights: Floats) -> Floats:
            return np.where(weights[:, 1] > 0, share(weights), np.nan)

        found = interval(rarely, coins(2, 8), seed=1)
        assert found is not None
        assert 50 < found.undefined < 200
        assert interval(rarely, coins(1, 0), seed=1) is None
        assert interval(lambda w: np.full(len(w), np.nan), coins(2, 8), seed=1) is None

    def test_the_interval_covers_as_often_as_it_says(self) -> None:
        rng = np.random.default_rng(8)
        hits = 0
        for seed in range(200):
            heads = int(rng.binomial(200, 0.4))
            found = interval(share, coins(heads, 200 - heads), seed=seed, resamples=400)
            assert found is not None
            hits += found.low <= 0.4 <= found.high
        assert 0.90 <= hits / 200 <= 0.99


def test_a_figure_tells_its_recipe() -> None:
    figure = alpha_figure(
        patterns(table_ratings(ex.FOUR_OBSERVERS), clusters=np.arange(12) // 3), NOMINAL, seed=9
    )
    assert figure.recipe == (
        "Krippendorff's alpha (nominal). Units with two ratings or more: 11, with one: 1; "
        "annotators: 4; ratings: 41. 95% percentile interval from 1,000 resamples of 4 clusters, "
        "seed 9, 0 without a figure."
    )
