"""What annotators get beside the sample where something else goes on in the campaign."""

from __future__ import annotations

from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction

from annotations.errors import Conflict
from annotations.models import Assignment, Campaign, Membership, Sample, Unit
from annotations.samples.recipe import Recipe
from annotations.selectors.stages import STAGES, known_units, places, unseen_by
from annotations.services import unit_writing
from annotations.services.assignments import release_expired, take_unit
from annotations.services.jobs import run_job
from annotations.services.known import Known, add_known_units
from annotations.services.running_job import RunningJob
from annotations.services.sampling import draw_sample, start_sample
from tests.annotations.known import make_known
from tests.annotations.study import Study, at_once, build_comments, build_study, label_next
from tests.builders import NOON, build_category, build_comment, build_warning

pytestmark = pytest.mark.django_db


def repeated(units: int = 60, **fields: Any) -> Study:
    """A study in which every second unit may be a repeat, 30 units of which are labeled."""
    study = build_study(units)
    member = study.members[0]
    while member.assignments.count() < 30:
        label_next(member)
    Campaign.objects.filter(pk=study.campaign.pk).update(repeat_every=2, **fields)
    return study


def given(member: Membership, most: int = 20) -> list[Unit]:
    return [label_next(member).unit for _ in range(most)]


class TestRepeats:
    def test_what_somebody_avoids_by_now_is_not_shown_again(self) -> None:
        study = repeated()
        member = study.members[0]
        for comment in study.comments[:30]:
            build_warning(comment, "hate")
        assert member.user is not None
        member.user.avoided.add(build_category("hate"))
        again = [unit for unit in given(member, 15) if unit.purpose == "repeat"]
        assert all(unit.repeat_of not in study.units[:30] for unit in again)

    def test_they_are_in_languages_that_the_annotator_still_reads(self) -> None:
        study = repeated()
        member = study.members[0]
        study.campaign.assignments.filter(unit__in=study.units[:30]).update(language="de")
        study.campaign.assignments.filter(unit__in=study.units[30:]).update(language="fr")
        Membership.objects.filter(pk=member.pk).update(languages=["fr"])
        again = [unit for unit in given(member, 15) if unit.purpose == "repeat"]
        assert all(unit.repeat_of not in study.units[:30] for unit in again)


@pytest.mark.django_db(transaction=True)
def test_a_repeat_waits_for_no_lock_of_the_campaign() -> None:
    """Whoever holds it may wait for the slot that the annotator is just given (a new order of the
    units does): neither would ever go on."""
    if connection.vendor == "sqlite":
        return  # It has one writer at a time: nobody holds a lock and waits for another one.
    study = repeated()
    member = Membership.objects.select_related("campaign").get(pk=study.members[0].pk)
    while not places(member, member.assignments.count()).repeat:
        label_next(member)
    held, done = Event(), Event()

    def hold() -> bool:
        with transaction.atomic():
            Campaign.objects.select_for_update(no_key=True).get(pk=study.campaign.pk)
            held.set()
            return done.wait(20)

    def take() -> str:
        held.wait(20)
        try:
            return take_unit(membership=member, now=NOON).purpose
        finally:
            done.set()

    assert at_once([hold, take]) == [True, "study"]


@pytest.mark.django_db(transaction=True)
def test_the_sweep_passes_by_what_is_just_being_saved() -> None:
    """The save of a check may pause its annotator, and then waits for what the sweep holds."""
    if connection.vendor == "sqlite":
        return  # It has one writer at a time: nobody holds a lock and waits for another.
    study = build_study(3)
    member = study.members[0]
    first = take_unit(membership=member, now=NOON)
    second = take_unit(membership=member, after=[first.unit_id], now=NOON)
    held, done = Event(), Event()

    def save() -> bool:
        with transaction.atomic():
            Assignment.objects.select_for_update().get(pk=first.pk)
            held.set()
            return done.wait(20)

    def sweep() -> int:
        held.wait(20)
        try:
            return release_expired(now=NOON + timedelta(days=1))
        finally:
            done.set()

    assert at_once([save, sweep]) == [True, 1]
    second.refresh_from_db()
    assert second.state == "pending"


class TestKnownUnits:
    def test_a_comment_that_gets_a_known_answer_while_units_are_drawn_is_left_out(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        study = build_study(2)
        campaign = study.campaign
        more = build_comments(study.comments[0].thread, 4)
        sample = start_sample(campaign=campaign, recipe=Recipe(), user=None, now=NOON)
        write = unit_writing.write_units

        def add_first(running: RunningJob[Sample], drawn: Any) -> None:
            assert len(drawn) == 4
            make_known(campaign, "check", more[:1])
            write(running, drawn)

        monkeypatch.setattr("annotations.services.sampling.write_units", add_first)
        run_job(Sample, sample.pk, draw_sample)
        sample.refresh_from_db()
        assert (sample.state, sample.units, sample.error) == ("done", 3, "")
        assert campaign.units.get(comment=more[0]).purpose == "check"
        assert set(sample.drawn.values_list("comment", flat=True)) == {one.pk for one in more[1:]}

    def test_they_are_no_sample_where_its_drawing_failed(self) -> None:
        study = build_study(1)
        campaign = study.campaign
        campaign.assignments.all().delete()
        campaign.units.all().delete()
        campaign.samples.update(state="failed", error="No room.")
        known = [Known(build_comment(study.comments[0].thread).pk, {"claim": "yes"})]
        add_known_units(campaign=campaign, purpose="check", known=known, now=NOON)
        with pytest.raises(Conflict, match="were not drawn: tell its manager"):
            take_unit(membership=study.members[0], now=NOON)

    def test_they_are_found_by_their_index_however_large_the_sample(self) -> None:
        study = build_study(3)
        make_known(study.campaign, "check", study.comments[:1])
        if connection.vendor == "postgresql":
            connection.cursor().execute("SET LOCAL enable_seqscan = off")
        stages = known_units(study.campaign).filter(purpose__in=STAGES).order_by()
        for units in (stages, unseen_by(study.members[0], "check")):
            assert "unit_beside_the_sample" in units.explain()
