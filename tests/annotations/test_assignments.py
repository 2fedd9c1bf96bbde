"""Every unit is labeled exactly as often as the design says, whoever works when."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from threading import Thread
from time import sleep

import pytest
from django.db import connection, transaction

from annotations.errors import Conflict, NothingLeft
from annotations.models import Annotation, Assignment, Membership, Unit
from annotations.selectors.assignments import COUNT_AT_MOST, Progress, free_behind, progress
from annotations.services.annotations import save_annotation
from annotations.services.assignments import release_expired, release_unit, take_unit
from annotations.services.campaigns import create_campaign, set_state
from tests.annotations.study import a_save, at_once, build_comments, build_study, label_next
from tests.builders import NOON, build_membership

LEASE = timedelta(hours=2)
LATE = NOON + LEASE + timedelta(seconds=1)


def take(member: Membership, now: datetime = NOON) -> Unit:
    return take_unit(membership=member, now=now).unit


def label_until_nothing_is_left(member: Membership) -> list[Unit]:
    done = []
    try:
        while True:
            done.append(label_next(member).unit)
    except NothingLeft:
        return done


@pytest.mark.django_db
class TestNext:
    def test_units_come_in_order_until_nothing_is_left(self) -> None:
        study = build_study(3)
        assert label_until_nothing_is_left(study.members[0]) == study.units
        with pytest.raises(NothingLeft, match="Nothing is left for you in"):
            take(study.members[0])

    def test_the_unit_that_one_holds_comes_again_with_a_new_lease(self) -> None:
        study = build_study(2)
        assert take(study.members[0]) == study.units[0]
        again = take_unit(membership=study.members[0], now=NOON + LEASE)
        assert (again.unit, again.leased_until) == (study.units[0], NOON + 2 * LEASE)

    def test_overlap_gives_a_unit_to_so_many_and_no_more(self) -> None:
        study = build_study(2, annotators=3, overlap=2)
        taken = [take(member) for member in study.members]
        assert taken == [study.units[0], study.units[0], study.units[1]]

    def test_nobody_gets_a_unit_twice(self) -> None:
        study = build_study(2, annotators=1, overlap=5)
        assert label_until_nothing_is_left(study.members[0]) == study.units

    def test_a_skipped_unit_does_not_come_again(self) -> None:
        study = build_study(2)
        label_next(study.members[0], a_save({}, state="skipped"))
        assert take(study.members[0]) == study.units[1]

    @pytest.mark.parametrize("state", ["paused", "closed"])
    def test_a_campaign_that_is_not_open_gives_nothing(self, state: str) -> None:
        study = build_study(1)
        set_state(campaign=study.campaign, state=state)
        with pytest.raises(Conflict, match=f"is {state}"):
            take(study.members[0])

    def test_another_campaign_s_units_are_not_given(self) -> None:
        build_study(3)
        study = build_study(1)
        assert label_until_nothing_is_left(study.members[0]) == study.units


@pytest.mark.django_db
class TestLease:
    def test_an_untouched_unit_goes_back_when_its_lease_is_over(self) -> None:
        study = build_study(1, annotators=2)
        take(study.members[0])
        assert release_expired(now=NOON + LEASE) == 0
        assert release_expired(now=LATE) == 1
        assert take(study.members[1]) == study.units[0]
        with pytest.raises(NothingLeft):
            take(study.members[0])

    @pytest.mark.parametrize("state", ["draft", "submitted", "skipped"])
    def test_a_unit_with_work_in_it_stays_for_ever(self, state: str) -> None:
        study = build_study(1)
        label_next(study.members[0], a_save({}, state="draft"))
        save_annotation(
            membership=study.members[0],
            unit=study.units[0],
            save=a_save(state=state, based_on=1),
            now=NOON,
        )
        assert release_expired(now=NOON + timedelta(days=400)) == 0
        assert study.members[0].assignments.get().unit == study.units[0]

    def test_a_manager_gives_a_unit_back_and_the_draft_is_kept(self) -> None:
        study = build_study(1, annotators=2)
        label_next(study.members[0], a_save({}, state="draft"))
        release_unit(assignment=study.members[0].assignments.get(), now=LATE)
        assert take(study.members[1]) == study.units[0]
        assert Annotation.objects.get().membership == study.members[0]
        label_next(study.members[1])
        with pytest.raises(Conflict, match="submitted"):
            release_unit(assignment=study.members[1].assignments.get(), now=LATE)

    def test_what_went_back_comes_to_those_who_have_passed_it(self) -> None:
        study = build_study(3, annotators=2)
        take(study.members[0])
        label_next(study.members[1])
        assert not free_behind(study.members[1]).exists()
        release_expired(now=LATE)
        assert take(study.members[1]) == study.units[2]
        label_next(study.members[1])
        assert take(study.members[1]) == study.units[0]

    def test_what_went_back_does_not_come_to_those_who_did_it(self) -> None:
        study = build_study(2, annotators=2, overlap=2)
        label_until_nothing_is_left(study.members[0])
        take(study.members[1])
        release_expired(now=LATE)
        with pytest.raises(NothingLeft):
            take(study.members[0])
        assert take(study.members[1]) == study.units[0]

    def test_a_save_after_the_unit_went_back_is_told_so(self) -> None:
        study = build_study(2)
        unit = take(study.members[0])
        release_expired(now=LATE)
        with pytest.raises(Conflict, match="untouched for too long"):
            save_annotation(membership=study.members[0], unit=unit, save=a_save(), now=LATE)

    def test_a_save_after_the_lease_but_before_that_is_taken(self) -> None:
        study = build_study(2)
        unit = take(study.members[0])
        save_annotation(membership=study.members[0], unit=unit, save=a_save(), now=LATE)
        assert release_expired(now=LATE) == 0
        assert Annotation.objects.count() == 1


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
        member = build_membership(campaign)
        assert progress(member).left == COUNT_AT_MOST
        take(member)
        assert progress(member).left == COUNT_AT_MOST


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_twenty_annotators_label_every_unit_exactly_twice(self) -> None:
        study = build_study(15, annotators=20, overlap=2)
        outcomes = at_once([partial(label_until_nothing_is_left, m) for m in study.members])
        done = [outcome for outcome in outcomes if isinstance(outcome, list)]
        assert len(done) == 20, outcomes
        assert all(len(set(units)) == len(units) for units in done)
        assert Counter(unit for units in done for unit in units) == dict.fromkeys(study.units, 2)
        assert Annotation.objects.filter(state="submitted").count() == 30
        assert not Assignment.objects.exclude(state="submitted").exists()

    def test_tabs_of_one_annotator_get_the_same_unit(self) -> None:
        study = build_study(5, overlap=2)
        assert at_once([partial(take, study.members[0])] * 5) == [study.units[0]] * 5
        assert study.members[0].assignments.count() == 1

    def test_a_unit_given_back_meanwhile_is_not_taken_from_its_new_holder(self) -> None:
        """The first annotator asks again in the moment in which the sweep gives the unit away."""
        study = build_study(2, annotators=2)
        first, second = study.members
        take(first)
        asked: list[Unit] = []

        def ask_again() -> None:
            asked.append(take(first, LATE))
            connection.close()

        thread = Thread(target=ask_again)
        with transaction.atomic():
            release_expired(now=LATE)
            assert take(second, LATE) == study.units[0]
            thread.start()
            sleep(0.3)
        thread.join(20)
        assert asked == [study.units[1]]
        assert take(second, LATE) == study.units[0]
