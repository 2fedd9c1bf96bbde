"""What may be relied on when labels are made into one answer a unit: beside them, never over."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.errors import InvalidInput, JobSuperseded
from annotations.models import Aggregation, Annotation, Answer, Consensus, Revision
from annotations.services.aggregation import aggregate, start_aggregation
from annotations.services.jobs import cancel_job, claim_job, run_job
from annotations.services.running_job import LEASE, RunningJob
from tests.annotations.ratings import Survey, answered, build_survey
from tests.builders import NOON

pytestmark = pytest.mark.django_db(transaction=True)

METHODS = list(Aggregation.Method.values)


def aggregated(survey: Survey, method: str = "majority") -> Aggregation:
    run = start_aggregation(campaign=survey.campaign, method=method, user=None, now=NOON)
    run_job(Aggregation, run.pk, aggregate)
    run.refresh_from_db()
    assert run.state == Aggregation.State.DONE, run.error
    return run


def answers(run: Aggregation, key: str) -> list[Consensus]:
    return list(run.consensus.filter(question__key=key).order_by("unit__order"))


def told(run: Aggregation, key: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = run.result["questions"]
    return next(one for one in found if one["key"] == key)


class TestMajority:
    def test_one_label_with_its_share_and_no_answer_where_there_is_a_tie(self) -> None:
        survey = build_survey(3)
        answered(survey, "claim", [("yes", "yes", "no"), ("yes", "no", None)])
        run = aggregated(survey)
        first, second = answers(run, "claim")
        assert first.value == "yes"
        assert first.shares == {"yes": pytest.approx(2 / 3), "no": pytest.approx(1 / 3, abs=1e-6)}
        assert second.value is None
        assert second.shares == {"yes": 0.5, "no": 0.5}
        assert told(run, "claim")["ties"] == 1
        assert told(run, "claim")["competence"] == [
            {"number": 1, "ratings": 2, "competence": 1.0},
            {"number": 2, "ratings": 2, "competence": 1.0},
            {"number": 3, "ratings": 1, "competence": 0.0},
        ]
        assert run.units == 2

    def test_each_of_several_labels_by_itself(self) -> None:
        survey = build_survey(3)
        unit = survey.unit()
        for person, said in enumerate((["old", "rude"], ["old"], []), 1):
            survey.say(unit, person, {"reasons": said})
        (row,) = answers(aggregated(survey), "reasons")
        assert row.value == ["old"]
        assert row.shares["rude"] == pytest.approx(1 / 3, abs=1e-6)

    def test_a_rating_has_its_median_beside_it_and_a_number_only_that(self) -> None:
        survey = build_survey(3)
        answered(survey, "certainty", [(1, 1, 5), (2, 4, None)])
        answered(survey, "count", [(3, 10, 4)])
        run = aggregated(survey)
        first, second = answers(run, "certainty")
        assert (first.value, first.median) == (1, 1)
        assert (second.value, second.median) == (None, 3)
        (number,) = answers(run, "count")
        assert (number.value, number.median, number.shares) == (4, 4, {})

    def test_the_characters_that_more_than_half_marked(self) -> None:
        survey = build_survey(3)
        unit = survey.unit(text="x" * 30)
        for person, (start, end) in enumerate(((0, 10), (4, 12), (6, 30)), 1):
            said = [{"start": start, "end": end, "label": "fact"}]
            survey.say(unit, person, {"part": said})
        run = aggregated(survey)
        (row,) = answers(run, "part")
        assert row.value == [{"start": 4, "end": 12, "label": "fact"}]
        assert row.shares == {"fact": 1.0}
        assert told(run, "part")["method"] == "majority"

    def test_texts_and_relations_stay_as_they_are(self) -> None:
        survey = build_survey(1)
        survey.say(survey.unit(), 1, {"claim": "yes"})
        run = aggregated(survey)
        assert not answers(run, "why")
        assert told(run, "why")["note"]


class TestMethods:
    @pytest.mark.parametrize("method", ["weighted", "dawid_skene", "mace"])
    def test_who_is_always_right_weighs_more_than_who_guesses(self, method: str) -> None:
        """A1 to A3 agree; A4 and A5 answer by the number of the unit alone."""
        survey = build_survey(5)
        for number in range(40):
            truth = "yes" if number % 2 else "no"
            noise = "yes" if number % 3 else "no"
            other = "yes" if number % 5 > 1 else "no"
            answered(survey, "claim", [(truth, truth, truth, noise, other)])
        answered(survey, "claim", [("yes", None, None, "no", "no")])
        run = aggregated(survey, method)
        rows = answers(run, "claim")
        assert [row.value for row in rows[:40]] == ["no", "yes"] * 20
        competence = {one["number"]: one["competence"] for one in told(run, "claim")["competence"]}
        assert min(competence[n] for n in (1, 2, 3)) > max(competence[n] for n in (4, 5))
        (model,) = told(run, "claim")["models"]
        assert model["values"] == ["yes", "no"]
        assert model["converged"] in (True, False)
        assert sum(model["prior"]) == pytest.approx(1)
        if method != "weighted":
            assert rows[40].value == "yes"

    def test_the_same_seed_gives_the_same_answers(self) -> None:
        survey = build_survey(3)
        answered(survey, "claim", [("yes", "yes", "no"), ("no", "yes", "no"), ("no", "no", "no")])
        first, second = aggregated(survey, "mace"), aggregated(survey, "mace")
        assert first.result["questions"] == second.result["questions"]
        assert [row.shares for row in answers(first, "claim")] == [
            row.shares for row in answers(second, "claim")
        ]


class TestJob:
    @pytest.mark.parametrize("method", METHODS)
    def test_what_people_said_is_as_it_was(self, method: str) -> None:
        survey = build_survey(3)
        answered(survey, "claim", [("yes", "yes", "no"), ("no", "yes", "no")])
        before = [list(model.objects.order_by("pk").values()) for model in RAW]
        aggregated(survey, method)
        assert [list(model.objects.order_by("pk").values()) for model in RAW] == before

    def test_another_attempt_removes_what_an_earlier_one_wrote(self) -> None:
        survey = build_survey(2)
        answered(survey, "claim", [("yes", "yes"), ("no", "no")])
        run = start_aggregation(campaign=survey.campaign, method="majority", user=None, now=NOON)
        dead = claim_job(Aggregation, run.pk, now=NOON)
        assert dead is not None
        aggregate(RunningJob(dead, clock=lambda: NOON))
        assert run.consensus.exists()
        later = NOON + LEASE * 2
        run_job(Aggregation, run.pk, aggregate, clock=lambda: later)
        run.refresh_from_db()
        assert run.state == Aggregation.State.DONE, run.error
        assert run.consensus.filter(question__key="claim").count() == 2
        with pytest.raises(JobSuperseded):
            aggregate(RunningJob(dead, clock=lambda: later))
        assert run.consensus.filter(question__key="claim").count() == 2

    def test_it_stops_when_it_is_cancelled(self) -> None:
        survey = build_survey(1)
        answered(survey, "claim", [("yes",)])
        run = start_aggregation(campaign=survey.campaign, method="mace", user=None, now=NOON)

        def cancelled(running: RunningJob[Aggregation]) -> dict[str, Any]:
            cancel_job(job=run, now=NOON)
            return aggregate(running)

        run_job(Aggregation, run.pk, cancelled)
        run.refresh_from_db()
        assert run.state == Aggregation.State.CANCELLED
        assert not run.consensus.exists()

    def test_an_unknown_method_is_refused(self) -> None:
        with pytest.raises(InvalidInput, match="'mean'"):
            start_aggregation(campaign=build_survey(1).campaign, method="mean", user=None, now=NOON)

    def test_a_campaign_without_labels_has_no_answers(self) -> None:
        run = aggregated(build_survey(1))
        assert run.units == 0
        assert told(run, "claim")["note"] == "Nobody has answered it yet."


RAW: tuple[Any, ...] = (Annotation, Answer, Revision)
