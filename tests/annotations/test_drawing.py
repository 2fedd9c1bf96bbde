"""Drawing is a job: invisible until it is whole, taken up again, cancelled without a trace."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.errors import Conflict, InvalidInput, JobSuperseded, NothingLeft
from annotations.models import Campaign, Sample, Turn
from annotations.samples.recipe import Recipe
from annotations.services import more_labels, unit_writing
from annotations.services.assignments import add_spare, take_unit
from annotations.services.campaigns import Design, create_campaign, set_state
from annotations.services.jobs import cancel_job, claim_job, run_job
from annotations.services.running_job import LEASE, RunningJob
from annotations.services.sampling import (
    draw_sample,
    raise_overlap,
    retry_sample,
    start_sample,
    tidy_samples,
)
from tests.annotations.study import a_save, build_comments, build_study, draw, label_next
from tests.builders import (
    NOON,
    build_annotation,
    build_codebook,
    build_corpus,
    build_membership,
    build_thread,
)

pytestmark = pytest.mark.django_db
Running = RunningJob[Sample]


class Killed(BaseException):
    """The worker is gone in this moment."""


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: Any) -> None:
    monkeypatch.setattr(unit_writing, "BATCH", 3)
    monkeypatch.setattr(unit_writing, "give_way", lambda: None)


def new_campaign(comments: int = 10, threads: int = 1, **design: Any) -> Campaign:
    """A campaign whose units wait to be drawn."""
    corpus = build_corpus()
    for number in range(threads):
        build_comments(build_thread(corpus, f"t{number}"), comments)
    return create_campaign(
        slug=corpus.slug,
        corpus=corpus,
        codebook=build_codebook(),
        design=Design(**design),
        now=NOON,
    )


def claimed(campaign: Campaign, now: Any = NOON) -> Running:
    sample = claim_job(Sample, campaign.samples.get().pk, now=now)
    assert sample is not None
    return RunningJob(sample, clock=lambda: now)


def die_at(monkeypatch: Any, module: Any, name: str, call: int) -> None:
    """Let the so many-th call of a function be the worker's last moment."""
    real, calls = getattr(module, name), [0]

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        calls[0] += 1
        if calls[0] == call:
            raise Killed
        return real(*args, **kwargs)

    monkeypatch.setattr(module, name, wrapped)


def is_whole(campaign: Campaign, comments: int = 10) -> bool:
    units = list(campaign.units.order_by("order").values_list("comment__position", flat=True))
    slots = campaign.assignments.filter(state="pending").count()
    return units == list(range(comments)) and slots == comments * campaign.overlap


class TestJob:
    def test_until_it_is_drawn_next_says_so(self) -> None:
        campaign = new_campaign()
        member = build_membership(campaign)
        with pytest.raises(Conflict, match="are still being drawn") as told:
            take_unit(membership=member, now=NOON)
        assert not isinstance(told.value, NothingLeft)
        draw(campaign)
        assert take_unit(membership=member, now=NOON).unit.order == 0

    def test_where_it_was_cancelled_too(self) -> None:
        campaign = new_campaign()
        cancel_job(job=campaign.samples.get(), now=NOON)
        with pytest.raises(Conflict, match="were not drawn: tell its manager"):
            take_unit(membership=build_membership(campaign), now=NOON)

    def test_the_row_says_how_many_fitted_and_were_drawn(self) -> None:
        campaign = new_campaign()
        draw(campaign)
        start_sample(campaign=campaign, recipe=Recipe(), user=None, now=NOON)
        run_job(Sample, campaign.samples.latest("pk").pk, draw_sample)
        first, second = campaign.samples.order_by("pk")
        assert (first.candidates, first.units, first.done, first.total) == (10, 10, 10, 10)
        assert second.state == "failed"
        assert "are units of the campaign already" in second.error

    def test_slots_know_the_language_of_their_text(self) -> None:
        campaign = new_campaign(4)
        campaign.corpus.comments.filter(position=2).update(language="de")
        draw(campaign)
        slots = campaign.assignments.order_by("order").values_list("language", flat=True)
        assert list(slots) == ["", "", "de", ""]

    @pytest.mark.parametrize("call", [2, 4])
    def test_a_worker_that_dies_while_units_are_written_leaves_none_twice(
        self, monkeypatch: Any, call: int
    ) -> None:
        campaign = new_campaign(overlap=2)
        with monkeypatch.context() as patched:
            die_at(patched, unit_writing, "next_order", call)
            with pytest.raises(Killed):
                draw_sample(claimed(campaign))
        assert 0 < campaign.units.count() < 10
        assert not campaign.assignments.exists()
        draw_sample(claimed(campaign, NOON + 2 * LEASE))
        assert is_whole(campaign)

    def test_one_that_dies_while_slots_are_opened_is_taken_up_there(self, monkeypatch: Any) -> None:
        campaign = new_campaign(overlap=2)
        member = build_membership(campaign)
        with monkeypatch.context() as patched:
            die_at(patched, unit_writing, "slots_of", 3)
            with pytest.raises(Killed):
                draw_sample(claimed(campaign))
        before = list(campaign.units.values_list("pk", flat=True))
        label_next(member)
        draw_sample(claimed(campaign, NOON + 2 * LEASE))
        assert list(campaign.units.values_list("pk", flat=True)) == before
        assert campaign.assignments.count() == 20
        assert campaign.assignments.exclude(state="pending").count() == 1

    def test_one_that_comes_back_from_the_dead_writes_nothing(self) -> None:
        campaign = new_campaign()
        dead = claimed(campaign)
        alive = claimed(campaign, NOON + 2 * LEASE)
        with pytest.raises(JobSuperseded):
            draw_sample(dead)
        draw_sample(alive)
        assert is_whole(campaign)

    def test_cancelled_it_leaves_only_what_somebody_has_touched(self, monkeypatch: Any) -> None:
        campaign = new_campaign(overlap=2, whole_threads=True, threads=3)
        member = build_membership(campaign)
        sample = campaign.samples.get()
        real = unit_writing.give_way

        def cancel_after_two_threads() -> None:
            real()
            if campaign.assignments.count() == 40 and not sample.cancel_asked:
                label_next(member)
                sample.cancel_asked = True
                Sample.objects.update(cancel_asked=True)
                held[0].beat()

        def work(job: Running) -> Any:
            held.append(job)
            return draw_sample(job)

        held: list[Running] = []
        monkeypatch.setattr(unit_writing, "give_way", cancel_after_two_threads)
        run_job(Sample, sample.pk, work)
        sample.refresh_from_db()
        assert (sample.state, sample.units, sample.drawn_at) == ("cancelled", 1, None)
        assert campaign.units.count() == 1
        assert campaign.assignments.count() == 2
        assert Turn.objects.filter(membership=member).count() == 1
        again = retry_sample(sample=sample, now=NOON)
        run_job(Sample, again.pk, draw_sample)
        assert campaign.units.count() == 30
        assert campaign.assignments.count() == 60
        assert len(set(campaign.units.values_list("comment", flat=True))) == 30

    def test_what_a_dead_worker_left_of_a_cancelled_one_is_swept_away(
        self, monkeypatch: Any
    ) -> None:
        campaign = new_campaign()
        with monkeypatch.context() as patched:
            die_at(patched, unit_writing, "slots_of", 2)
            with pytest.raises(Killed):
                draw_sample(claimed(campaign))
        sample = cancel_job(job=campaign.samples.get(), now=NOON + 2 * LEASE)
        assert (sample.state, campaign.units.count()) == ("cancelled", 10)
        assert tidy_samples(now=NOON + 2 * LEASE) == 1
        assert not campaign.units.exists()
        assert tidy_samples(now=NOON + 2 * LEASE) == 0


class TestExtending:
    def test_units_are_added_after_those_there_are(self) -> None:
        campaign = new_campaign()
        campaign.samples.update(recipe=Recipe(draw="random", size=4).to_json())
        draw(campaign)
        first = set(campaign.units.values_list("comment", flat=True))
        start_sample(campaign=campaign, recipe=Recipe(draw="random", size=4), user=None, now=NOON)
        draw(campaign)
        added = campaign.units.filter(order__gte=4)
        assert (campaign.units.count(), added.count()) == (8, 4)
        assert not first & set(added.values_list("comment", flat=True))
        member = build_membership(campaign)
        orders = [label_next(member).unit.order for _ in range(8)]
        assert orders == list(range(8))

    def test_only_one_drawing_at_a_time_and_none_for_a_closed_campaign(self) -> None:
        campaign = new_campaign()
        with pytest.raises(Conflict, match="being drawn already"):
            start_sample(campaign=campaign, recipe=Recipe(), user=None, now=NOON)
        draw(campaign)
        set_state(campaign=campaign, state="closed", now=NOON)
        with pytest.raises(Conflict, match="is closed"):
            start_sample(campaign=campaign, recipe=Recipe(), user=None, now=NOON)
        with pytest.raises(Conflict, match="is closed"):
            raise_overlap(campaign=campaign, overlap=2, user=None, now=NOON)

    def raised(self, campaign: Campaign, overlap: int) -> None:
        raise_overlap(campaign=campaign, overlap=overlap, user=None, now=NOON)
        draw(campaign)
        campaign.refresh_from_db()

    def test_a_raise_that_is_done_late_lowers_nothing(self) -> None:
        campaign = draw(new_campaign())
        late = raise_overlap(campaign=campaign, overlap=2, user=None, now=NOON)
        cancel_job(job=late, now=NOON)
        self.raised(campaign, 3)
        retry_sample(sample=late, now=NOON)
        draw(campaign)
        campaign.refresh_from_db()
        assert campaign.overlap == 3
        assert set(campaign.units.values_list("overlap", flat=True)) == {3}

    def test_a_raised_overlap_gives_each_unit_more_slots_to_others(self) -> None:
        study = build_study(5, annotators=2)
        first, second = study.members
        for _ in range(5):
            label_next(first)
        self.raised(study.campaign, 2)
        assert (study.campaign.overlap, study.campaign.assignments.count()) == (2, 10)
        assert set(study.campaign.units.values_list("overlap", flat=True)) == {2}
        with pytest.raises(NothingLeft):
            label_next(first)
        assert [label_next(second).unit for _ in range(5)] == study.units
        with pytest.raises(InvalidInput, match="2 times already"):
            raise_overlap(campaign=study.campaign, overlap=2, user=None, now=NOON)

    def test_units_with_a_spare_slot_do_not_get_one_too_many(self) -> None:
        study = build_study(3, annotators=2)
        label_next(study.members[0], a_save({}, state="skipped", harmful=True))
        self.raised(study.campaign, 2)
        counts = [unit.assignments.count() for unit in study.units]
        assert counts == [3, 2, 2]
        add_spare(unit=study.units[0])
        assert study.units[0].assignments.count() == 3

    def test_where_a_worker_died_the_rest_is_raised_once(self, monkeypatch: Any) -> None:
        study = build_study(7)
        raise_overlap(campaign=study.campaign, overlap=3, user=None, now=NOON)
        sample = study.campaign.samples.first()
        assert sample is not None

        with monkeypatch.context() as patched:
            die_at(patched, more_labels, "_raise", 2)
            job = claim_job(Sample, sample.pk, now=NOON)
            assert job is not None
            with pytest.raises(Killed):
                draw_sample(RunningJob(job, clock=lambda: NOON))
        run_job(Sample, sample.pk, draw_sample, clock=lambda: NOON + 2 * LEASE)
        assert [unit.assignments.count() for unit in study.units] == [3] * 7

    def test_a_share_of_the_units_is_labeled_by_more(self) -> None:
        campaign = new_campaign(share_more=0.2, overlap_more=3)
        draw(campaign)
        overlaps = sorted(campaign.units.values_list("overlap", flat=True))
        assert overlaps == [1] * 8 + [3] * 2
        for unit in campaign.units.all():
            assert unit.assignments.count() == unit.overlap
        self.raised(campaign, 3)
        assert (campaign.overlap_more, campaign.share_more) == (None, 0)
        assert campaign.assignments.count() == 30

    def test_suggestions_count_as_touched(self) -> None:
        campaign = new_campaign(2)
        draw(campaign)
        build_annotation(campaign.units.get(order=0), source="model")
        unit_writing.take_away(campaign.samples.get(), lambda: None)
        assert list(campaign.units.values_list("order", flat=True)) == [0]


def test_the_share_that_more_label_and_their_number_go_together() -> None:
    for wrong in ({"share_more": 0.5}, {"overlap_more": 2}, {"share_more": 2, "overlap_more": 2}):
        with pytest.raises(InvalidInput):
            Design(**wrong)
    with pytest.raises(InvalidInput, match="thread order only"):
        Design(whole_threads=True, order="random")
