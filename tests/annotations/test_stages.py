"""Training, test, checks and repeats: who is given what, when, and what follows from it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from annotations.errors import Conflict, NothingLeft, Paused
from annotations.models import Annotation, Assignment, Campaign, Membership, Unit
from annotations.selectors.assignments import progress
from annotations.selectors.campaign_overview import campaign_totals, label_counts, member_shares
from annotations.selectors.dataset_annotations import exported_annotations
from annotations.selectors.known import feedback_on
from annotations.selectors.stages import REPEAT_AFTER
from annotations.selectors.work import work_on
from annotations.services.annotations import save_annotation
from annotations.services.assignments import release_expired, release_unit, take_unit
from annotations.services.campaigns import change_role
from annotations.services.people import let_go_on, pause_member
from annotations.services.suggestions import Suggestion, suggest_answers
from tests.annotations.known import make_known
from tests.annotations.study import Study, a_save, at_once, build_study, label_next
from tests.builders import NOON, build_comment, build_membership, build_warning

LATE = NOON + timedelta(days=1)
NO = {"claim": "no"}


def settings(campaign: Campaign, **values: Any) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(**values)


def staged(training: int = 2, test: int = 2, **values: Any) -> Study:
    """A study of six units, and so many in training and test beside them."""
    study = build_study(6, annotators=2, overlap=2)
    thread = study.comments[0].thread
    for purpose, count in (("training", training), ("test", test)):
        more = [build_comment(thread, f"{purpose} {n}.") for n in range(count)]
        make_known(study.campaign, purpose, more, reason=f"Right in {purpose}.")
    settings(study.campaign, **values)
    return study


def take(member: Membership, after: list[int] | None = None) -> Unit:
    return take_unit(membership=member, after=after or [], now=NOON).unit


def fresh(member: Membership) -> Membership:
    return Membership.objects.get(pk=member.pk)


@pytest.mark.django_db
class TestTrainingAndTest:
    def test_training_comes_first_then_the_test_then_the_sample(self) -> None:
        study = staged(2, 2, test_score=0.5)
        purposes = [label_next(study.members[0]).unit.purpose for _ in range(5)]
        assert purposes == ["training", "training", "test", "test", "study"]
        assert fresh(study.members[0]).admitted_at == NOON

    def test_training_is_not_fetched_ahead_but_the_test_is(self) -> None:
        study = staged(2, 2)
        member = study.members[0]
        first = take(member)
        with pytest.raises(Conflict, match="Submit this one first"):
            take(member, after=[first.pk])
        for _ in range(2):
            label_next(member)
        first = take(member)
        second = take(member, after=[first.pk])
        assert (first.purpose, second.purpose) == ("test", "test")
        with pytest.raises(Conflict, match="Submit this one first"):
            take(member, after=[first.pk, second.pk])

    def test_each_annotator_gets_all_of_it_whatever_the_overlap(self) -> None:
        study = staged(2, 1)
        for member in study.members:
            assert [label_next(member).unit.purpose for _ in range(4)] == [
                *("training", "training", "test", "study")
            ]

    def test_who_fails_the_test_is_paused_and_told_the_figures(self) -> None:
        study = staged(0, 2, test_score=0.7)
        member = study.members[0]
        label_next(member)
        label_next(member, a_save(NO))
        words = "You reached 0.50 in the test; 0.70 opens the campaign. The managers were told."
        for _ in range(2):
            with pytest.raises(Paused) as refused:
                take(member)
            assert (refused.value.code, refused.value.message) == ("paused", words)
        assert fresh(member).pause_reason == words
        assert fresh(member).admitted_at is None
        assert not member.assignments.filter(purpose="study").exists()

    def test_the_threshold_itself_passes(self) -> None:
        study = staged(0, 2, test_score=0.5)
        label_next(study.members[0])
        label_next(study.members[0], a_save(NO))
        assert take(study.members[0]).purpose == "study"

    def test_a_skip_counts_as_wrong_unless_the_unit_harms(self) -> None:
        study = staged(0, 2, test_score=1.0)
        careful, idle = study.members
        label_next(careful)
        label_next(careful, a_save({}, state="skipped", harmful=True))
        assert take(careful).purpose == "study"
        label_next(idle)
        label_next(idle, a_save({}, state="skipped"))
        with pytest.raises(Paused, match=r"You reached 0\.50"):
            take(idle)

    def test_a_manager_lets_on_who_failed(self) -> None:
        study = staged(1, 1, test_score=1.0)
        member = study.members[0]
        label_next(member)
        label_next(member, a_save(NO))
        with pytest.raises(Paused):
            take(member)
        let_go_on(membership=member, now=NOON)
        assert take(member).purpose == "study"

    def test_who_was_paused_in_the_training_goes_on_with_it(self) -> None:
        study = staged(2, 1)
        member = study.members[0]
        label_next(member)
        pause_member(membership=member, reason="We talk on Monday.", now=NOON)
        with pytest.raises(Paused, match="We talk on Monday"):
            take(member)
        let_go_on(membership=member, now=NOON)
        assert [label_next(member).unit.purpose for _ in range(3)] == ["training", "test", "study"]

    def test_managers_have_no_stages(self) -> None:
        study = staged(1, 1)
        manager = build_membership(study.campaign, role="manager")
        assert take(manager).purpose == "study"

    def test_stages_added_later_are_for_those_who_come_later(self) -> None:
        study = build_study(4, annotators=1, overlap=2)
        label_next(study.members[0])
        more = build_comment(study.comments[0].thread)
        make_known(study.campaign, "training", [more])
        assert take(study.members[0]).purpose == "study"
        assert take(build_membership(study.campaign)).purpose == "training"

    def test_what_one_reads_and_avoids_holds_in_the_training_too(self) -> None:
        study = build_study(2, annotators=1)
        thread = study.comments[0].thread
        texts = [build_comment(thread, language=code) for code in ("de", "ar", "en")]
        build_warning(texts[2], "hate")
        make_known(study.campaign, "training", texts)
        member = study.members[0]
        member.languages = ["de", "en"]
        member.save()
        assert member.user is not None
        member.user.avoided.add(texts[2].warnings.get().category)
        assert label_next(member).unit.comment == texts[0]
        assert take(member).purpose == "study"

    def test_feedback_names_what_is_right_and_why_after_training_alone(self) -> None:
        study = staged(1, 1)
        member = study.members[0]
        draft = label_next(member, a_save(NO, state="draft"))
        assert feedback_on(draft, draft.unit) is None
        wrong = save_annotation(
            membership=member, unit=draft.unit, save=a_save(NO, based_on=1), now=NOON
        )
        told = feedback_on(wrong, wrong.unit)
        assert told is not None
        assert told.reason == "Right in training."
        assert [(one.question.key, one.yours, one.right, one.score) for one in told.questions] == [
            ("claim", "no", "yes", 0.0)
        ]
        tested = label_next(member, a_save(NO))
        assert tested.unit.purpose == "test"
        assert feedback_on(tested, tested.unit) is None

    def test_the_unit_says_where_in_the_stage_it_stands(self) -> None:
        study = staged(1, 2)
        member = study.members[0]
        label_next(member)
        first = take(member)
        second = take(member, after=[first.pk])
        stages = [work_on(member, unit.pk, now=NOON).stage for unit in (first, second)]
        assert [(s.name, s.place, s.total) for s in stages if s] == [("test", 1, 2), ("test", 2, 2)]


def checked(units: int = 60, checks: int = 40, **values: Any) -> Study:
    study = build_study(units, annotators=2, overlap=2)
    thread = study.comments[0].thread
    make_known(study.campaign, "check", [build_comment(thread) for _ in range(checks)])
    settings(study.campaign, **{"check_every": 3, **values})
    return study


def label_all(member: Membership, save: Any = a_save, most: int = 200) -> list[Annotation]:
    done: list[Annotation] = []
    try:
        while len(done) < most:
            done.append(label_next(member, save()))
    except NothingLeft:
        pass
    return done


@pytest.mark.django_db
class TestChecksAndRepeats:
    def test_about_one_in_so_many_is_a_check_and_the_sample_stays_exact(self) -> None:
        study = checked()
        for member in study.members:
            purposes = Counter(done.unit.purpose for done in label_all(member))
            assert purposes["study"] == 60
            assert 15 <= purposes["check"] <= 40
        sample = Assignment.objects.filter(campaign=study.campaign, purpose="study")
        assert sample.count() == sample.filter(state="submitted").count() == 120

    def test_the_places_differ_from_one_annotator_to_the_next(self) -> None:
        study = checked(30, 20)
        ways = [
            [done.unit.purpose for done in label_all(member, most=25)] for member in study.members
        ]
        assert ways[0] != ways[1]

    def test_nothing_that_an_annotator_reads_tells_a_check(self) -> None:
        """The total stays the same, units are numbered through, and no stage is said."""
        study = checked(30, 20, repeat_every=4)
        member = study.members[0]
        take(member)
        total = progress(fresh(member)).total
        for number in range(1, 25):
            held = take_unit(membership=member, now=NOON)
            shown = work_on(fresh(member), held.unit_id, now=NOON)
            assert shown.stage is None
            assert shown.assignment.number == number
            assert shown.progress.units.total == total
            label_next(member)
        assert Assignment.objects.filter(membership=member, purpose="check").exists()

    def test_no_check_comes_after_the_sample_s_last_unit(self) -> None:
        study = checked(3, 30, check_every=2)
        assert label_all(study.members[0])[-1].unit.purpose == "study"

    def test_a_check_given_back_is_gone_and_comes_again(self) -> None:
        study = checked(20, 20, check_every=2)
        member = study.members[0]
        while (held := take_unit(membership=member, now=NOON)).purpose != "check":
            label_next(member)
        assert release_expired(now=LATE) == 1
        assert not Assignment.objects.filter(pk=held.pk).exists()
        assert not Assignment.objects.filter(purpose="check", state="pending").exists()
        again = take_unit(membership=member, now=NOON)
        assert again.unit == held.unit
        release_unit(assignment=again, now=NOON)
        assert not Assignment.objects.filter(pk=again.pk).exists()

    def test_a_harmful_check_leaves_no_spare_slot(self) -> None:
        study = checked(20, 20, check_every=2)
        member = study.members[0]
        while (held := take_unit(membership=member, now=NOON)).purpose != "check":
            label_next(member)
        label_next(member, a_save({}, state="skipped", harmful=True))
        assert held.unit.assignments.count() == 1

    def test_repeats_come_long_after_once_each_and_share_their_row(self) -> None:
        study = build_study(60, annotators=2, overlap=2)
        settings(study.campaign, repeat_every=3)
        for member in study.members:
            label_all(member)
            given = list(member.assignments.order_by("number").select_related("unit"))
            numbers = {one.unit_id: one.number for one in given}
            again = [one for one in given if one.purpose == "repeat"]
            assert len(again) >= 5
            assert len({one.unit.repeat_of_id for one in again}) == len(again)
            for one in again:
                assert one.number - numbers[one.unit.repeat_of_id] >= REPEAT_AFTER  # type: ignore[operator,index]
                assert one.score == 1
        rows = Unit.objects.filter(campaign=study.campaign, purpose="repeat")
        assert rows.count() == rows.values("repeat_of").distinct().count()

    def test_a_repeat_shows_what_models_suggest_for_the_unit(self) -> None:
        study = build_study(3, annotators=1, show_suggestions=True)
        unit = study.units[0]
        again = Unit.objects.create(
            campaign=study.campaign,
            thread=unit.thread,
            comment=unit.comment,
            purpose="repeat",
            repeat_of=unit,
            overlap=0,
            order=99,
        )
        assert unit.comment_id is not None
        guess = Suggestion(unit.comment_id, {"claim": "yes"})
        suggest_answers(campaign=study.campaign, model="m-1", suggestions=[guess], now=NOON)
        assert Annotation.objects.get(source="model").unit == unit
        member = study.members[0]
        for shown in (unit, again):
            Assignment.objects.create(
                campaign=study.campaign,
                unit=shown,
                slot=7,
                order=shown.order,
                purpose=shown.purpose,
                membership=member,
                state="submitted",
            )
            assert len(work_on(member, shown.pk, now=NOON).suggestions) == 1

    def test_none_of_it_is_in_any_figure_or_dataset(self) -> None:
        study = checked(10, 10, check_every=2, repeat_every=2)
        member = study.members[0]
        done = label_all(member)
        beside = [one for one in done if one.unit.purpose != "study"]
        assert beside
        exported = exported_annotations(study.campaign)
        assert {one.unit.purpose for one in exported} == {"study"}
        assert exported.count() == 10
        assert campaign_totals([study.campaign])[study.campaign.pk].submitted == 10
        assert member_shares([member])[0].totals.submitted == 10
        assert label_counts(study.campaign)[0].answered == 10
        assert progress(fresh(member)).done == len(done)


@pytest.mark.django_db
class TestPausing:
    def wrong_until_paused(self, study: Study) -> None:
        while fresh(study.members[0]).paused_at is None:
            label_next(study.members[0], a_save(NO))
        with pytest.raises(Paused):
            take(study.members[0])

    def test_who_fails_too_many_checks_is_paused_and_gives_back_what_they_hold(self) -> None:
        study = checked(60, 40, check_every=2, check_score=0.8)
        member = study.members[0]
        self.wrong_until_paused(study)
        now = fresh(member)
        assert "last 5 checks agree with the known answers by 0.00" in now.pause_reason
        assert "asks for 0.80" in now.pause_reason
        assert member.assignments.filter(purpose="check", score__isnull=False).count() == 5
        assert not member.assignments.filter(state="leased").exists()

    def test_after_a_manager_s_word_the_checks_count_from_then(self) -> None:
        study = checked(80, 60, check_every=2, check_score=0.8)
        member = study.members[0]
        self.wrong_until_paused(study)
        later = NOON + timedelta(seconds=1)
        let_go_on(membership=member, now=later)
        new = member.assignments.filter(purpose="check", changed_at__gte=later, state="submitted")
        while fresh(member).paused_at is None:
            unit = take_unit(membership=member, now=later).unit
            save_annotation(membership=member, unit=unit, save=a_save(NO), now=later)
        assert new.count() == 5
        let_go_on(membership=member, now=later)
        with pytest.raises(Conflict, match="is not paused"):
            let_go_on(membership=member, now=later)

    def test_who_answers_well_is_not_paused(self) -> None:
        study = checked(30, 20, check_every=2, check_score=0.8)
        label_all(study.members[0])
        assert fresh(study.members[0]).paused_at is None

    def test_only_the_last_checks_count(self) -> None:
        study = checked(100, 80, check_every=2, check_score=0.5, check_window=5)
        member = study.members[0]
        while member.assignments.filter(purpose="check", state="submitted").count() < 12:
            label_next(member)
        self.wrong_until_paused(study)
        wrong = member.assignments.filter(purpose="check", score=0).count()
        assert wrong == 3

    def test_a_resubmitted_check_is_scored_anew(self) -> None:
        study = checked(20, 20, check_every=2)
        member = study.members[0]
        while (done := label_next(member, a_save(NO))).unit.purpose != "check":
            pass
        slot = member.assignments.get(unit=done.unit)
        assert slot.score == 0
        save_annotation(membership=member, unit=done.unit, save=a_save(based_on=1), now=NOON)
        slot.refresh_from_db()
        assert slot.score == 1
        save = a_save(NO, based_on=2, state="draft")
        save_annotation(membership=member, unit=done.unit, save=save, now=NOON)
        slot.refresh_from_db()
        assert slot.score is None

    def test_a_paused_annotator_s_saves_are_still_taken(self) -> None:
        study = build_study(2, annotators=1)
        member = study.members[0]
        unit = take(member)
        save = a_save(state="draft")
        save_annotation(membership=member, unit=unit, save=save, now=NOON)
        pause_member(membership=member, now=NOON)
        saved = save_annotation(membership=member, unit=unit, save=a_save(based_on=1), now=NOON)
        assert saved.state == "submitted"

    def test_a_viewer_in_between_changes_nothing(self) -> None:
        study = build_study(2, annotators=1)
        label_next(study.members[0])
        change_role(membership=study.members[0], role="viewer", now=NOON)
        change_role(membership=study.members[0], role="annotator", now=NOON)
        assert label_next(study.members[0]).unit == study.units[1]


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_training_is_given_once_however_often_it_is_asked_for(self) -> None:
        study = staged(3, 0)
        member = study.members[0]
        given = at_once([partial(take, member) for _ in range(6)])
        units = {one.pk for one in given if isinstance(one, Unit)}
        assert len(units) == 1
        assert all(isinstance(one, Unit) for one in given)
        assert member.assignments.count() == 1

    def test_one_row_of_a_repeat_serves_all_whoever_comes_first(self) -> None:
        study = build_study(32, annotators=3, overlap=3)
        settings(study.campaign, repeat_every=2)

        def work(member: Membership) -> int:
            return len(label_all(member))

        done = at_once([partial(work, member) for member in study.members])
        assert all(isinstance(one, int) and one > 32 for one in done), done
        rows = Unit.objects.filter(campaign=study.campaign, purpose="repeat")
        assert rows.count() == rows.values("repeat_of").distinct().count()
        sample = Assignment.objects.filter(campaign=study.campaign, purpose="study")
        assert sample.count() == sample.filter(state="submitted").count() == 3 * 32

    def test_a_check_is_saved_while_more_is_asked_for(self) -> None:
        study = checked(30, 20, check_every=2, check_score=0.9)
        member = study.members[0]

        def save(unit: Unit) -> str:
            saved = save_annotation(membership=member, unit=unit, save=a_save(NO), now=NOON)
            return saved.state

        while fresh(member).paused_at is None:
            held: list[Unit] = []
            while len(held) < 3:
                held.append(take(member, after=[unit.pk for unit in held]))
            ahead = [unit.pk for unit in held]
            acts = [*(partial(save, unit) for unit in held), partial(take, member, ahead)]
            done = at_once(acts)  # type: ignore[arg-type]
            # Nobody waits in a ring; a pause gives back what nothing was written of yet.
            for one in done[:3]:
                assert str(one) == "submitted" or "given back" in str(one)
            assert isinstance(done[3], Unit | Conflict), done[3]
        with pytest.raises(Paused):
            take(member)
