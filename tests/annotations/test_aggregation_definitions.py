"""One answer from many beside the same worked out in loops, on any ratings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import exp, lgamma, prod
from statistics import median, multimode
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from annotations.aggregation.dawid_skene import dawid_skene
from annotations.aggregation.mace import _start, mace
from annotations.aggregation.majority import TIE, majority, soft_labels
from annotations.aggregation.medians import medians
from annotations.aggregation.spans import majority_spans, span_shares
from annotations.agreement.marks import Mark
from annotations.agreement.ratings import Floats, Ratings, number_ratings, ratings
from tests.annotations.agreement.test_alpha import tables

Told = list[dict[int, int]]
"""What each unit got, by rater."""

VALUES = range(3)

check = settings(max_examples=40, deadline=None)
votes = tables(st.integers(0, 2))


def rated(rows: list[list[Any]]) -> tuple[Ratings, Told]:
    """The ratings, and the same by unit and rater, both numbered without holes."""
    cells = [(u, r, v) for u, row in enumerate(rows) for r, v in enumerate(row) if v is not None]
    assume(cells)
    units, raters, values = map(list, zip(*cells, strict=True))
    found = ratings(units, raters, values, VALUES)
    told: Told = [{} for _ in range(found.unit_count)]
    numbers = zip(found.units.tolist(), found.raters.tolist(), found.values.tolist(), strict=True)
    for unit, rater, value in numbers:
        told[unit][rater] = value
    return found, told


@check
@given(votes)
def test_the_majority_is_what_most_said(rows: list[list[Any]]) -> None:
    sparse, told = rated(rows)
    found = majority(sparse)
    for unit, said in enumerate(told):
        best = multimode(said.values())
        assert found.values[unit] == (best[0] if len(best) == 1 else TIE)
        assert found.shares[unit] == pytest.approx(max(Counter(said.values()).values()) / len(said))


@check
@given(votes, st.lists(st.floats(0.1, 1), min_size=5, max_size=5), st.sampled_from([0, 0.5]))
def test_soft_labels_are_weighted_shares(
    rows: list[list[Any]], weights: list[float], smoothing: float
) -> None:
    sparse, told = rated(rows)
    worth = np.array(weights[: sparse.rater_count])
    found = soft_labels(sparse, smoothing=smoothing, rater_weights=worth)
    for unit, said in enumerate(told):
        sums = [smoothing + sum(weights[r] for r, v in said.items() if v == k) for k in VALUES]
        assert found[unit].tolist() == pytest.approx([one / sum(sums) for one in sums])


@check
@given(tables(st.floats(-1e6, 1e6)))
def test_medians(rows: list[list[Any]]) -> None:
    told = [[v for v in row if v is not None] for row in rows]
    cells = [(u, r, v) for u, row in enumerate(rows) for r, v in enumerate(row) if v is not None]
    assume(cells)
    found = medians(number_ratings(*zip(*cells, strict=True)))
    assert found.tolist() == pytest.approx([median(row) for row in told if row])


marks = st.lists(
    st.builds(
        lambda ends, label: Mark(min(ends), max(ends), label),
        st.lists(st.integers(0, 9), min_size=2, max_size=2, unique=True),
        st.sampled_from("ab"),
    ),
    max_size=3,
)


@check
@given(st.lists(marks, min_size=1, max_size=5))
def test_spans_are_the_characters_that_most_marked(looks: list[list[Mark]]) -> None:
    def covers(some: list[Mark], label: str, at: int) -> bool:
        return any(m.label == label and m.start <= at < m.end for m in some)

    found = majority_spans(looks)
    for label in "ab":
        most = [2 * sum(covers(some, label, at) for some in looks) > len(looks) for at in range(9)]
        assert [covers(found, label, at) for at in range(9)] == most
        begins = sum(now and not before for before, now in zip([False, *most], most, strict=False))
        assert sum(m.label == label for m in found) == begins
        share = sum(any(m.label == label for m in some) for some in looks) / len(looks)
        assert span_shares(looks).get(label, 0) == share


def dawid_skene_in_loops(
    told: Told, raters: range, smoothing: float, rounds: int
) -> tuple[Any, Any]:
    """Dawid and Skene (1979), equations 2.3 to 2.5 from 3.1; smoothing added to 2.3."""
    truth = [[Counter(said.values())[k] / len(said) for k in VALUES] for said in told]
    errors: Any = []
    for _ in range(rounds):
        prior = [sum(one[k] for one in truth) / len(told) for k in VALUES]
        errors = [[[smoothing] * len(VALUES) for _ in VALUES] for _ in raters]
        for one, said in zip(truth, told, strict=True):
            for rater, value in said.items():
                for k in VALUES:
                    errors[rater][k][value] += one[k]
        errors = [
            [[n / sum(row) if sum(row) else 1 / len(VALUES) for n in row] for row in matrix]
            for matrix in errors
        ]
        joint = [
            [prior[k] * prod(errors[r][k][v] for r, v in said.items()) for k in VALUES]
            for said in told
        ]
        truth = [[n / sum(row) for n in row] for row in joint]
    return truth, errors


@check
@given(votes, st.sampled_from([0, 0.01, 1]), st.integers(1, 4))
def test_dawid_and_skene_with_missing_ratings(
    rows: list[list[Any]], smoothing: float, rounds: int
) -> None:
    sparse, told = rated(rows)
    found = dawid_skene(sparse, smoothing=smoothing, rounds=rounds, tolerance=-np.inf)
    truth, errors = dawid_skene_in_loops(told, range(sparse.rater_count), smoothing, rounds)
    assert found.posterior == pytest.approx(np.array(truth), abs=1e-9)
    assert found.confusion == pytest.approx(np.array(errors), abs=1e-9)
    right = [sum(found.prior[k] * matrix[k][k] for k in VALUES) for matrix in errors]
    assert found.competence.tolist() == pytest.approx(right, abs=1e-9)


def psi(number: float) -> float:
    """The derivative of the logarithm of the gamma function, as a difference of it."""
    return (lgamma(number + 1e-4) - lgamma(number - 1e-4)) / 2e-4


def mace_in_loops(
    told: Told, knows: list[float], slips: list[float], guesses: list[list[float]], prior: Floats
) -> Iterator[tuple[list[list[float]], list[float], list[list[float]]]]:
    """Hovy et al. (2013): after each round the posterior, and how often each knew and guessed."""
    while True:
        truth: list[list[float]] = []
        knew = [0.0] * len(knows)
        guessed = [[0.0] * len(VALUES) for _ in knows]
        for said in told:
            ways = [
                prior[k]
                * prod(knows[r] * (v == k) + slips[r] * guesses[r][v] for r, v in said.items())
                for k in VALUES
            ]
            truth.append([one / sum(ways) for one in ways])
            for r, v in said.items():
                sure = truth[-1][v] * knows[r] / (knows[r] + slips[r] * guesses[r][v])
                knew[r] += sure
                guessed[r][v] += 1 - sure
        yield truth, knew, guessed
        for r, (sure, other) in enumerate(zip(knew, guessed, strict=True)):
            knows[r] = exp(psi(sure + 0.5) - psi(sure + sum(other) + 1))
            slips[r] = exp(psi(sum(other) + 0.5) - psi(sure + sum(other) + 1))
            whole = psi(sum(other) + 10 * len(VALUES))
            guesses[r] = [exp(psi(n + 10) - whole) for n in other]


@check
@given(votes, st.integers(0, 9), st.integers(1, 4))
def test_mace_with_missing_ratings(rows: list[list[Any]], seed: int, rounds: int) -> None:
    sparse, told = rated(rows)
    prior = np.array([0.5, 0.3, 0.2])
    found = mace(sparse, seed=seed, prior=prior, restarts=1, rounds=rounds, tolerance=0)
    start = _start(sparse, np.random.default_rng(seed))
    trust = start.knows.tolist(), start.slips.tolist(), start.guesses.tolist()
    states = mace_in_loops(told, *trust, prior)
    for _ in range(rounds):
        truth, knew, guessed = next(states)
    counts = [len([1 for said in told if r in said]) for r in range(sparse.rater_count)]
    assert found.posterior == pytest.approx(np.array(truth), abs=1e-5)
    assert found.competence.tolist() == pytest.approx(
        [(sure + 0.5) / (count + 1) for sure, count in zip(knew, counts, strict=True)], abs=1e-5
    )
    shares = [[(n + 10) / (sum(row) + 30) for n in row] for row in guessed]
    assert found.guesses == pytest.approx(np.array(shares), abs=1e-5)
