"""The figures beside those of scikit-learn and statsmodels, on any ratings.

Neither takes more than two people with missing ratings. But a figure of many is Cohen's kappa of
every two ratings of a unit, taken both ways: each side then says a value as often as all ratings
do, which is chance for Fleiss' kappa and for alpha. Where each unit weighs the same it is Fleiss'
kappa as Gwet (2014) generalized it; where each rating does it is alpha, but for alpha's
correction for small samples: 1 - alpha = (1 - kappa) · (n - 1) / n.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from itertools import combinations, permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score, jaccard_score
from sklearn.preprocessing import MultiLabelBinarizer
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa
from statsmodels.stats.proportion import proportion_confint

from annotations.agreement import chance, distances, overlap
from annotations.agreement.battery import (
    MULTI,
    NUMBER,
    RATING,
    SINGLE,
    Asked,
    rating_figures,
    ready,
)
from annotations.agreement.distances import NOMINAL
from annotations.agreement.figure import fleiss_figure
from annotations.agreement.known import question_scores
from annotations.agreement.marks import Mark, Marks
from annotations.agreement.pairs import kappa_figure, kappa_matrix
from annotations.agreement.patterns import patterns
from annotations.agreement.prevalence import prevalence
from annotations.agreement.ratings import Ratings, number_ratings, ratings, set_ratings
from annotations.agreement.weighing import ByDistance, Squared, against, compared, met, wilson
from tests.annotations.agreement import examples as ex
from tests.annotations.agreement.test_alpha import tables
from tests.annotations.agreement.test_chance import ac2_by_definition

VALUES = range(4)
NUMBERS = np.arange(4.0)
CREDITS = {
    None: np.eye(4),
    "linear": chance.linear(NUMBERS),
    "quadratic": chance.quadratic(NUMBERS),
}
LABELS = "abc"

Rows = list[list[Any]]

value = st.integers(0, 3)
two_lists = st.lists(st.tuples(value, value), min_size=1, max_size=25)
label_sets = st.frozensets(st.sampled_from(LABELS))
check = settings(max_examples=40, deadline=None)


def kappa(
    one: Sequence[Any],
    other: Sequence[Any],
    weights: str | None = None,
    *,
    units: Sequence[float] | None = None,
    labels: Sequence[int] = VALUES,
) -> float | None:
    """scikit-learn's, None where it is not defined. ``units`` is how much each counts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)
        found = cohen_kappa_score(
            one, other, labels=list(labels), weights=weights, sample_weight=units
        )
    return None if np.isnan(found) else float(found)


def same(ours: float | None, theirs: float | None) -> bool:
    return ours is theirs is None or ours == pytest.approx(theirs, abs=1e-9)


def cells(rows: Rows) -> tuple[list[int], list[int], list[Any]]:
    """Units, raters and what they said, without what is missing."""
    told = [(u, r, v) for u, row in enumerate(rows) for r, v in enumerate(row) if v is not None]
    assume(told)
    units, raters, values = map(list, zip(*told, strict=True))
    return units, raters, values


def rated(rows: Rows) -> Ratings:
    return ratings(*cells(rows), VALUES)


class TestTwoPeople:
    @check
    @given(two_lists, st.sampled_from(list(CREDITS)))
    def test_cohen_plain_and_weighted(
        self, said: list[tuple[int, int]], weights: str | None
    ) -> None:
        figure = kappa_figure(
            rated([*map(list, said)]), 0, 1, seed=0, resamples=0, credit=CREDITS[weights]
        )
        one, other = zip(*said, strict=True)
        assert same(figure.value, kappa(one, other, weights))

    @check
    @given(tables(value), st.sampled_from(list(CREDITS)))
    def test_every_two_on_the_units_that_both_rated(self, rows: Rows, weights: str | None) -> None:
        found = rated(rows)
        names = sorted(set(cells(rows)[1]))
        kappas, shared = kappa_matrix(found, CREDITS[weights])
        for (a, first), (b, second) in combinations(enumerate(names), 2):
            both = [
                (row[first], row[second]) for row in rows if None not in (row[first], row[second])
            ]
            assert shared[a, b] == len(both)
            ours = float(kappas[a, b])
            theirs = kappa([v for v, _ in both], [v for _, v in both], weights) if both else None
            assert same(None if np.isnan(ours) else ours, theirs)

    @check
    @given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=25))
    def test_numbers_are_weighed_by_the_square_of_their_difference(
        self, said: list[tuple[int, int]]
    ) -> None:
        one, other = zip(*said, strict=True)
        places = range(len(said))
        found = number_ratings([*places, *places], [0] * len(said) + [1] * len(said), one + other)
        (pair,) = met(found, Squared(np.array(found.scale, dtype=np.float64)))
        assert same(pair.compared.kappa, kappa(one, other, "quadratic", labels=range(10)))
        assert same(pair.compared.share, accuracy_score(one, other))

    @check
    @given(tables(value), st.lists(st.none() | value, min_size=12, max_size=12))
    def test_each_beside_known_answers(self, rows: Rows, truth: list[int | None]) -> None:
        found = rated(rows)
        units, raters, _ = cells(rows)
        right = np.array([-1 if (v := truth[u]) is None else v for u in sorted(set(units))])
        for rater, told in zip(
            sorted(set(raters)), against(found, right, ByDistance(NOMINAL, 4)), strict=True
        ):
            both = [
                (row[rater], known)
                for row, known in zip(rows, truth, strict=False)
                if None not in (row[rater], known)
            ]
            assert told.units == len(both)
            if both:
                one, other = zip(*both, strict=True)
                assert same(told.share, accuracy_score(other, one))
                assert same(told.kappa, kappa(one, other))

    @check
    @given(st.lists(st.tuples(label_sets, label_sets), min_size=1, max_size=10))
    def test_sets_are_weighed_as_the_definition_says(self, said: list[tuple[Any, Any]]) -> None:
        one, other = zip(*said, strict=True)
        scale = tuple({*one, *other})
        observed = np.mean([ex.masi(a, b, {}) for a, b in said])
        expected = np.mean([ex.masi(a, b, {}) for a in one for b in other])
        told = compared(
            np.array([scale.index(a) for a in one]),
            np.array([scale.index(b) for b in other]),
            ByDistance(distances.masi(scale), len(scale)),
        )
        assert same(told.kappa, float(1 - observed / expected) if expected else None)

    @check
    @given(st.integers(1, 500), st.data())
    def test_wilson(self, count: int, data: st.DataObject) -> None:
        hits = data.draw(st.integers(0, count))
        low, high = proportion_confint(hits, count, method="wilson")
        assert wilson(hits / count, count) == pytest.approx((low, high), abs=1e-9)


def every_two(rows: Rows) -> tuple[list[Any], list[Any], list[int]]:
    """Each two ratings of a unit, both ways, and how many ratings the unit has."""
    told = [[v for v in row if v is not None] for row in rows]
    pairs = [(a, b, len(row)) for row in told for a, b in permutations(row, 2)]
    assume(pairs)
    one, other, sizes = map(list, zip(*pairs, strict=True))
    return one, other, sizes


def shown(asked: Asked, found: Ratings) -> dict[tuple[str, str], float | None]:
    """The figures that a question gets, by key and label."""
    at = ready(asked, found, np.arange(found.unit_count))
    told = rating_figures(at, seed=0, resamples=0)
    return {(one.key, one.label): one.figure.value for one in told}


def fleiss_by_kappa(rows: Rows, weights: str | None = None) -> float | None:
    """Of units with two ratings or more: each unit weighs 1."""
    one, other, sizes = every_two(rows)
    return kappa(one, other, weights, units=[1 / (m * (m - 1)) for m in sizes])


def alpha_by_kappa(
    rows: Rows, weights: str | None = None, labels: Sequence[int] = VALUES
) -> float | None:
    """Each rating of a unit with two or more weighs 1."""
    one, other, sizes = every_two(rows)
    found = kappa(one, other, weights, units=[1 / (m - 1) for m in sizes], labels=labels)
    count = sum(1 / (m - 1) for m in sizes)
    return None if found is None else 1 - (1 - found) * (count - 1) / count


class TestMany:
    @check
    @given(
        st.integers(2, 6).flatmap(
            lambda n: st.lists(st.tuples(*[value] * n), min_size=1, max_size=12)
        )
    )
    def test_fleiss_of_as_many_ratings_each(self, rows: Any) -> None:
        assume(len({v for row in rows for v in row}) > 1)
        theirs = fleiss_kappa(aggregate_raters(np.array(rows), n_cat=4)[0])
        figure = fleiss_figure(patterns(rated(rows)), seed=0, resamples=0)
        assert same(figure.value, float(theirs))

    @check
    @given(tables(value), st.sampled_from(list(CREDITS)))
    def test_fleiss_of_more_and_fewer_plain_and_weighted(
        self, rows: Rows, weights: str | None
    ) -> None:
        rows = [row for row in rows if sum(v is not None for v in row) > 1]
        theirs = fleiss_by_kappa(rows, weights)
        figure = fleiss_figure(patterns(rated(rows)), seed=0, resamples=0, credit=CREDITS[weights])
        assert same(figure.value, theirs)

    @check
    @given(tables(value))
    def test_all_that_a_single_label_gets(self, rows: Rows) -> None:
        one, other, sizes = every_two(rows)
        told = shown(Asked(SINGLE, labels=tuple("0123")), ratings(*cells(rows), tuple("0123")))
        units = [1 / (m * (m - 1)) for m in sizes]
        assert same(told["percent", ""], accuracy_score(one, other, sample_weight=units))
        assert same(told["alpha_nominal", ""], alpha_by_kappa(rows))
        assert same(told["ac1", ""], ac2_by_definition(rows, np.eye(4).tolist()))
        for label in VALUES:
            rest = [[None if v is None else int(v == label) for v in row] for row in rows]
            assert same(told["alpha_label", str(label)], alpha_by_kappa(rest))

    @check
    @given(tables(value))
    def test_a_rating(self, rows: Rows) -> None:
        every_two(rows)
        told = shown(Asked(RATING), rated(rows))
        assert same(told["alpha_interval", ""], alpha_by_kappa(rows, "quadratic"))
        credit = [[1 - d * (d + 1) / 12 for d in (abs(a - b) for a in VALUES)] for b in VALUES]
        assert same(told["ac2", ""], ac2_by_definition(rows, credit))

    @check
    @given(tables(st.integers(0, 9)))
    def test_a_number(self, rows: Rows) -> None:
        every_two(rows)
        told = shown(Asked(NUMBER), number_ratings(*cells(rows)))
        theirs = alpha_by_kappa(rows, "quadratic", range(10))
        assert same(told["alpha_interval", ""], theirs)

    @check
    @given(tables(label_sets))
    def test_several_labels(self, rows: Rows) -> None:
        every_two(rows)
        units, raters, sets = cells(rows)
        found = set_ratings(units, raters, sets)
        told = shown(Asked(MULTI, labels=tuple(LABELS)), found)
        for label in LABELS:
            rest = [[None if v is None else int(label in v) for v in row] for row in rows]
            assert same(told["alpha_label", label], alpha_by_kappa(rest))
        shares = MultiLabelBinarizer(classes=list(LABELS)).fit_transform(sets).mean(axis=0)
        assert prevalence(patterns(found), LABELS) == pytest.approx(shares)


LENGTH = 10
EVERYWHERE = [(label, at) for label in LABELS for at in range(LENGTH)]

drawn = st.lists(
    st.builds(
        lambda ends, label: Mark(min(ends), max(ends), label),
        st.lists(st.integers(0, LENGTH), min_size=2, max_size=2, unique=True),
        st.sampled_from(LABELS),
    ),
    max_size=4,
)


def characters(marks: Sequence[Mark]) -> set[tuple[str, int]]:
    return {(mark.label, at) for mark in marks for at in range(mark.start, mark.end)}


def as_answer(mark: Mark) -> dict[str, Any]:
    return {"start": mark.start, "end": mark.end, "quote": "", "label": mark.label}


def touching(marks: Sequence[Mark], others: Sequence[Mark]) -> int:
    """How many marks have a character in common with the others."""
    return sum(bool(characters([mark]) & characters(others)) for mark in set(marks))


def indicators(sets: Sequence[Any], among: Sequence[Any]) -> list[list[int]]:
    return [[int(one in some) for one in among] for some in sets]


class TestKnownAnswers:
    @check
    @given(st.lists(st.tuples(value, st.none() | value), min_size=1, max_size=20))
    def test_the_mean_score_of_a_label_is_accuracy(self, said: list[tuple[int, Any]]) -> None:
        scores = [
            question_scores(
                {"q": str(right)}, {} if one is None else {"q": str(one)}, {"q": SINGLE}
            )
            for right, one in said
        ]
        theirs = accuracy_score(
            [right for right, _ in said], [-1 if v is None else v for _, v in said]
        )
        assert same(float(np.mean([one["q"] for one in scores])), theirs)

    @check
    @given(label_sets, label_sets)
    def test_several_labels_score_by_jaccard(self, right: Any, said: Any) -> None:
        one, other = indicators((right, said), LABELS)
        theirs = float(jaccard_score(one, other, zero_division=1.0))
        score = question_scores({"q": list(right)}, {"q": list(said)}, {"q": MULTI})
        assert same(score["q"], theirs)
        apart = distances.jaccard((right, said)).between(np.array([0]), np.array([1]))
        assert same(float(apart[0]), 1 - theirs)

    @check
    @given(st.data())
    def test_spans_score_by_f1_on_characters(self, data: st.DataObject) -> None:
        right, said = data.draw(drawn), data.draw(drawn)
        score = question_scores(
            {"q": [as_answer(mark) for mark in right]},
            {"q": [as_answer(mark) for mark in said]},
            {"q": "span"},
        )
        one, other = indicators((characters(right), characters(said)), EVERYWHERE)
        assert same(score["q"], float(f1_score(one, other, zero_division=1.0)))


class TestSpans:
    @check
    @given(
        st.lists(st.lists(drawn, min_size=1, max_size=3), min_size=1, max_size=3),
        st.sampled_from([overlap.length, overlap.exact, overlap.partial]),
    )
    def test_f1_of_every_two_who_looked(
        self, texts: list[list[list[Mark]]], count: Callable[..., Any]
    ) -> None:
        looks = {unit: dict(enumerate(marks)) for unit, marks in enumerate(texts)}
        figure = overlap.f1_figure(
            Marks(dict.fromkeys(looks, LENGTH), looks), count, seed=0, resamples=0
        )
        pairs = [pair for marks in texts for pair in combinations(marks, 2)]
        assume(any(one or other for one, other in pairs))
        if count is overlap.partial:
            both = sum(touching(a, b) + touching(b, a) for a, b in pairs)
            assert same(figure.value, both / sum(len(set(a)) + len(set(b)) for a, b in pairs))
            return
        left: list[int] = []
        right: list[int] = []
        for pair in pairs:
            told = [set(marks) if count is overlap.exact else characters(marks) for marks in pair]
            one, other = indicators(told, sorted(told[0] | told[1]))
            left += one
            right += other
        assert same(figure.value, float(f1_score(left, right)))
