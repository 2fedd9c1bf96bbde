"""Whole threads: one person reads a thread in order, and nothing of it is lost or given twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from annotations.errors import Conflict, NothingLeft
from annotations.models import Assignment, Campaign, Membership, Turn, Unit
from annotations.selectors.assignments import progress
from annotations.selectors.turns import held_turns, turn_shares
from annotations.services.annotations import save_annotation
from annotations.services.assignments import release_expired, release_unit, take_unit
from annotations.services.campaigns import Design, change_role, create_campaign
from annotations.services.known import take_back_known_unit
from annotations.services.sampling import raise_overlap
from annotations.services.turns import HELD_FOR, release_expired_turns, release_turn
from tests.annotations.known import make_known
from tests.annotations.study import a_save, build_comments, draw, label_next
from tests.builders import (
    NOON,
    build_category,
    build_codebook,
    build_corpus,
    build_membership,
    build_thread,
    build_warning,
)

pytestmark = pytest.mark.django_db
LATE = NOON + timedelta(hours=3)


def build_threads(threads: int = 3, comments: int = 3, **design: Any) -> Campaign:
    corpus = build_corpus()
    for number in range(threads):
        build_comments(build_thread(corpus, f"t{number}"), comments)
    campaign = create_campaign(
        slug=corpus.slug,
        corpus=corpus,
        codebook=build_codebook(),
        design=Design(whole_threads=True, **design),
        now=NOON,
    )
    return draw(campaign)


def name(unit: Unit) -> str:
    return f"{unit.thread.source_id}/{unit.comment.position if unit.comment else '-'}"


def label(member: Membership, times: int = 1, **save: Any) -> list[str]:
    return [name(label_next(member, a_save(**save) if save else None).unit) for _ in range(times)]


def take(member: Membership, now: datetime = NOON, after: Any = ()) -> Unit:
    return take_unit(membership=member, after=[unit.pk for unit in after], now=now).unit


def label_all(member: Membership) -> list[str]:
    done = []
    try:
        while True:
            done += label(member)
    except NothingLeft:
        return done


class TestTurns:
    def test_each_reads_threads_of_their_own_in_order(self) -> None:
        campaign = build_threads()
        ada, ben = build_membership(campaign), build_membership(campaign)
        assert label(ada) == ["t0/0"]
        assert label(ben, 2) == ["t1/0", "t1/1"]
        assert label(ada, 3) == ["t0/1", "t0/2", "t2/0"]
        assert label_all(ben) == ["t1/2"]
        assert progress(ben).left == 0
        assert progress(ada).left == 2
        assert label_all(ada) == ["t2/1", "t2/2"]
        assert campaign.turns.filter(done_at=None).count() <= 2
        with pytest.raises(NothingLeft):
            take(ada)
        assert not campaign.turns.filter(done_at=None, membership=ada).exists()

    def test_with_overlap_a_thread_has_so_many_readers_and_nobody_twice(self) -> None:
        campaign = build_threads(2, 2, overlap=2)
        members = [build_membership(campaign) for _ in range(3)]
        assert [label(member)[0] for member in members] == ["t0/0", "t0/0", "t1/0"]
        done = [label_all(member) for member in members]
        assert sorted(name for some in done for name in some) == [
            "t0/1",
            "t0/1",
            "t1/0",
            "t1/1",
            "t1/1",
        ]
        assert not campaign.assignments.exclude(state="submitted").exists()

    def test_several_units_are_fetched_ahead_within_the_thread(self) -> None:
        campaign = build_threads()
        ada = build_membership(campaign)
        ahead: list[Unit] = []
        for _ in range(5):
            ahead.append(take(ada, after=ahead))
        assert [name(unit) for unit in ahead] == ["t0/0", "t0/1", "t0/2", "t1/0", "t1/1"]

    def test_the_lease_of_a_unit_ends_but_the_turn_stays(self) -> None:
        campaign = build_threads()
        ada, ben = build_membership(campaign), build_membership(campaign)
        take(ada)
        assert release_expired(now=LATE) == 1
        assert name(take(ben, LATE)) == "t1/0"
        assert name(take(ada, LATE)) == "t0/0"


class TestGivingBack:
    def test_untouched_for_three_days_the_rest_goes_to_somebody_else(self) -> None:
        campaign = build_threads(1)
        ada, ben = build_membership(campaign), build_membership(campaign)
        label(ada)
        take(ada)
        with pytest.raises(NothingLeft):
            take(ben)
        assert release_expired_turns(now=NOON + HELD_FOR - timedelta(minutes=1)) == 0
        gone = NOON + HELD_FOR + timedelta(minutes=1)
        assert release_expired_turns(now=gone) == 1
        assert name(take(ben, gone)) == "t0/1"
        with pytest.raises(NothingLeft):
            take(ada, gone)

    def test_whoever_works_keeps_the_turn(self) -> None:
        campaign = build_threads(1)
        ada = build_membership(campaign)
        unit = take(ada)
        later = NOON + timedelta(days=2)
        save_annotation(membership=ada, unit=unit, save=a_save(), now=later)
        assert release_expired_turns(now=NOON + HELD_FOR + timedelta(hours=1)) == 0
        assert campaign.turns.get().held_until == later + HELD_FOR

    def test_a_manager_gives_a_turn_back_and_drafts_stay(self) -> None:
        campaign = build_threads(1)
        ada, ben = build_membership(campaign), build_membership(campaign)
        label(ada)
        draft = take(ada)
        save_annotation(membership=ada, unit=draft, save=a_save({}, state="draft"), now=NOON)
        (share,) = turn_shares(held_turns(campaign))
        assert (share.settled, share.units) == (1, 3)
        release_turn(turn=share.turn, now=NOON)
        assert label_all(ben) == ["t0/2"]
        assert take(ada) == draft
        with pytest.raises(Conflict, match="Nobody holds this turn"):
            release_turn(turn=share.turn, now=NOON)

    def test_who_becomes_a_viewer_leaves_the_rest_to_others(self) -> None:
        campaign = build_threads(2)
        ada, ben = build_membership(campaign), build_membership(campaign)
        label(ada)
        take(ada)
        change_role(membership=ada, role="viewer", now=NOON)
        assert label_all(ben) == ["t0/1", "t0/2", "t1/0", "t1/1", "t1/2"]

    def test_a_unit_that_a_manager_gives_back_after_the_turn_goes_to_somebody_else(self) -> None:
        campaign = build_threads(1)
        ada, ben = build_membership(campaign), build_membership(campaign)
        label(ada)
        draft = take(ada)
        save_annotation(membership=ada, unit=draft, save=a_save({}, state="draft"), now=NOON)
        release_turn(turn=campaign.turns.get(), now=NOON)
        assert label_all(ben) == ["t0/2"]
        release_unit(assignment=Assignment.objects.get(unit=draft), now=NOON)
        assert label_all(ben) == ["t0/1"]


class TestWhoGetsWhat:
    def test_what_somebody_avoids_goes_on_to_others(self) -> None:
        campaign = build_threads(1)
        ada, ben = build_membership(campaign), build_membership(campaign)
        assert ada.user is not None
        ada.user.avoided.set([build_category("hate")])
        build_warning(campaign.corpus.comments.get(position=1), "hate")
        assert label_all(ada) == ["t0/0", "t0/2"]
        assert label_all(ben) == ["t0/1"]

    def test_languages_are_kept_to(self) -> None:
        campaign = build_threads(2, 2)
        campaign.corpus.comments.filter(thread__source_id="t0").update(language="de")
        campaign.assignments.filter(unit__thread__source_id="t0").update(language="de")
        Turn.objects.filter(thread__source_id="t0").update(language="de")
        ada = build_membership(campaign, languages=["en"])
        assert progress(ada).left == 2
        assert label_all(ada) == ["t1/0", "t1/1"]

    def test_a_unit_that_harms_goes_to_somebody_else(self) -> None:
        campaign = build_threads(1)
        ada, ben = build_membership(campaign), build_membership(campaign)
        label(ada, state="skipped", harmful=True, answers={})
        assert label_all(ben) == ["t0/0"]
        assert label_all(ada) == ["t0/1", "t0/2"]

    def test_a_spare_slot_that_is_not_wanted_any_more_takes_its_turn_away(self) -> None:
        campaign = build_threads(1)
        ada = build_membership(campaign)
        skipped = label_next(ada, a_save({}, state="skipped", harmful=True))
        save_annotation(membership=ada, unit=skipped.unit, save=a_save(based_on=1), now=NOON)
        assert campaign.turns.count() == 1
        assert campaign.assignments.count() == 3

    @pytest.mark.parametrize("place", range(3))
    def test_a_known_unit_that_is_taken_back_goes_to_whoever_has_the_thread(
        self, place: int
    ) -> None:
        campaign = build_threads(1)
        ada = build_membership(campaign)
        known = campaign.units.get(order=place)
        assert known.comment is not None
        make_known(campaign, "check", [known.comment])
        assert len(label(ada)) == 1
        take_back_known_unit(campaign=campaign, unit=known, now=NOON)
        assert len(label_all(ada)) == 2
        assert not campaign.assignments.exclude(state="submitted").exists()

    @pytest.mark.parametrize("places", [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]])
    def test_a_known_unit_that_is_taken_back_after_the_turn_goes_to_somebody_else(
        self, places: list[int]
    ) -> None:
        campaign = build_threads(1)
        ada, ben = build_membership(campaign), build_membership(campaign)
        units = list(campaign.units.filter(order__in=places))
        make_known(campaign, "check", [unit.comment for unit in units if unit.comment])
        assert len(label_all(ada)) == 3 - len(units)
        for unit in reversed(units):
            take_back_known_unit(campaign=campaign, unit=unit, now=NOON)
        assert sorted(label_all(ben)) == [f"t0/{place}" for place in places]
        assert not campaign.assignments.exclude(state="submitted").exists()

    def test_more_labels_mean_more_readers(self) -> None:
        campaign = build_threads(2, 2)
        ada, ben = build_membership(campaign), build_membership(campaign)
        assert len(label_all(ada)) == 4
        raise_overlap(campaign=campaign, overlap=2, user=None, now=NOON)
        draw(campaign)
        assert label_all(ada) == []
        assert label_all(ben) == ["t0/0", "t0/1", "t1/0", "t1/1"]
