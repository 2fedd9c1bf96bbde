"""How work goes on: what is counted, who is left in peace, and what is far from usual."""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from annotations.models import Assignment, Membership, Unit
from annotations.pages.figures import duration, percent, written
from annotations.selectors.dashboard import days_of, labels_of, people_of, wanted_labels
from annotations.selectors.pace import far_off, paces, slices, times_of
from tests.annotations.ratings import ROWS, Survey, answered, build_bridge_study, build_survey
from tests.builders import NOON, build_membership, build_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey() -> Survey:
    return build_bridge_study()


class TestProgress:
    def test_days_have_no_gaps_and_add_up(self, survey: Survey) -> None:
        Assignment.objects.filter(unit=survey.units[2]).update(changed_at=NOON)
        days = days_of(survey.campaign)
        assert [one.done for one in days] == [6, 3, 0, 3]
        assert days[-1].together == 12 == wanted_labels(survey.campaign)

    def test_what_people_have_done_without_what_harmed_them(self, survey: Survey) -> None:
        more, harm = survey.unit(), survey.unit()
        survey.say(more, 1, {}, state="skipped", submitted_at=None)
        survey.say(harm, 1, {}, state="skipped", submitted_at=None, harmful=True)
        survey.say(survey.unit(), 1, {"claim": "yes"}, flagged=True, seconds=30)
        survey.say(survey.unit(purpose="training"), 1, {"claim": "yes"}, seconds=900)
        people = people_of(survey.campaign, paces(times_of(survey.campaign)))
        first = people[0]
        assert (first.done, first.skipped, first.flagged, first.seconds) == (5, 1, 1, 30)
        assert first.skipped_rate == pytest.approx(1 / 6)
        assert first.pace is not None
        assert first.pace.median == 30

    def test_scores_of_checks_with_their_interval(self, survey: Survey) -> None:
        for number, score in enumerate((1, 1, 0, 1)):
            unit = survey.unit(purpose="check")
            Assignment.objects.create(
                campaign=survey.campaign,
                unit=unit,
                slot=number,
                order=unit.order,
                purpose=Unit.Purpose.CHECK,
                membership=survey.people[0],
                state="submitted",
                score=score,
            )
        first, second, _ = people_of(survey.campaign, {})
        assert first.check is not None
        assert (first.check.mean, first.check.count) == (0.75, 4)
        assert first.check.interval == pytest.approx((0.3006, 0.9544), abs=0.0001)
        assert second.check is None

    def test_labels_together_and_by_person(self, survey: Survey) -> None:
        claim = next(one for one in labels_of(survey.campaign) if one.question.key == "claim")
        assert {one.key: one.count for one in claim.given} == {"yes": 4, "no": 7}
        assert claim.given[0].by_person == {1: 2, 2: 1, 3: 1}
        assert claim.answered == {1: 4, 2: 4, 3: 3}

    def test_queries_do_not_grow_with_people_and_labels(self, survey: Survey) -> None:
        client, user = Client(), build_user()
        build_membership(survey.campaign, user, Membership.Role.MANAGER, number=90)
        client.force_login(user)
        client.get(
            reverse("campaign_progress", args=["bridge"])
        )  # the audit log is told once an hour
        counts = []
        for turn in range(2):
            with CaptureQueriesContext(connection) as found:
                client.get(reverse("campaign_progress", args=["bridge"]))
            counts.append(len(found))
            for number in range(3):
                build_membership(survey.campaign, number=200 + 10 * turn + number)
            answered(survey, "claim", ROWS)
        assert counts[0] == counts[1]


class TestTime:
    def test_far_off_is_by_the_persons_own_pace(self) -> None:
        """A1 takes 10 to 20 seconds, A2 100 to 200: a unit of 100 is far off for A1 alone."""
        survey = build_survey(2)
        for number in range(30):
            unit = survey.unit()
            survey.say(unit, 1, {"claim": "yes"}, seconds=10 + number % 11)
            survey.say(unit, 2, {"claim": "yes"}, seconds=100 + 10 * (number % 11))
        slow, fast = survey.unit(), survey.unit()
        survey.say(slow, 1, {"claim": "yes"}, seconds=100)
        survey.say(slow, 2, {"claim": "yes"}, seconds=100)
        survey.say(fast, 2, {"claim": "yes"}, seconds=2)
        found = far_off(survey.campaign, paces(times_of(survey.campaign)))
        told = {
            (one.annotation.membership_id, one.annotation.seconds, one.is_fast) for one in found
        }
        first, second = (member.pk for member in survey.people)
        assert told == {(first, 100, False), (second, 2, True)}

    def test_the_bounds_are_those_of_iglewicz_and_hoaglin(self) -> None:
        survey = build_survey(1)
        for seconds in (*[8] * 5, *[16] * 11, *[32] * 5):
            survey.say(survey.unit(), 1, {"claim": "yes"}, seconds=seconds)
        pace = paces(times_of(survey.campaign))[survey.people[0].pk]
        assert (pace.count, pace.median, pace.low) == (21, 16, None)
        for seconds in (8, 32):
            survey.say(survey.unit(), 1, {"claim": "yes"}, seconds=seconds)
        pace = paces(times_of(survey.campaign))[survey.people[0].pk]
        reach = 2 ** (3.5 / 0.6745)
        assert pace.low == pytest.approx(16 / reach)
        assert pace.high == pytest.approx(16 * reach)

    def test_few_units_and_no_times_have_no_bounds(self) -> None:
        survey = build_survey(2)
        for seconds in (5, 500):
            survey.say(survey.unit(), 1, {"claim": "yes"}, seconds=seconds)
        survey.say(survey.unit(), 2, {"claim": "yes"}, seconds=0)
        times = times_of(survey.campaign)
        assert list(paces(times)) == [survey.people[0].pk]
        assert far_off(survey.campaign, paces(times)) == []

    def test_slices_hold_every_unit(self) -> None:
        survey = build_survey(1)
        for seconds in (0.04, 0.5, 3, 3, 70, 3600):
            survey.say(survey.unit(), 1, {"claim": "yes"}, seconds=seconds)
        found = slices(times_of(survey.campaign))
        assert sum(one.count for one in found) == 6
        assert all(a.end == pytest.approx(b.start) for a, b in pairwise(found))


class TestWords:
    def test_figures_are_rounded_and_not_cut_off(self) -> None:
        assert written(0.6666, "figure") == "0.667"
        assert percent(0.479) == "48 %"
        assert percent(0.0556) == "5.6 %"
        assert written(None, "count") == "–"
        assert written(1234567, "count") == "1,234,567"
        with translation.override("de"):
            assert written(0.6666, "figure") == "0,667"

    def test_durations_are_in_the_unit_that_one_thinks_in(self) -> None:
        assert [duration(one) for one in (2.34, 45, 600, 9000)] == [
            "2.3 s",
            "45 s",
            "10 min",
            "2.5 h",
        ]
