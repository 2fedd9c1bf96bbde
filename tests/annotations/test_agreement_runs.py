"""What may be relied on when a campaign's agreement is computed: papers' figures, from the rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.errors import InvalidInput
from annotations.models import AgreementRun, Label
from annotations.services.agreement import compute_agreement, start_agreement
from annotations.services.jobs import cancel_job, run_job
from annotations.services.running_job import RunningJob
from tests.annotations.agreement import examples as ex
from tests.annotations.ratings import Survey, answered, build_survey
from tests.builders import NOON, build_codebook, build_question, build_thread

pytestmark = pytest.mark.django_db(transaction=True)

Result = dict[str, Any]


def computed(survey: Survey, **options: Any) -> AgreementRun:
    run = start_agreement(campaign=survey.campaign, user=None, now=NOON, **options)
    run_job(AgreementRun, run.pk, compute_agreement)
    run.refresh_from_db()
    assert run.state == AgreementRun.State.DONE, run.error
    return run


def result_of(survey: Survey, key: str, **options: Any) -> Result:
    told = computed(survey, **{"resamples": 0, **options}).result
    return next(one for one in told["questions"] if one["key"] == key)


def figure(result: Result, key: str, label: str = "") -> Result:
    return next(one for one in result["figures"] if (one["key"], one["label"]) == (key, label))


class TestPublished:
    @pytest.mark.parametrize(
        ("question", "key", "printed"),
        [
            ("certainty", "alpha_nominal", 0.743),
            ("certainty", "alpha_ordinal", 0.815),
            ("certainty", "alpha_interval", 0.849),
            ("count", "alpha_interval", 0.849),
            ("count", "alpha_ratio", 0.797),
            ("certainty", "ac1", 0.77544),
        ],
    )
    def test_krippendorff_2011_four_observers_with_missing_data(
        self, question: str, key: str, printed: float
    ) -> None:
        survey = build_survey(4)
        answered(survey, question, ex.FOUR_OBSERVERS)
        found = figure(result_of(survey, question), key)
        assert found["value"] == pytest.approx(printed, abs=0.0005)
        assert (found["units"], found["single"], found["raters"]) == (11, 1, 4)
        assert found["ratings"] == 41

    def test_ben_and_gerry_by_labels_on_no_scale(self) -> None:
        codebook = build_codebook()
        build_question(codebook, "colour", "single_label", labels=tuple("abcde"))
        survey = build_survey(2, codebook)
        answered(survey, "colour", ex.BEN_AND_GERRY)
        result = result_of(survey, "colour")
        assert result["figures"][0]["key"] == "alpha_nominal"
        assert result["figures"][0]["value"] == pytest.approx(0.692, abs=0.0005)
        assert {one["value"]: one["count"] for one in result["prevalence"]}["d"] == 6

    def test_bertha_and_bill_mark_characters(self) -> None:
        """Krippendorff (1995), example A, as spans of a text."""
        survey = build_survey(2)
        unit = survey.unit(text="x" * 24)
        marks = {1: [(2, 10), (14, 20)], 2: [(4, 8), (15, 17)]}
        for person, spans in marks.items():
            said = [{"start": a, "end": b, "label": "fact"} for a, b in spans]
            survey.say(unit, person, {"part": said})
        result = result_of(survey, "part")
        assert figure(result, "alpha_characters")["value"] == pytest.approx(0.329, abs=0.0005)
        assert figure(result, "f1_exact")["value"] == 0
        assert figure(result, "f1_characters")["value"] == pytest.approx(2 * 6 / (14 + 6))
        assert figure(result, "f1_partial")["value"] == 1
        assert result["pairs"][0]["share"] == pytest.approx(12 / 20)

    def test_passonneau_2006_sets_are_compared_by_masi(self) -> None:
        """One pair of sets of which one holds the other: 1 - 2/3 · 1/2, and one pair the same."""
        survey = build_survey(2)
        one, other = survey.unit(), survey.unit()
        survey.say(one, 1, {"reasons": ["old"]})
        survey.say(one, 2, {"reasons": ["old", "rude"]})
        survey.say(other, 1, {"reasons": ["wrong"]})
        survey.say(other, 2, {"reasons": ["wrong"]})
        result = result_of(survey, "reasons")
        observed = 2 * (2 / 3)
        expected = (2 * 2 / 3 + 2 * 4) / 3
        assert figure(result, "alpha_masi")["value"] == pytest.approx(1 - observed / expected)
        assert figure(result, "percent")["value"] == 0.5


class TestWhatCounts:
    def test_a_unit_where_the_question_was_not_asked_is_missing(self) -> None:
        codebook = build_codebook()
        claim = codebook.questions.get(key="claim")
        build_question(
            codebook,
            "kinds",
            "multi_label",
            labels=("a", "b"),
            depends_on=claim,
            depends_labels=["yes"],
        )
        survey = build_survey(3, codebook)
        unit = survey.unit()
        survey.say(unit, 1, {"claim": "yes", "kinds": ["a"]})
        survey.say(unit, 2, {"claim": "yes"})
        survey.say(unit, 3, {"claim": "no"})
        result = result_of(survey, "kinds")
        assert result["ratings"] == 2
        assert [one["units"] for one in result["pairs"]] == [1]
        assert figure(result, "percent")["value"] == 0

    def test_no_label_chosen_of_several_is_an_answer(self) -> None:
        survey = build_survey(2)
        for first, second in (([], []), (["old"], ["old"]), ([], ["old"])):
            unit = survey.unit()
            survey.say(unit, 1, {"reasons": first})
            survey.say(unit, 2, {"reasons": second})
        result = result_of(survey, "reasons")
        assert result["ratings"] == 6
        assert figure(result, "percent")["value"] == pytest.approx(2 / 3)
        assert figure(result, "alpha_label", "old")["value"] is not None

    def test_a_hundred_labels_are_told_apart(self) -> None:
        labels = tuple(f"l{number}" for number in range(100))
        codebook = build_codebook()
        build_question(codebook, "topics", "multi_label", labels=labels)
        survey = build_survey(2, codebook)
        for first, second in ((["l0", "l99"], ["l0", "l99"]), (["l61"], ["l62"]), ([], ["l63"])):
            unit = survey.unit()
            survey.say(unit, 1, {"topics": first})
            survey.say(unit, 2, {"topics": second})
        result = result_of(survey, "topics")
        given = {one["value"]: one["count"] for one in result["prevalence"] if one["count"]}
        assert given == {"l0": 2, "l61": 1, "l62": 1, "l63": 1, "l99": 2}
        assert figure(result, "percent")["value"] == pytest.approx(1 / 3)

    def test_drafts_skips_training_and_other_campaigns_do_not_count(self) -> None:
        survey, elsewhere = build_survey(2), build_survey(2)
        answered(survey, "claim", [("yes", "no"), ("no", "no")])
        answered(elsewhere, "claim", [("yes", "yes")])
        unit = survey.unit()
        survey.say(unit, 1, {"claim": "yes"}, state="draft", submitted_at=None)
        survey.say(unit, 2, {}, state="skipped", harmful=True, submitted_at=None)
        training = survey.unit(purpose="training")
        survey.say(training, 1, {"claim": "yes"})
        survey.say(training, 2, {"claim": "yes"})
        assert result_of(survey, "claim")["ratings"] == 4
        assert computed(survey).result["annotations"] == 4

    def test_labels_off_the_scale_stand_beside_the_ordinal_figure(self) -> None:
        codebook = build_codebook()
        question = build_question(codebook, "tone", "single_label", labels=("bad", "so", "good"))
        for value, key in enumerate(("bad", "so", "good")):
            Label.objects.filter(pk=question.labels.get(key=key).pk).delete()
            Label.objects.create(question=question, key=key, position=value, title=key, value=value)
        Label.objects.create(
            question=question, key="mixed", position=3, title="Mixed", off_scale=True
        )
        survey = build_survey(2, codebook)
        rows = [("bad", "bad"), ("good", "good"), ("mixed", "mixed"), ("so", "mixed")]
        answered(survey, "tone", rows)
        result = result_of(survey, "tone")
        assert result["off_scale"] == 3
        ordinal, nominal = figure(result, "alpha_ordinal"), figure(result, "alpha_nominal")
        assert (ordinal["units"], ordinal["value"]) == (2, 1)
        assert nominal["units"] == 4
        assert nominal["value"] < 1
        assert result["figures"][0] == ordinal

    def test_spans_in_a_text_that_has_changed_are_left_out(self) -> None:
        survey = build_survey(2)
        unit = survey.unit(text="The old bridge.")
        survey.say(unit, 1, {"part": [{"start": 0, "end": 3, "label": "fact"}]})
        survey.say(unit, 2, {"part": [{"start": 90, "end": 93, "label": "fact"}]}, text_revision=2)
        result = result_of(survey, "part")
        assert (result["text_changed"], result["ratings"]) == (1, 1)
        assert figure(result, "f1_exact")["value"] is None

    def test_a_figure_that_is_not_defined_says_why(self) -> None:
        survey = build_survey(2)
        answered(survey, "claim", [("yes", "yes"), ("yes", "yes")])
        result = result_of(survey, "claim")
        alpha = figure(result, "alpha_nominal")
        assert alpha["value"] is None
        assert "All ratings are the same" in alpha["reason"]
        assert figure(result, "ac1")["value"] == 1

    def test_a_campaign_without_labels_has_no_figures_and_no_error(self) -> None:
        survey = build_survey(1)
        run = computed(survey)
        assert run.labels == 0
        for one in run.result["questions"]:
            assert all(told["value"] is None and told["reason"] for told in one["figures"])

    def test_texts_and_relations_are_not_measured(self) -> None:
        survey = build_survey(1)
        told = {one["key"]: one for one in computed(survey).result["questions"]}
        assert told["why"]["figures"] == told["to"]["figures"] == []


class TestBesideOthers:
    def test_two_people_by_cohen(self) -> None:
        survey = build_survey(3)
        rows = [("yes", "yes", None), ("no", "yes", None), ("no", "no", None), ("yes", "yes", "no")]
        answered(survey, "claim", rows)
        pairs = {(one["first"], one["second"]): one for one in result_of(survey, "claim")["pairs"]}
        assert pairs[1, 2]["units"] == 4
        assert pairs[1, 2]["share"] == 0.75
        assert pairs[1, 2]["kappa"] == pytest.approx(0.5)
        assert pairs[1, 3]["kappa"] == 0
        assert len(pairs) == 3

    def test_people_and_models_beside_gold(self) -> None:
        survey = build_survey(2)
        answered(survey, "claim", [("yes", "no"), ("no", "no")])
        for unit in survey.units:
            survey.say(unit, None, {"claim": "no"}, source="gold")
            survey.say(unit, None, {"claim": "yes"}, source="model")
        check = survey.unit(purpose="check")
        survey.say(check, None, {"claim": "yes"}, source="gold")
        survey.say(check, 1, {"claim": "yes"})
        result = result_of(survey, "claim")
        gold = {one["who"]: one for one in result["gold"]}
        assert (gold["A1"]["units"], gold["A1"]["same"]) == (3, 2)
        assert (gold["A2"]["units"], gold["A2"]["same"]) == (2, 2)
        assert gold["A2"]["low"] == pytest.approx(0.3424, abs=0.0001)
        assert (gold["guesser-1"]["is_model"], gold["guesser-1"]["same"]) == (True, 0)
        assert result["ratings"] == 4

    def test_models_beside_the_majority_and_each_person(self) -> None:
        survey = build_survey(3)
        answered(survey, "claim", [("yes", "yes", "no"), ("no", "yes", None)])
        for unit in survey.units:
            survey.say(unit, None, {"claim": "yes"}, source="model")
        told = {one["who"]: one for one in result_of(survey, "claim")["models"]}
        assert told.keys() == {"majority", "A1", "A2", "A3"}
        assert (told["majority"]["units"], told["majority"]["same"]) == (1, 1)
        assert told["A2"]["share"] == 1

    def test_a_model_that_chooses_nothing_has_answered_but_one_that_was_not_asked_has_not(
        self,
    ) -> None:
        survey = build_survey(1)
        for number in range(2):
            unit = survey.unit()
            survey.say(unit, 1, {"reasons": ["old"]})
            survey.say(unit, None, {"reasons": ["old"] * (1 - number)}, source="model")
            survey.say(unit, None, {"claim": "yes"}, source="model", model="other-2")
        told = [one for one in result_of(survey, "reasons")["models"] if one["who"] == "A1"]
        assert [(one["model"], one["units"], one["same"]) for one in told] == [("guesser-1", 2, 1)]

    def test_the_same_unit_shown_again(self) -> None:
        survey = build_survey(2)
        answered(survey, "claim", [("yes", "no"), ("no", "no")])
        first, second = survey.units
        for original, said in ((first, "no"), (second, "no")):
            again = survey.unit(thread=original.thread, purpose="repeat", repeat_of=original)
            survey.say(again, 1, {"claim": said})
        told = {one["who"]: one for one in result_of(survey, "claim")["repeats"]}
        assert (told["A1"]["units"], told["A1"]["same"]) == (2, 1)
        assert told["all"]["share"] == 0.5
        assert "A2" not in told

    def test_disagreement_by_depth_and_by_thread(self) -> None:
        survey = build_survey(2)
        calm, heated = (build_thread(survey.campaign.corpus) for _ in range(2))
        for thread, depth, said in ((calm, 0, "yes"), (heated, 3, "no"), (heated, 4, "no")):
            unit = survey.unit(thread=thread, depth=depth)
            survey.say(unit, 1, {"claim": "yes"})
            survey.say(unit, 2, {"claim": said})
        result = result_of(survey, "claim")
        assert [
            (b["start"], b["end"], b["units"], b["disagreement"]) for b in result["depths"]
        ] == [
            (0, 0, 1, 0),
            (3, 4, 2, 1),
        ]
        assert [one["thread"] for one in result["threads"]] == [heated.pk, calm.pk]


class TestJob:
    def test_intervals_are_over_threads_and_the_seed_decides(self) -> None:
        survey = build_survey(4)
        answered(survey, "certainty", ex.FOUR_OBSERVERS)
        first, second = computed(survey, seed=5), computed(survey, seed=5)
        assert first.pk != second.pk
        assert first.result["questions"] == second.result["questions"]
        told = {one["key"]: one for one in first.result["questions"]}["certainty"]
        alpha = figure(told, "alpha_ordinal")
        assert alpha["low"] < alpha["value"] < alpha["high"]
        assert "1,000 resamples of 12 clusters, seed 5" in alpha["recipe"]
        assert told["ratings"] == 41
        assert (first.done, first.total) == (7, 7)

    def test_it_stops_when_it_is_cancelled(self) -> None:
        survey = build_survey(1)
        run = start_agreement(campaign=survey.campaign, user=None, now=NOON)

        def cancelled(running: RunningJob[AgreementRun]) -> dict[str, Any]:
            cancel_job(job=run, now=NOON)
            running.beat()
            return compute_agreement(running)

        run_job(AgreementRun, run.pk, cancelled)
        run.refresh_from_db()
        assert (run.state, run.result) == (AgreementRun.State.CANCELLED, {})

    def test_one_that_waits_is_not_asked_for_twice(self) -> None:
        survey = build_survey(1)
        first = start_agreement(campaign=survey.campaign, user=None, now=NOON)
        again = start_agreement(campaign=survey.campaign, user=None, now=NOON + timedelta(hours=1))
        other = start_agreement(campaign=survey.campaign, user=None, now=NOON, seed=2)
        assert first == again != other

    def test_too_many_samples_are_refused(self) -> None:
        with pytest.raises(InvalidInput, match="At most 10,000"):
            start_agreement(
                campaign=build_survey(1).campaign, user=None, now=NOON, resamples=10_001
            )

    def test_queries_do_not_grow_with_the_labels(self) -> None:
        counts = []
        for units in (1, 6):
            survey = build_survey(2)
            answered(survey, "claim", [("yes", "no")] * units)
            with CaptureQueriesContext(
                connection,
            ) as found:
                computed(survey)
            counts.append(len(found))
        assert counts[0] == counts[1]
