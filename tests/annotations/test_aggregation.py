"""One answer from many: majority, Dawid and Skene, MACE."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import pytest

from annotations.aggregation.dawid_skene import dawid_skene
from annotations.aggregation.mace import _expect, _start, digamma, mace
from annotations.aggregation.majority import TIE, majority, soft_labels
from annotations.aggregation.opinion import Opinion
from annotations.agreement.ratings import Floats, Ints, Ratings, ratings, table_ratings


@pytest.fixture(autouse=True)
def _no_silent_nonsense() -> Iterator[None]:
    with np.errstate(all="raise", under="ignore"):
        yield


class TestMajority:
    VOTES = table_ratings([["a", "a", "b"], ["a", "b", None], ["c", None, None]])

    def test_the_most_frequent_value_and_ties_told(self) -> None:
        found = majority(self.VOTES)
        assert found.values.tolist() == [0, TIE, 2]
        assert found.tied.tolist() == [1]
        assert found.shares.tolist() == pytest.approx([2 / 3, 1 / 2, 1])

    def test_weights_break_ties(self) -> None:
        found = majority(self.VOTES, rater_weights=np.array([1.0, 1.5, 9.0]))
        assert found.values.tolist() == [1, 1, 2]

    def test_soft_labels_are_shares(self) -> None:
        assert soft_labels(self.VOTES)[1].tolist() == [1 / 2, 1 / 2, 0]
        smoothed = soft_labels(self.VOTES, smoothing=1)
        assert smoothed[2].tolist() == pytest.approx([1 / 4, 1 / 4, 2 / 4])
        assert smoothed.sum(axis=1) == pytest.approx(1)

    def test_nobody_has_no_majority(self) -> None:
        assert majority(table_ratings([])).values.tolist() == []


# Dawid and Skene (1979), table 1: 45 patients, 5 anaesthetists, of whom the first rated three
# times. A patient a word: the first's three ratings, then one of each of the others.
ANAESTHETISTS = """\
1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444 2223343
1111111 2223212 1211111 1112111 1111111 1111111 2222221 2221322 2222222 2222221 2223222 2212222
1111111 1111111 2322222 1111111 1111111 1121121 1111111 3333233 1111111 2222222 2223232 4334343
2212232 2323233 3333432 1111111 1111111 1212111 2322222 1211111 2222222
"""


def anaesthetists() -> Ratings:
    """As they are, the first with several ratings of one patient, which ``ratings`` refuses."""
    said = np.array([[int(digit) - 1 for digit in word] for word in ANAESTHETISTS.split()])
    raters = np.tile([0, 0, 0, 1, 2, 3, 4], 45)
    return Ratings(np.repeat(np.arange(45), 7), raters, said.ravel(), (1, 2, 3, 4), 45, 5)


class TestDawidSkene:
    def test_the_anaesthetists_of_1979(self) -> None:
        """The shares of the classes that the paper estimates, and the first one's errors."""
        found = dawid_skene(anaesthetists(), smoothing=0, rounds=500, tolerance=1e-10)
        assert found.prior.tolist() == pytest.approx([0.40, 0.42, 0.11, 0.07], abs=0.005)
        assert found.confusion[0, 0].tolist() == pytest.approx([0.89, 0.11, 0, 0], abs=0.005)
        assert found.labels().values[[0, 7, 10]].tolist() == [0, 2, 3]
        assert found.converged

    def test_it_is_expectation_maximization_as_the_paper_writes_it(self) -> None:
        given = anaesthetists()
        found = dawid_skene(given, smoothing=0, rounds=7, tolerance=0)
        counts = np.zeros((45, 5, 4))
        np.add.at(counts, (given.units, given.raters, given.values), 1)
        posterior = counts.sum(axis=1) / 7
        for _ in range(7):
            prior = posterior.mean(axis=0)
            errors = np.einsum("ij,ikl->kjl", posterior, counts)
            errors /= errors.sum(axis=2, keepdims=True)
            likelihood = np.prod(errors[None] ** counts[:, :, None, :], axis=(1, 3)) * prior
            posterior = likelihood / likelihood.sum(axis=1, keepdims=True)
        assert found.posterior == pytest.approx(posterior)
        assert found.confusion == pytest.approx(errors)
        assert found.log_likelihood[-1] == pytest.approx(np.log(likelihood.sum(axis=1)).sum())

    def test_the_likelihood_never_falls(self) -> None:
        given, _, _ = simulated(seed=3)
        history = dawid_skene(given, smoothing=0).log_likelihood
        assert all(later >= earlier - 1e-8 for earlier, later in pairwise(history))

    def test_it_stops_when_told_and_says_so(self) -> None:
        assert not dawid_skene(anaesthetists(), rounds=2).converged


def simulated(
    *, seed: int, shares: tuple[float, ...] = (1 / 3, 1 / 3, 1 / 3)
) -> tuple[Ratings, Ints, Floats]:
    """3,000 units with three ratings each by twelve people, who know, or else guess evenly."""
    rng = np.random.default_rng(seed)
    knows = np.linspace(0.2, 0.95, 12)
    true = rng.choice(3, 3000, p=shares)
    raters = np.concatenate([rng.choice(12, 3, replace=False) for _ in range(3000)])
    units = np.repeat(np.arange(3000), 3)
    said = np.where(rng.random(9000) < knows[raters], true[units], rng.integers(0, 3, 9000))
    return ratings(units, raters, said, range(3)), true, knows


MODELS: list[Callable[[Ratings], Opinion]] = [dawid_skene, lambda given: mace(given, seed=1)]


class TestModels:
    @pytest.mark.parametrize("model", MODELS)
    def test_they_beat_the_majority_and_know_who_is_good(
        self, model: Callable[[Ratings], Opinion]
    ) -> None:
        given, true, knows = simulated(seed=1)
        found = model(given)
        assert found.posterior.sum(axis=1) == pytest.approx(1)
        right = (found.labels().values == true).mean()
        assert right > (majority(given).values == true).mean() + 0.03
        assert np.corrcoef(found.competence, knows)[0, 1] > 0.97

    @pytest.mark.parametrize("model", MODELS)
    def test_competence_is_what_went_in(self, model: Callable[[Ratings], Opinion]) -> None:
        given, _, knows = simulated(seed=2)
        found = model(given)
        expected = knows + (1 - knows) / 3 if model is dawid_skene else knows
        assert found.competence == pytest.approx(expected, abs=0.08)

    @pytest.mark.parametrize("model", MODELS)
    def test_names_and_order_do_not_matter(self, model: Callable[[Ratings], Opinion]) -> None:
        given, _, _ = simulated(seed=4)
        order = np.random.default_rng(0).permutation(given.count)
        moved = ratings(
            given.units[order], given.raters[order] * 5, given.values[order], given.scale
        )
        assert model(moved).posterior == pytest.approx(model(given).posterior, abs=1e-6)

    @pytest.mark.parametrize("model", MODELS)
    def test_one_annotator_is_believed(self, model: Callable[[Ratings], Opinion]) -> None:
        given = ratings([0, 1, 2, 3], [0, 0, 0, 0], [0, 1, 1, 1], "ab")
        assert model(given).labels().values.tolist() == [0, 1, 1, 1]

    @pytest.mark.parametrize("model", MODELS)
    def test_one_value_only_is_taken(self, model: Callable[[Ratings], Opinion]) -> None:
        given = ratings([0, 0, 1, 1], [0, 1, 0, 1], [1, 1, 1, 1], "abc")
        assert model(given).labels().values.tolist() == [1, 1]

    @pytest.mark.parametrize("model", MODELS)
    def test_nothing_is_refused(self, model: Callable[[Ratings], Opinion]) -> None:
        with pytest.raises(ValueError, match="no ratings"):
            model(ratings([], [], [], "ab"))


class TestMace:
    def test_the_expectations_are_what_the_model_says(self) -> None:
        """Hovy et al. (2013), figure 1: every way in which the ratings can have come about."""
        given = table_ratings([["a", "b", "a"], ["b", "b", None], ["c", None, "a"]])
        trust = _start(given, np.random.default_rng(6))
        prior = np.log([0.5, 0.3, 0.2])
        posterior, counts, likelihood = _expect(given, trust, prior)
        joint = np.zeros((3, 3))
        knew = np.zeros((3, 3, 3))
        for unit in range(3):
            rows = np.flatnonzero(given.units == unit)
            for true in range(3):
                ways = np.exp(prior[true])
                for rater, value in zip(given.raters[rows], given.values[rows], strict=True):
                    guess = trust.slips[rater] * trust.guesses[rater, value]
                    know = trust.knows[rater] * (value == true)
                    ways *= guess + know
                    knew[unit, true, rater] = know / (guess + know)
                joint[unit, true] = ways
        assert posterior == pytest.approx(joint / joint.sum(axis=1, keepdims=True))
        assert likelihood == pytest.approx(np.log(joint.sum(axis=1)).sum())
        assert counts.knew == pytest.approx(np.einsum("ut,utr->r", posterior, knew))
        told = np.bincount(given.raters)
        assert counts.knew + counts.guessed.sum(axis=1) == pytest.approx(told)

    def test_the_seed_decides(self) -> None:
        given, _, _ = simulated(seed=5)
        one, again = (mace(given, seed=7, restarts=2, rounds=5) for _ in range(2))
        other = mace(given, seed=8, restarts=2, rounds=5)
        assert one.posterior.tolist() == again.posterior.tolist() != other.posterior.tolist()

    def test_a_rare_value_needs_a_prior(self) -> None:
        shares = (0.6, 0.3, 0.1)
        given, true, knows = simulated(seed=1, shares=shares)
        told = mace(given, seed=1, prior=np.array(shares))
        untold = mace(given, seed=1)
        assert np.abs(told.competence - knows).mean() < np.abs(untold.competence - knows).mean()
        assert (told.labels().values == true).mean() > (untold.labels().values == true).mean()

    def test_digamma(self) -> None:
        """Abramowitz and Stegun (1964), table 6.1 and 6.3.3; and ψ(x + 1) = ψ(x) + 1/x."""
        printed = [-0.57721566490, -1.96351002602, 2.25175258907]
        assert digamma(np.array([1, 0.5, 10])) == pytest.approx(printed, abs=1e-10)
        numbers = np.geomspace(1e-3, 1e6, 50)
        assert digamma(numbers + 1) == pytest.approx(digamma(numbers) + 1 / numbers)
