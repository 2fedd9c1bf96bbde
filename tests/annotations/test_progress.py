"""How far an annotator is, in units and in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from annotations.models import Annotation, Membership, Unit
from annotations.selectors.assignments import COUNT_AT_MOST, Progress, own_progress, progress
from annotations.selectors.day import Today, pace, today
from annotations.services.annotations import save_annotation
from annotations.services.assignments import take_unit
from annotations.services.campaigns import create_campaign
from tests.annotations.study import Study, a_save, build_comments, build_study, draw, label_next
from tests.builders import NOON, build_annotation, build_membership


def take(member: Membership) -> Unit:
    return take_unit(membership=member, now=NOON).unit


@pytest.mark.django_db
class TestProgress:
    def test_it_counts_units_not_slots(self) -> None:
        study = build_study(5, annotators=3, overlap=2)
        assert progress(study.members[0]) == Progress(done=0, skipped=0, left=5)
        label_next(study.members[0])
        label_next(study.members[0], a_save({}, state="skipped"))
        take(study.members[0])
        now = progress(study.members[0])
        assert (now, now.total) == (Progress(done=1, skipped=1, left=3), 5)

    def test_what_others_have_taken_is_not_left(self) -> None:
        study = build_study(3, annotators=2)
        label_next(study.members[0])
        take(study.members[0])
        assert progress(study.members[1]) == Progress(done=0, skipped=0, left=1)

    def test_it_stops_counting_at_a_thousand(self) -> None:
        study = build_study(1)
        thread = study.comments[0].thread
        build_comments(thread, COUNT_AT_MOST + 100)
        campaign = create_campaign(
            slug="large", corpus=thread.corpus, codebook=study.campaign.codebook, now=NOON
        )
        draw(campaign)
        member = build_membership(campaign)
        assert progress(member).left == COUNT_AT_MOST
        take(member)
        assert progress(member).left == COUNT_AT_MOST


@pytest.mark.django_db
class TestToday:
    """The server's day, here that of Auckland: at noon UTC it is already the second of March."""

    @pytest.fixture(autouse=True)
    def zone(self, settings: Any) -> None:
        settings.TIME_ZONE = "Pacific/Auckland"

    MIDNIGHT = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)

    def label(self, study: Study, seconds: float, now: datetime, **save: Any) -> Annotation:
        unit = take(study.members[0])
        return save_annotation(
            membership=study.members[0], unit=unit, save=a_save(seconds=seconds, **save), now=now
        )

    def test_the_day_begins_at_the_server_s_midnight(self) -> None:
        study = build_study(3)
        self.label(study, 10, self.MIDNIGHT - timedelta(seconds=1))
        self.label(study, 7.5, self.MIDNIGHT)
        assert today(study.members[0], now=NOON) == Today(units=1, seconds=7.5)
        assert today(study.members[0], now=NOON + timedelta(days=1)) == Today(0, 0)

    def test_drafts_and_skipped_units_take_time_but_do_not_count(self) -> None:
        study = build_study(3)
        self.label(study, 4, NOON, state="skipped")
        self.label(study, 5, NOON, state="draft")
        assert today(study.members[0], now=NOON) == Today(units=0, seconds=9)

    def test_what_was_begun_yesterday_counts_with_today_s_part(self) -> None:
        study = build_study(1)
        self.label(study, 60, NOON - timedelta(days=1), state="draft")
        self.label(study, 75, NOON, based_on=1)
        assert today(study.members[0], now=NOON) == Today(units=1, seconds=15)

    def test_what_was_submitted_before_is_no_new_unit(self) -> None:
        study = build_study(1)
        done = self.label(study, 60, NOON - timedelta(days=1))
        again = a_save({"claim": "no"}, based_on=1, seconds=80)
        save_annotation(membership=study.members[0], unit=done.unit, save=again, now=NOON)
        assert today(study.members[0], now=NOON) == Today(units=0, seconds=20)

    def test_others_and_models_do_not_count(self) -> None:
        study = build_study(1, annotators=2, overlap=2)
        done = self.label(study, 60, NOON)
        build_annotation(done.unit, source="model", seconds=5)
        assert today(study.members[1], now=NOON) == Today(0, 0)
        assert today(study.members[0], now=NOON) == Today(1, 60)

    def test_the_pace_is_the_median_of_the_last_fifty(self) -> None:
        study = build_study(60)
        assert pace(study.members[0]) is None
        for number in range(10):
            self.label(study, 1_000, NOON + timedelta(seconds=number))
        assert pace(study.members[0]) == 1_000
        for number in range(50):
            self.label(study, number, NOON + timedelta(minutes=1 + number))
        assert pace(study.members[0]) == 24.5

    def test_all_of_it_costs_nine_queries(self, django_assert_max_num_queries: Any) -> None:
        study = build_study(8)
        for number in range(6):
            self.label(study, number, NOON)
        study.members[0].refresh_from_db(fields=["admitted_at"])  # admitted with the first unit
        with django_assert_max_num_queries(9):
            found = own_progress(study.members[0], now=NOON)
        assert (found.units.done, found.today.units, found.pace) == (6, 6, 2.5)
