"""What an annotator may rely on: never given what they avoid, enough is enough, no blame."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.errors import Conflict, EnoughForToday, InvalidInput, NothingLeft
from annotations.models import Annotation, Assignment, Campaign, Comment, Membership, User
from annotations.selectors.assignments import progress
from annotations.selectors.campaign_overview import campaign_totals, member_shares
from annotations.selectors.care import avoided_keys, exposure, warning_keys
from annotations.selectors.home import own_work
from annotations.services.annotations import Save, save_annotation
from annotations.services.assignments import take_unit
from annotations.services.care import (
    CareSettings,
    care_settings,
    set_avoided,
    set_care,
    stop_for_today,
)
from tests.annotations.exported import label_rows
from tests.annotations.study import Study, a_save, build_study, label_next
from tests.builders import NOON, build_category, build_warning

pytestmark = pytest.mark.django_db
State = Assignment.State
TOMORROW = NOON + timedelta(days=1)


def user_of(member: Membership) -> User:
    assert member.user is not None
    return member.user


def avoid(member: Membership, *keys: str) -> None:
    for key in keys:
        build_category(key)
    set_avoided(user=user_of(member), categories=keys, now=NOON)


def taken(member: Membership) -> Comment | None:
    return take_unit(membership=member, now=NOON).unit.comment


def slots(study: Study, **filters: Any) -> int:
    return Assignment.objects.filter(campaign=study.campaign, **filters).count()


class TestAvoided:
    def test_units_go_to_others(self) -> None:
        study = build_study(3, annotators=2)
        build_warning(study.comments[0], "hate")
        build_warning(study.comments[2], "sexual")
        one, other = study.members
        avoid(one, "hate")
        assert progress(one).left == 2
        assert progress(other).left == 3
        assert taken(one) == study.comments[1]
        assert taken(other) == study.comments[0]

    def test_a_corpus_s_units_too(self) -> None:
        study = build_study(2)
        (one,) = study.members
        study.campaign.corpus.content_categories.add(build_category("hate"))
        avoid(one, "hate")
        assert progress(one).left == 0
        assert not own_work(user_of(one))[0].can_go_on
        with pytest.raises(NothingLeft):
            take_unit(membership=one, now=NOON)

    def test_are_got_once_they_are_avoided_no_more(self) -> None:
        study = build_study(2)
        (one,) = study.members
        build_warning(study.comments[0], "hate")
        avoid(one, "hate")
        label_next(one)
        with pytest.raises(NothingLeft):
            take_unit(membership=one, now=NOON)
        avoid(one)
        assert taken(one) == study.comments[0]

    def test_are_given_back_at_once_unless_they_are_begun(self) -> None:
        study = build_study(2, annotators=2)
        one, other = study.members
        for comment in study.comments:
            build_warning(comment, "hate")
        begun = label_next(one, a_save(state="draft"))
        label_next(other, a_save(state="draft"))
        avoid(one, "hate")
        assert Assignment.objects.get(unit=begun.unit).membership == one
        assert taken(one) == study.comments[0]
        save_annotation(membership=one, unit=begun.unit, save=a_save(based_on=1), now=NOON)
        assert slots(study, membership=one, state=State.LEASED) == 0

    def test_what_is_held_goes_when_it_is_chosen_or_warned_of(self) -> None:
        study = build_study(2)
        (one,) = study.members
        build_warning(study.comments[0], "hate")
        assert taken(one) == study.comments[0]
        avoid(one, "hate", "sexual")
        assert slots(study, state=State.PENDING) == 2
        assert taken(one) == study.comments[1]
        build_warning(study.comments[1], "sexual")
        with pytest.raises(NothingLeft):
            take_unit(membership=one, now=NOON)
        assert slots(study, state=State.PENDING) == 2

    def test_cost_nothing_where_nobody_avoids_anything(self) -> None:
        study = build_study(2)
        with CaptureQueriesContext(connection) as queries:
            take_unit(membership=study.members[0], now=NOON)
        asked = [one["sql"] for one in queries]
        assert not any("content_warning" in sql for sql in asked)
        assert sum("account_avoided" in sql for sql in asked) <= 3

    def test_must_be_categories(self) -> None:
        study = build_study(1)
        with pytest.raises(InvalidInput) as refused:
            set_avoided(user=user_of(study.members[0]), categories=["no-such"], now=NOON)
        assert "categories" in refused.value.fields
        assert avoided_keys(user_of(study.members[0])) == []


class TestExposure:
    def test_is_counted_by_category_and_day(self) -> None:
        study = build_study(4)
        (one,) = study.members
        build_warning(study.comments[0], "hate")
        build_warning(study.comments[0], "sexual")
        build_warning(study.comments[1], "hate")
        label_next(one, a_save(seconds=4.5))
        label_next(one, a_save(state="skipped", answers={}))
        label_next(one, a_save(state="draft", seconds=3))
        done = exposure(one, now=NOON)
        assert (done.units, done.warned, done.warned_units) == (3, {"hate": 2, "sexual": 1}, 2)
        assert (done.seconds, done.enough) == (8, None)
        assert exposure(one, now=TOMORROW).units == 0

    def test_counts_a_corpus_s_category_once_for_each_unit(self) -> None:
        study = build_study(3)
        (one,) = study.members
        study.campaign.corpus.content_categories.add(build_category("hate"))
        build_warning(study.comments[0], "hate")
        build_warning(study.comments[0], "sexual")
        label_next(one)
        label_next(one)
        done = exposure(one, now=NOON)
        assert (done.warned, done.warned_units) == ({"hate": 2, "sexual": 1}, 2)

    def test_is_nobody_else_s(self) -> None:
        study = build_study(2, annotators=2)
        label_next(study.members[0])
        assert exposure(study.members[1], now=NOON).units == 0

    @pytest.mark.parametrize(
        ("zone", "midnight"),
        [
            ("UTC", NOON.replace(day=2, hour=0)),
            ("Pacific/Kiritimati", NOON.replace(day=2, hour=10)),
            ("Pacific/Niue", NOON.replace(day=2, hour=11)),
        ],
    )
    def test_ends_at_midnight_where_the_server_is(
        self, settings: Any, zone: str, midnight: datetime
    ) -> None:
        """At noon in Greenwich it is 2 in the next morning on Kiritimati, 1 on Niue."""
        settings.TIME_ZONE = zone
        study = build_study(2)
        (one,) = study.members
        label_next(one)
        assert exposure(one, now=midnight - timedelta(minutes=1)).units == 1
        assert exposure(one, now=midnight).units == 0


class TestEnough:
    def test_units_a_day(self) -> None:
        study = build_study(4)
        (one,) = study.members
        set_care(campaign=study.campaign, settings=CareSettings(daily_units=2))
        label_next(one)
        label_next(one)
        with pytest.raises(EnoughForToday, match="at most 2 units a day") as refused:
            label_next(one)
        assert refused.value.code == "enough_for_today"
        assert exposure(one, now=NOON).enough == refused.value.message
        assert take_unit(membership=one, now=TOMORROW).unit.comment == study.comments[2]

    def test_warned_units_a_day(self) -> None:
        study = build_study(4)
        (one,) = study.members
        set_care(campaign=study.campaign, settings=CareSettings(daily_warned=1))
        build_warning(study.comments[1], "hate")
        label_next(one)
        label_next(one)
        with pytest.raises(EnoughForToday, match="at most 1 units with a content warning"):
            label_next(one)

    def test_what_is_in_hand_is_finished(self) -> None:
        study = build_study(3)
        (one,) = study.members
        label_next(one)
        held = take_unit(membership=one, now=NOON)
        set_care(campaign=study.campaign, settings=CareSettings(daily_units=1))
        assert take_unit(membership=one, now=NOON) == held
        save_annotation(membership=one, unit=held.unit, save=a_save(), now=NOON)
        with pytest.raises(EnoughForToday):
            take_unit(membership=one, now=NOON)

    def test_a_skip_counts_too_and_others_go_on(self) -> None:
        study = build_study(3, annotators=2)
        one, other = study.members
        set_care(campaign=study.campaign, settings=CareSettings(daily_units=1))
        label_next(one, a_save(state="skipped", answers={}, harmful=True))
        with pytest.raises(EnoughForToday):
            take_unit(membership=one, now=NOON)
        assert taken(other) == study.comments[0]


class TestStop:
    def test_gives_back_what_is_not_begun(self) -> None:
        study = build_study(3)
        (one,) = study.members
        take_unit(membership=one, now=NOON)
        assert stop_for_today(membership=one, now=NOON) == 1
        assert slots(study, state=State.PENDING) == 3
        begun = label_next(one, a_save(state="draft"))
        assert stop_for_today(membership=one, now=NOON) == 0
        assert take_unit(membership=one, now=TOMORROW).unit == begun.unit


class TestHarmful:
    def skip(self, one: Membership, **changes: Any) -> Annotation:
        return label_next(one, a_save(state="skipped", answers={}, harmful=True, **changes))

    def test_unit_goes_to_somebody_else(self) -> None:
        study = build_study(1, annotators=2)
        one, other = study.members
        skipped = self.skip(one)
        assert skipped.harmful
        assert skipped.revisions.get().content["harmful"] is True
        assert slots(study) == 2
        with pytest.raises(NothingLeft):
            take_unit(membership=one, now=NOON)
        assert taken(other) == study.comments[0]

    def test_said_twice_makes_one_spare_slot(self) -> None:
        study = build_study(1)
        (one,) = study.members
        save_id = uuid4()
        skipped = self.skip(one, save_id=save_id)
        again = a_save(state="skipped", answers={}, harmful=True, save_id=save_id)
        save_annotation(membership=one, unit=skipped.unit, save=again, now=NOON)
        other = a_save(state="skipped", answers={}, harmful=True, based_on=1, note="Really.")
        save_annotation(membership=one, unit=skipped.unit, save=other, now=NOON)
        assert slots(study) == 2

    def test_taken_back_takes_the_free_spare_slot_back(self) -> None:
        study = build_study(1)
        (one,) = study.members
        unit = self.skip(one).unit
        save_annotation(membership=one, unit=unit, save=a_save(based_on=1), now=NOON)
        assert slots(study) == 1
        assert not Annotation.objects.get().harmful

    def test_taken_back_leaves_a_spare_slot_that_somebody_has(self) -> None:
        study = build_study(1, annotators=3)
        one, other, third = study.members
        unit = self.skip(one).unit
        take_unit(membership=other, now=NOON)
        save_annotation(membership=one, unit=unit, save=a_save(based_on=1), now=NOON)
        assert slots(study) == 2
        with pytest.raises(NothingLeft):
            take_unit(membership=third, now=NOON)

    def test_two_make_two_spare_slots(self) -> None:
        study = build_study(1, annotators=4, overlap=2)
        for one in study.members[:2]:
            self.skip(one)
        assert slots(study) == 4
        for one in study.members[2:]:
            label_next(one)
        assert slots(study, state=State.SUBMITTED) == 2

    def test_is_only_for_skips(self) -> None:
        with pytest.raises(InvalidInput) as refused:
            Save(save_id=uuid4(), based_on=0, state="submitted", answers={}, harmful=True)
        assert "harmful" in refused.value.fields

    def test_counts_as_no_skip_in_what_managers_see(self) -> None:
        study = build_study(3)
        (one,) = study.members
        self.skip(one)
        label_next(one, a_save(state="skipped", answers={}))
        (share,) = member_shares([one])
        assert (share.totals.skipped, share.totals.settled) == (1, 1)
        totals = campaign_totals([study.campaign])[study.campaign.pk]
        assert (totals.skipped, totals.wanted, totals.pending) == (1, 3, 2)

    def test_is_not_exported(self) -> None:
        study = build_study(2, annotators=2)
        one, other = study.members
        self.skip(one)
        label_next(other)
        label_next(one, a_save(state="skipped", answers={}, skip_reason="No claim."))
        rows = [(row.annotator, row.comment_id, row.state) for row in label_rows(study.campaign)]
        assert rows == [
            (other.pseudonym, study.comments[0].source_id, "submitted"),
            (one.pseudonym, study.comments[1].source_id, "skipped"),
        ]


class TestWarningKeys:
    def test_are_the_comment_s_own_and_the_corpus_s(self) -> None:
        study = build_study(2)
        first, second = study.comments
        study.campaign.corpus.content_categories.add(build_category("hate"))
        build_warning(first, "sexual")
        build_warning(first, "hate")
        keys = warning_keys(study.campaign.corpus, study.comments)
        assert keys == {first.pk: ["hate", "sexual"], second.pk: ["hate"]}

    def test_take_two_queries_for_any_number(self, django_assert_num_queries: Any) -> None:
        study = build_study(12)
        for comment in study.comments:
            build_warning(comment, "hate")
        with django_assert_num_queries(2):
            warning_keys(study.campaign.corpus, study.comments)


class TestSettings:
    def test_change_while_the_campaign_runs(self) -> None:
        study = build_study(1)
        settings = care_settings(study.campaign, daily_units=3, support_text="Call Mia.")
        set_care(campaign=study.campaign, settings=settings)
        kept = Campaign.objects.get()
        assert care_settings(kept) == CareSettings(daily_units=3, support_text="Call Mia.")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"break_minutes": -1},
            {"break_minutes": 481},
            {"daily_units": 0},
            {"daily_warned": 0},
            {"daily_warned": 100_001},
            {"support_text": "x" * 10_001},
        ],
    )
    def test_are_refused_where_they_make_no_sense(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(InvalidInput):
            CareSettings(**wrong)


def test_a_closed_campaign_takes_no_harmful_skip() -> None:
    study = build_study(1)
    (one,) = study.members
    unit = take_unit(membership=one, now=NOON).unit
    Campaign.objects.update(state="closed")
    save = a_save(state="skipped", answers={}, harmful=True)
    with pytest.raises(Conflict):
        save_annotation(membership=one, unit=unit, save=save, now=NOON)
    assert slots(study) == 1
