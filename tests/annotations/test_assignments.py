"""Every unit is labeled exactly as often as the design says, whoever works when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from threading import Thread
from time import sleep
from typing import Any

import pytest
from django.db import connection, transaction

from annotations.errors import Conflict, NothingLeft
from annotations.models import Annotation, Assignment, Membership, Unit
from annotations.selectors.assignments import free_behind
from annotations.services.annotations import save_annotation
from annotations.services.assignments import (
    MOST_HELD,
    release_expired,
    release_unit,
    take_unit,
)
from annotations.services.campaigns import change_role, set_state
from tests.annotations.study import (
    a_save,
    at_once,
    build_study,
    label_next,
)
from tests.builders import NOON

LEASE = timedelta(hours=2)
LATE = NOON + LEASE + timedelta(seconds=1)


def take(member: Membership, now: datetime = NOON, after: Sequence[Unit] = ()) -> Unit:
    held = [unit.pk for unit in after]
    return take_unit(membership=member, after=held, now=now).unit


def label_until_nothing_is_left(member: Membership) -> list[Unit]:
    done = []
    try:
        while True:
            done.append(label_next(member).unit)
    except NothingLeft:
        return done


def label_three_ahead(member: Membership) -> None:
    """As the page does: three units fetched ahead of the one that is labeled."""
    ahead: list[Unit] = []
    while True:
        try:
            while len(ahead) < 4:
                ahead.append(take(member, after=ahead))
        except NothingLeft:
            if not ahead:
                return
        save_annotation(membership=member, unit=ahead.pop(0), save=a_save(), now=NOON)


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
        set_state(campaign=study.campaign, state=state, now=NOON)
        with pytest.raises(Conflict, match=f"is {state}"):
            take(study.members[0])

    def test_another_campaign_s_units_are_not_given(self) -> None:
        build_study(3)
        study = build_study(1)
        assert label_until_nothing_is_left(study.members[0]) == study.units


@pytest.mark.django_db
class TestAhead:
    """A page fetches the units after the one on screen."""

    def test_the_units_after_come_one_by_one_and_are_held(self) -> None:
        study = build_study(3, annotators=2)
        first, second = take(study.members[0]), take(study.members[0], after=study.units[:1])
        assert [first, second] == study.units[:2]
        assert study.members[0].assignments.filter(state="leased").count() == 2
        assert take(study.members[1]) == study.units[2]

    def test_a_held_unit_that_the_page_does_not_name_comes_first(self) -> None:
        study = build_study(3)
        take(study.members[0])
        take(study.members[0], after=study.units[:1])
        assert take(study.members[0]) == study.units[0]
        assert take(study.members[0], after=[study.units[1]]) == study.units[0]
        assert study.members[0].assignments.count() == 2

    def test_what_is_held_already_has_its_lease_renewed(self) -> None:
        study = build_study(3, annotators=2)
        take(study.members[0])
        later = NOON + timedelta(hours=1)
        take(study.members[0], later, after=study.units[:1])
        leases = study.members[0].assignments.values_list("leased_until", flat=True)
        assert set(leases) == {later + LEASE}
        assert release_expired(now=LATE) == 0

    def test_so_it_has_where_nothing_is_left(self) -> None:
        study = build_study(1)
        take(study.members[0])
        with pytest.raises(NothingLeft):
            take(study.members[0], NOON + LEASE, after=study.units)
        assert study.members[0].assignments.get().leased_until == NOON + 2 * LEASE

    def test_five_are_held_and_no_more(self) -> None:
        study = build_study(MOST_HELD + 2)
        held: list[Unit] = []
        for _ in range(MOST_HELD):
            held.append(take(study.members[0], after=held))
        assert held == study.units[:MOST_HELD]
        with pytest.raises(Conflict, match="You hold 5 units already") as refused:
            take(study.members[0], NOON + LEASE, after=held)
        assert not isinstance(refused.value, NothingLeft)
        assert study.members[0].assignments.count() == MOST_HELD
        leases = study.members[0].assignments.values_list("leased_until", flat=True)
        assert set(leases) == {NOON + 2 * LEASE}
        done = a_save()
        save_annotation(membership=study.members[0], unit=held[0], save=done, now=NOON)
        assert take(study.members[0], after=held) == study.units[MOST_HELD]

    def test_what_is_done_or_another_s_is_not_leased_again(self) -> None:
        study = build_study(3, annotators=2)
        label_next(study.members[0])
        take(study.members[1])
        taken = take(study.members[0], NOON + LEASE, after=study.units)
        assert taken == study.units[2]
        assert study.members[0].assignments.get(unit=study.units[0]).state == "submitted"
        assert study.members[1].assignments.get().leased_until == NOON + LEASE

    def test_the_next_costs_as_many_queries_whatever_is_held(
        self, django_assert_max_num_queries: Any
    ) -> None:
        study = build_study(6)
        held = [take(study.members[0])]
        while len(held) < 4:
            held.append(take(study.members[0], after=held))
        with django_assert_max_num_queries(15):
            take(study.members[0], after=held)

    def test_who_labels_no_more_gives_them_back_at_once(self) -> None:
        study = build_study(2, annotators=2)
        held = [take(study.members[0]), take(study.members[0], after=study.units[:1])]
        change_role(membership=study.members[0], role="viewer", now=NOON)
        assert [take(study.members[1]), take(study.members[1], after=held[:1])] == held

    @pytest.mark.parametrize("state", ["paused", "closed"])
    def test_a_campaign_that_ends_meanwhile_says_so(self, state: str) -> None:
        study = build_study(3)
        take(study.members[0])
        set_state(campaign=study.campaign, state=state, now=NOON)
        with pytest.raises(Conflict, match=f"is {state}"):
            take(study.members[0], after=study.units[:1])
        set_state(campaign=study.campaign, state="open", now=NOON)
        assert take(study.members[0], after=study.units[:1]) == study.units[1]


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
        assert not any(slots.exists() for slots in free_behind(study.members[1]))
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

    def test_a_save_after_the_unit_went_back_is_taken_while_it_is_nobody_s(self) -> None:
        study = build_study(2)
        unit = take(study.members[0])
        release_expired(now=LATE)
        save_annotation(membership=study.members[0], unit=unit, save=a_save(), now=LATE)
        slot = study.members[0].assignments.get()
        assert (slot.unit, slot.state, slot.number) == (unit, "submitted", 1)
        assert take(study.members[0]) == study.units[1]
        assert not Assignment.objects.filter(state="pending").exists()

    def test_and_told_so_once_it_is_somebody_else_s(self) -> None:
        study = build_study(2, annotators=2)
        unit = take(study.members[0])
        release_expired(now=LATE)
        assert take(study.members[1]) == unit
        with pytest.raises(Conflict, match="untouched for too long"):
            save_annotation(membership=study.members[0], unit=unit, save=a_save(), now=LATE)
        assert not Annotation.objects.exists()

    @pytest.mark.parametrize("why", ["paused", "closed", "begun", "whole threads"])
    def test_it_is_not_taken_where_the_unit_would_not_be_given(self, why: str) -> None:
        study = build_study(2, whole_threads=why == "whole threads")
        member, state = study.members[0], "draft" if why == "begun" else "submitted"
        unit = take(member)
        if why == "begun":
            save_annotation(membership=member, unit=unit, save=a_save(state=state), now=NOON)
            release_unit(assignment=member.assignments.get(), now=LATE)
        release_expired(now=LATE)
        if why == "paused":
            Membership.objects.filter(pk=member.pk).update(paused_at=NOON, pause_reason="Rest.")
        if why == "closed":
            set_state(campaign=study.campaign, state="closed", now=NOON)
        with pytest.raises(Conflict):
            save_annotation(membership=member, unit=unit, save=a_save(), now=LATE)
        assert not member.assignments.exists()

    def test_a_save_after_the_lease_but_before_that_is_taken(self) -> None:
        study = build_study(2)
        unit = take(study.members[0])
        save_annotation(membership=study.members[0], unit=unit, save=a_save(), now=LATE)
        assert release_expired(now=LATE) == 0
        assert Annotation.objects.count() == 1


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

    def test_tabs_that_fetch_ahead_together_hold_no_more_than_five(self) -> None:
        study = build_study(12)
        held: list[Unit] = []
        for _ in range(MOST_HELD - 1):
            held.append(take(study.members[0], after=held))
        outcomes = at_once([partial(take, study.members[0], NOON, held)] * 6)
        assert outcomes == [study.units[MOST_HELD - 1]] * 6
        assert study.members[0].assignments.count() == MOST_HELD

    def test_annotators_who_fetch_ahead_label_every_unit_exactly_twice(self) -> None:
        study = build_study(15, annotators=6, overlap=2)
        outcomes = at_once([partial(label_three_ahead, m) for m in study.members])
        assert all(outcome is None for outcome in outcomes), outcomes
        assert Annotation.objects.filter(state="submitted").count() == 30
        assert not Assignment.objects.exclude(state="submitted").exists()
        done = Assignment.objects.values_list("unit", "membership")
        assert len(set(done)) == 30

    def test_leases_are_renewed_while_the_sweep_goes_round(self) -> None:
        """Nobody waits in a ring: what is renewed is kept or given back, never half."""
        study = build_study(10)
        held: list[Unit] = []
        for _ in range(MOST_HELD):
            held.append(take(study.members[0], after=held))

        def ask() -> object:
            return take(study.members[0], LATE, after=held)

        def sweep() -> object:
            return release_expired(now=LATE)

        outcomes = at_once([ask, sweep] * 4)
        assert all(isinstance(one, Unit | Conflict | int) for one in outcomes), outcomes
        leased = Assignment.objects.filter(state="leased")
        assert set(leased.values_list("leased_until", flat=True)) <= {LATE + LEASE}
        assert leased.count() <= MOST_HELD

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
