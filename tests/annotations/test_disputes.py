"""Where annotators disagree: the measure itself, and that it follows what they save."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from annotations.agreement.differences import share_of_pairs, uncommon, unequal, unshared
from annotations.agreement.marks import Mark
from annotations.models import Campaign, Dispute, DisputedQuestion, Question, Unit
from annotations.selectors.disputes import Said
from annotations.services import disputes as service
from annotations.services.annotations import save_annotation
from annotations.services.assignments import take_unit
from annotations.services.disputes import measure_disputes, measured_of
from annotations.tasks import sweep
from tests.annotations.disputed import LATER, answer, build_answered, measured
from tests.annotations.study import Study, a_save, at_once, build_study
from tests.builders import NOON, build_codebook, build_question

pytestmark = pytest.mark.django_db
YES, NO = {"claim": "yes"}, {"claim": "no"}


def shares(study: Study, order: int = 0) -> dict[str, float]:
    """The shares of the questions of a unit that differ, as stored."""
    rows = DisputedQuestion.objects.filter(
        dispute__unit__campaign=study.campaign, dispute__unit__order=order
    )
    return {key: round(share, 6) for key, share in rows.values_list("question__key", "share")}


labels = st.sampled_from(["a", "b", "c"])
sets = st.frozensets(labels)
marks = st.lists(
    st.builds(
        lambda start, length, label: Mark(start, start + length, label),
        st.integers(0, 12),
        st.integers(1, 6),
        labels,
    ),
    max_size=4,
)


class TestMeasure:
    @given(st.lists(labels, max_size=8))
    def test_labels_are_equal_or_not(self, values: list[str]) -> None:
        pairs = [one != other for one, other in combinations(values, 2)]
        found = share_of_pairs(values, unequal)
        assert found == (sum(pairs) / len(pairs) if pairs else None)

    @given(sets, sets)
    def test_sets_differ_by_what_only_one_has(
        self, one: frozenset[str], other: frozenset[str]
    ) -> None:
        in_both = sum(label in one and label in other for label in "abc")
        in_any = sum(label in one or label in other for label in "abc")
        assert uncommon(one, other) == pytest.approx(1 - in_both / in_any if in_any else 0)

    @given(marks, marks)
    def test_spans_differ_by_their_characters(self, one: list[Mark], other: list[Mark]) -> None:
        def characters(given: list[Mark]) -> set[tuple[str, int]]:
            return {(mark.label, at) for mark in given for at in range(mark.start, mark.end)}

        left, right = characters(one), characters(other)
        total = len(left) + len(right)
        expected = 1 - 2 * len(left & right) / total if total else 0
        assert unshared(one, other) == pytest.approx(expected)


def asked(pk: int, key: str, kind: str, after: Question | None = None) -> Question:
    """A question that is in no database, asked after yes to another one or always."""
    question = Question(pk=pk, key=key, kind=kind, depends_labels=["yes"] if after else [])
    question.depends_on = after
    return question


CLAIM = asked(1, "claim", "single_label")
QUESTIONS = [
    CLAIM,
    asked(2, "ratings", "rating"),
    asked(3, "why", "text"),
    asked(4, "reasons", "multi_label", CLAIM),
    asked(5, "sp", "span"),
]


@st.composite
def answers(draw: st.DrawFn) -> dict[str, Any]:
    """What one person may say to these questions."""
    said: dict[str, Any] = {"claim": draw(st.sampled_from(["yes", "no"]))}
    if draw(st.booleans()):
        said["ratings"] = draw(st.sampled_from([1.0, 2.0]))
    if draw(st.booleans()):
        said["why"] = draw(st.sampled_from(["So.", "No."]))
    if said["claim"] == "yes" and (chosen := draw(sets)):
        said["reasons"] = sorted(chosen)
    if given := draw(marks):
        said["sp"] = [
            {"start": one.start, "end": one.end, "quote": "", "label": one.label} for one in given
        ]
    return said


def brute_force(key: str, one: dict[str, Any], other: dict[str, Any]) -> float | None:
    """How far two people differ in a question, None where one of them did not answer it."""
    if key == "reasons":
        if "yes" not in one["claim"] or "yes" not in other["claim"]:
            return None
        left, right = set(one.get(key, [])), set(other.get(key, []))
        return 1 - len(left & right) / len(left | right) if left | right else 0
    if key == "sp":
        covered = [
            {(span["label"], at) for span in said.get(key, []) for at in range(*ends(span))}
            for said in (one, other)
        ]
        total = len(covered[0]) + len(covered[1])
        return 1 - 2 * len(covered[0] & covered[1]) / total if total else 0
    if key not in one or key not in other:
        return None
    return float(one[key] != other[key])


def ends(span: dict[str, Any]) -> tuple[int, int]:
    return span["start"], span["end"]


@given(st.lists(answers(), max_size=5))
def test_a_unit_s_shares_are_those_of_all_its_pairs(said: list[dict[str, Any]]) -> None:
    found = measured_of(QUESTIONS, [Said(n, 1, one) for n, one in enumerate(said)])
    assert found.ratings == len(said)
    for question in QUESTIONS:
        pairs = [brute_force(question.key, one, other) for one, other in combinations(said, 2)]
        compared = [pair for pair in pairs if pair is not None]
        expected = sum(compared) / len(compared) if compared and question.key != "why" else 0
        assert found.shares.get(question.pk, 0) == pytest.approx(expected)
    assert found.share == max(found.shares.values(), default=0)


class TestUnits:
    def test_each_question_is_measured_and_the_worst_one_counts(self) -> None:
        part = {"start": 0, "end": 4, "quote": "Comm", "label": "fact"}
        longer = {"start": 0, "end": 8, "quote": "Comment ", "label": "fact"}
        study = build_answered(
            [
                {"claim": "yes", "reasons": ["old", "rude"], "certainty": 2, "part": [part]},
                {"claim": "yes", "reasons": ["old"], "certainty": 3, "part": [longer]},
                {"claim": "no", "why": "Because.", "certainty": 3, "part": [part]},
            ]
        )
        (dispute,) = measured(study).values()
        assert shares(study) == {
            "claim": pytest.approx(2 / 3),
            "reasons": pytest.approx((1 / 2 + 1 + 1) / 3),
            "certainty": pytest.approx(2 / 3),
            "part": pytest.approx((1 / 3 + 1 / 3) / 3, abs=1e-6),
        }
        assert dispute.ratings == 3
        assert dispute.share == pytest.approx((1 / 2 + 1 + 1) / 3)

    def test_agreement_is_a_dispute_of_nothing(self) -> None:
        study = build_answered([YES, YES], annotators=2)
        assert measured(study)[0].share == 0
        assert shares(study) == {}

    def test_one_answer_alone_is_no_dispute(self) -> None:
        assert measured(build_answered([YES], annotators=2)) == {}

    def test_a_question_that_is_asked_of_some_is_compared_among_them(self) -> None:
        codebook = build_codebook()
        claim = codebook.questions.get(key="claim")
        build_question(
            codebook,
            "kind",
            Question.Kind.MULTI_LABEL,
            labels=("a", "b"),
            depends_on=claim,
            depends_labels=["yes"],
        )
        study = build_answered(
            [{**YES, "kind": ["a"]}, NO, {**YES, "kind": ["a"]}], codebook=codebook
        )
        measured(study)
        assert shares(study) == {"claim": pytest.approx(2 / 3)}

    def test_relations_are_sets_of_comments_with_labels(self) -> None:
        study = build_study(2, annotators=2, overlap=2)
        other = study.comments[1].pk
        unit = study.units[0]
        for member, label in zip(study.members, ("agrees", "disagrees"), strict=True):
            answer(unit, member, {"to": [{"comment": other, "label": label}]})
        measured(study)
        assert shares(study) == {"to": 1.0}

    def test_only_the_sample_is_measured_and_only_what_was_submitted(self) -> None:
        study = build_answered([YES, NO], [YES, NO], annotators=2)
        Unit.objects.filter(pk=study.units[1].pk).update(purpose="check")
        study.units[1].assignments.update(purpose="check")
        answer(study.units[0], study.members[1], NO, state="draft")
        assert measured(study) == {}


class TestAsTheyGo:
    def test_a_changed_answer_is_measured_anew(self) -> None:
        study = build_answered([YES, NO], annotators=2)
        assert measured(study)[0].share == 1
        answer(study.units[0], study.members[1], YES, now=LATER + timedelta(minutes=1))
        assert measured(study, now=LATER + timedelta(minutes=2))[0].share == 0

    def test_one_that_is_opened_again_does_not_count(self) -> None:
        study = build_answered([YES, NO], annotators=2)
        measured(study)
        answer(study.units[0], study.members[1], NO, state="draft", now=LATER)
        found = measured(study, now=LATER + timedelta(minutes=9))[0]
        assert (found.share, found.ratings) == (0, 1)

    def test_nothing_new_costs_two_looks_and_no_write(self) -> None:
        study = build_answered([YES, NO], annotators=2)
        measured(study)
        campaign = Campaign.objects.get(pk=study.campaign.pk)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert measure_disputes(campaign=campaign, now=LATER + timedelta(hours=1)) == 0
        assert len(queries) == 2

    def test_a_save_that_is_committed_late_is_found(self) -> None:
        study = build_answered([YES, None], annotators=2)
        assert measured(study) == {}
        answer(study.units[0], study.members[1], NO, now=LATER - timedelta(seconds=90))
        assert measured(study, now=LATER + timedelta(minutes=5))[0].share == 1

    def test_many_cost_as_many_queries_as_few(self) -> None:
        counts = []
        for units in (2, 12):
            study = build_answered(*([YES, NO] for _ in range(units)), annotators=2)
            with CaptureQueriesContext(connection) as queries:
                assert measure_disputes(campaign=study.campaign, now=LATER) == units
            counts.append(len(queries))
        assert counts[0] == counts[1]

    def test_many_are_measured_in_batches(self, monkeypatch: pytest.MonkeyPatch) -> None:
        study = build_answered(*([YES, NO] for _ in range(12)), annotators=2)
        monkeypatch.setattr(service, "BATCH", 5)
        for number, unit in enumerate(study.units):
            unit.assignments.update(changed_at=NOON + timedelta(minutes=number))
        assert [one.share for one in measured(study).values()] == [1.0] * 12

    def test_it_goes_on_where_it_stopped(self, monkeypatch: pytest.MonkeyPatch) -> None:
        study = build_answered(*([YES, NO] for _ in range(6)), annotators=2)
        monkeypatch.setattr(service, "BATCH", 2)
        for number, unit in enumerate(study.units):
            unit.assignments.update(changed_at=NOON + timedelta(seconds=number))
        for round_ in range(1, 7):
            campaign = Campaign.objects.get(pk=study.campaign.pk)
            measure_disputes(campaign=campaign, now=LATER, at_most=1)
            assert Dispute.objects.filter(campaign=campaign).count() == round_

    def test_the_sweep_measures_open_campaigns(self) -> None:
        study = build_answered([YES, NO], annotators=2)
        sweep()
        assert Dispute.objects.get(unit=study.units[0]).share == 1


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_saves_and_measuring_at_once_end_exact(self) -> None:
        study = build_study(4, annotators=4, overlap=4)
        campaign = study.campaign

        def label(place: int) -> None:
            for number in range(len(study.units)):
                unit = take_unit(membership=study.members[place], now=NOON).unit
                said = YES if (place + number) % 2 else NO
                save_annotation(
                    membership=study.members[place], unit=unit, save=a_save(said), now=NOON
                )

        def measure() -> None:
            for _ in range(5):
                fresh = Campaign.objects.get(pk=campaign.pk)
                measure_disputes(campaign=fresh, now=NOON)

        acts: list[Any] = [lambda place=place: label(place) for place in range(4)]
        assert at_once([*acts, measure, measure]) == [None] * 6
        found = measured(study, now=NOON)
        assert {(one.share, one.ratings) for one in found.values()} == {(2 / 3, 4)}
