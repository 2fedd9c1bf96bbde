"""What an annotator may rely on when a unit is saved, again, twice at once, or too late."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from annotations.errors import Conflict, InvalidAnswers, InvalidInput, RevisionConflict
from annotations.models import Annotation, Answer, Comment, Revision
from annotations.selectors.answers import answers_of
from annotations.selectors.day import today
from annotations.selectors.history import history
from annotations.services.annotations import Save, save_annotation
from annotations.services.assignments import take_unit
from annotations.services.campaigns import set_state
from tests.annotations.study import Study, a_save, at_once, build_study, label_next
from tests.builders import NOON, build_codebook, build_question

LATER = NOON + timedelta(minutes=5)
EVERYTHING = {
    "claim": "yes",
    "reasons": ["wrong", "old"],
    "certainty": 4,
    "count": 2.5,
    "why": "Because of \U0001f642.",
    "part": [{"start": 2, "end": 9, "quote": "\U0001f642 costs", "label": "fact"}],
}


@pytest.fixture
def study() -> Study:
    return build_study(["A \U0001f642 costs millions.", "No."])


def held(study: Study) -> None:
    take_unit(membership=study.members[0], now=NOON)


def save(study: Study, what: Save, now: datetime = LATER) -> Annotation:
    return save_annotation(membership=study.members[0], unit=study.units[0], save=what, now=now)


@pytest.mark.django_db
class TestOneSave:
    def test_all_that_was_answered_is_there_again(self, study: Study) -> None:
        held(study)
        related = study.comments[1].pk
        said = {**EVERYTHING, "to": [{"comment": related, "label": "agrees"}]}
        save(study, a_save(said, note="Hm.", flagged=True, seconds=7.5, context={"shown": [1]}))
        annotation = Annotation.objects.get()
        assert answers_of(annotation) == said
        assert (annotation.note, annotation.flagged, annotation.seconds) == ("Hm.", True, 7.5)
        assert annotation.context == {"shown": [1]}
        assert (annotation.state, annotation.revision) == ("submitted", 1)
        assert annotation.created_at == annotation.saved_at == annotation.submitted_at == LATER

    @pytest.mark.parametrize("state", ["submitted", "skipped"])
    def test_it_settles_the_unit(self, study: Study, state: str) -> None:
        held(study)
        save(study, a_save({}, state=state, skip_reason="I know the author."))
        assignment = study.members[0].assignments.get()
        assert (assignment.state, assignment.leased_until) == (state, None)
        assert take_unit(membership=study.members[0], now=LATER).unit == study.units[1]

    def test_a_draft_keeps_the_unit_and_lengthens_its_lease(self, study: Study) -> None:
        held(study)
        save(study, a_save(state="draft"))
        assignment = study.members[0].assignments.get()
        assert (assignment.state, assignment.leased_until) == ("leased", LATER + timedelta(hours=2))
        assert take_unit(membership=study.members[0], now=LATER).unit == study.units[0]

    def test_a_submitted_unit_may_be_taken_up_again(self, study: Study) -> None:
        held(study)
        save(study, a_save())
        save(study, a_save({}, state="draft", based_on=1))
        annotation = Annotation.objects.get()
        assert (annotation.state, annotation.submitted_at) == ("draft", None)
        assert take_unit(membership=study.members[0], now=LATER).unit == study.units[0]

    def test_the_revision_of_the_text_is_kept_with_it(self, study: Study) -> None:
        held(study)
        Comment.objects.filter(pk=study.comments[0].pk).update(text_revision=3)
        study.units[0].refresh_from_db()
        assert save(study, a_save()).text_revision == 3

    def test_a_quote_that_is_not_the_text_stores_nothing(self, study: Study) -> None:
        held(study)
        wrong = {"part": [{"start": 3, "end": 10, "quote": "\U0001f642 costs", "label": "fact"}]}
        with pytest.raises(InvalidAnswers):
            save(study, a_save(wrong))
        assert not Annotation.objects.exists()
        assert not Revision.objects.exists()
        assert study.members[0].assignments.get().state == "leased"

    def test_a_unit_of_the_whole_thread_gets_the_thread_s_questions(self) -> None:
        codebook = build_codebook()
        build_question(codebook, "mood", "single_label", ("good", "bad"), unit="thread")
        study = build_study(1, codebook=codebook)
        label_next(study.members[0])
        with pytest.raises(InvalidAnswers, match="no question 'claim' for this unit"):
            label_next(study.members[0])
        annotation = label_next(study.members[0], a_save({"mood": "bad"}))
        assert annotation.unit.comment is None
        assert answers_of(annotation) == {"mood": "bad"}

    def test_labels_given_on_another_text_are_refused(self, study: Study) -> None:
        """The source changed the comment between the reading and the save."""
        held(study)
        Comment.objects.filter(pk=study.comments[0].pk).update(text="Other.", text_revision=2)
        study.units[0].refresh_from_db()
        with pytest.raises(Conflict, match="changed at its source"):
            save(study, a_save(text_revision=1))
        assert not Annotation.objects.exists()
        assert save(study, a_save(text_revision=2)).text_revision == 2

    def test_how_sure_one_is_is_kept_where_the_codebook_asks(self) -> None:
        study = build_study(1, codebook=build_codebook(confidence=True))
        label_next(study.members[0], a_save(confidence=2))
        annotation = Annotation.objects.get()
        assert annotation.confidence == 2
        assert annotation.revisions.get().content["confidence"] == 2
        save(study, a_save(based_on=1))
        annotation.refresh_from_db()
        assert annotation.confidence is None

    def test_it_is_refused_where_the_codebook_does_not_ask(self, study: Study) -> None:
        held(study)
        with pytest.raises(InvalidInput, match="does not ask how sure") as refused:
            save(study, a_save(confidence=3))
        assert refused.value.fields.keys() == {"confidence"}
        assert not Annotation.objects.exists()

    @pytest.mark.parametrize("confidence", [0, 4, -1])
    def test_it_is_one_of_three(self, confidence: int) -> None:
        with pytest.raises(InvalidInput, match="1, 2 or 3"):
            a_save(confidence=confidence)

    def test_there_is_no_other_state(self) -> None:
        with pytest.raises(InvalidInput, match="draft, submitted, skipped, not 'done'"):
            a_save(state="done")


@pytest.mark.django_db
class TestTheSameSaveAgain:
    def test_it_changes_nothing(self, study: Study) -> None:
        held(study)
        first = a_save({"claim": "yes"})
        save(study, first, now=NOON)
        again = save(study, a_save({"claim": "no"}, save_id=first.save_id), now=LATER)
        assert (again.revision, again.saved_at) == (1, NOON)
        assert answers_of(again) == {"claim": "yes"}
        assert Revision.objects.count() == 1

    def test_it_is_acknowledged_though_a_later_save_came(self, study: Study) -> None:
        held(study)
        first = a_save({"claim": "yes"})
        save(study, first)
        save(study, a_save({"claim": "no"}, based_on=1))
        again = save(study, first)
        assert (again.revision, answers_of(again)) == (2, {"claim": "no"})

    @pytest.mark.parametrize("state", ["closed", "paused"])
    def test_it_is_acknowledged_though_the_campaign_ended(self, study: Study, state: str) -> None:
        held(study)
        first = a_save()
        save(study, first)
        set_state(campaign=study.campaign, state=state, now=NOON)
        assert save(study, first).revision == 1

    def test_its_id_does_for_no_other_unit(self, study: Study) -> None:
        first = a_save()
        label_next(study.members[0], first)
        with pytest.raises(InvalidInput, match="belongs to another annotation"):
            label_next(study.members[0], a_save(save_id=first.save_id))
        assert Annotation.objects.count() == 1


@pytest.mark.django_db
class TestRevisions:
    def test_a_save_on_an_old_revision_is_refused_with_both_versions(self, study: Study) -> None:
        held(study)
        save(study, a_save({"claim": "yes"}, note="first"))
        with pytest.raises(RevisionConflict, match=r"revision 1, not 0") as refused:
            save(study, a_save({"claim": "no"}, state="draft"))
        current = refused.value.current
        assert current is not None
        assert (current["revision"], current["answers"]) == (1, {"claim": "yes"})
        assert current["note"] == "first"
        assert refused.value.offered["answers"] == {"claim": "no"}
        assert refused.value.offered["revision"] == 0
        assert answers_of(Annotation.objects.get()) == {"claim": "yes"}

    def test_a_save_on_a_revision_that_never_was_is_refused(self, study: Study) -> None:
        held(study)
        with pytest.raises(RevisionConflict) as refused:
            save(study, a_save(based_on=4))
        assert refused.value.current is None

    def test_everything_that_was_ever_said_is_kept(self, study: Study) -> None:
        held(study)
        save(study, a_save({"claim": "yes"}, state="draft"), now=NOON)
        save(study, a_save(EVERYTHING, based_on=1, note="Now I see."), now=LATER)
        save(study, a_save({"claim": "no"}, based_on=2), now=LATER)
        revisions = list(Annotation.objects.get().revisions.order_by("number"))
        assert [revision.number for revision in revisions] == [1, 2, 3]
        assert [revision.state for revision in revisions] == ["draft", "submitted", "submitted"]
        assert [revision.content["answers"] for revision in revisions] == [
            {"claim": "yes"},
            EVERYTHING,
            {"claim": "no"},
        ]
        assert revisions[1].content["note"] == "Now I see."
        assert [revision.saved_at for revision in revisions] == [NOON, LATER, LATER]
        assert Answer.objects.count() == 1

    def test_history_shows_the_last_saved_first(self, study: Study) -> None:
        label_next(study.members[0])
        label_next(study.members[0])
        save(study, a_save(based_on=1), now=LATER)
        assert [a.unit for a in history(study.members[0])] == study.units


@pytest.mark.django_db
class TestAside:
    """Of two versions one is kept beside the other."""

    def keep(self, study: Study, based_on: int = 1, **fields: Any) -> Save:
        save(study, a_save({"claim": "yes"}, note="stays"), now=NOON)
        aside = a_save({"claim": "no"}, based_on=based_on, aside=True, note="aside", **fields)
        save(study, aside)
        return aside

    @pytest.mark.parametrize("state", ["draft", "submitted", "skipped"])
    def test_the_annotation_says_what_it_said(self, study: Study, state: str) -> None:
        held(study)
        self.keep(study, state=state, seconds=99.0, flagged=True, context={"shown": [7]})
        annotation = Annotation.objects.get()
        assert answers_of(annotation) == {"claim": "yes"}
        assert (annotation.note, annotation.flagged, annotation.seconds) == ("stays", False, 0)
        assert (annotation.state, annotation.saved_at, annotation.context) == (
            *("submitted", NOON),
            {},
        )
        assert study.members[0].assignments.get().state == "submitted"

    def test_both_versions_are_kept_whole(self, study: Study) -> None:
        held(study)
        self.keep(study, state="draft", seconds=99.0)
        first, second = Revision.objects.order_by("number")
        assert (first.aside, first.content["answers"]) == (False, {"claim": "yes"})
        assert (second.aside, second.number, second.state) == (True, 2, "draft")
        assert second.content["answers"] == {"claim": "no"}
        assert (second.content["note"], second.content["seconds"]) == ("aside", 99.0)

    def test_the_same_again_changes_nothing(self, study: Study) -> None:
        held(study)
        aside = self.keep(study)
        assert save(study, aside).revision == 2
        assert Revision.objects.count() == 2
        save(study, a_save({"claim": "no"}, based_on=2))
        assert save(study, aside).revision == 3
        assert answers_of(Annotation.objects.get()) == {"claim": "no"}

    def test_it_is_based_on_what_stands(self, study: Study) -> None:
        held(study)
        with pytest.raises(RevisionConflict, match="revision 1, not 0"):
            self.keep(study, based_on=0)
        assert Revision.objects.count() == 1

    def test_where_nothing_stands_it_is_beside_nothing(self, study: Study) -> None:
        held(study)
        with pytest.raises(InvalidInput, match="Nothing was saved yet"):
            save(study, a_save(aside=True))
        assert not Annotation.objects.exists()

    def test_its_answers_must_fit_as_any_others(self, study: Study) -> None:
        held(study)
        save(study, a_save())
        with pytest.raises(InvalidAnswers):
            save(study, a_save({"claim": "maybe"}, based_on=1, aside=True))
        assert Annotation.objects.get().revision == 1

    def test_it_counts_neither_for_the_day_nor_the_history(self, study: Study) -> None:
        held(study)
        self.keep(study, seconds=99.0)
        assert today(study.members[0], now=LATER).seconds == 0
        assert history(study.members[0]).get().saved_at == NOON


@pytest.mark.django_db
class TestWhoMaySave:
    @pytest.mark.parametrize("state", ["closed", "paused"])
    def test_a_campaign_that_is_not_open_takes_no_labels(self, study: Study, state: str) -> None:
        held(study)
        set_state(campaign=study.campaign, state=state, now=NOON)
        with pytest.raises(Conflict, match=f"is {state}: it takes no labels"):
            save(study, a_save())

    def test_a_unit_that_is_another_s_is_not_one_s_own(self) -> None:
        study = build_study(2, annotators=2)
        held(study)
        take_unit(membership=study.members[1], now=NOON)
        with pytest.raises(Conflict, match="not yours any more"):
            save_annotation(
                membership=study.members[0], unit=study.units[1], save=a_save(), now=NOON
            )

    def test_nor_is_one_of_another_annotator_or_campaign(self, study: Study) -> None:
        other = build_study(annotators=1)
        held(study)
        with pytest.raises(Conflict, match="not yours any more"):
            save_annotation(
                membership=other.members[0], unit=study.units[0], save=a_save(), now=NOON
            )

    def test_two_annotators_of_a_unit_have_an_annotation_each(self) -> None:
        study = build_study(1, annotators=2, overlap=2)
        label_next(study.members[0], a_save({"claim": "yes"}))
        label_next(study.members[1], a_save({"claim": "no"}))
        said = {a.membership: answers_of(a) for a in study.units[0].annotations.all()}
        assert said == dict(zip(study.members, [{"claim": "yes"}, {"claim": "no"}], strict=True))

    def test_labels_and_their_member_outlive_the_user(self, study: Study) -> None:
        label_next(study.members[0])
        user = study.members[0].user
        assert user is not None
        user.delete()
        annotation = Annotation.objects.get()
        assert annotation.membership is not None
        assert annotation.membership.user is None
        assert annotation.membership.pseudonym == "A1"
        assert answers_of(annotation) == {"claim": "yes"}


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_of_saves_on_the_same_revision_exactly_one_wins_each_time(self, study: Study) -> None:
        held(study)
        for revision in range(3):
            saves = [a_save({"why": f"{revision} by {n}"}, based_on=revision) for n in range(4)]
            outcomes = at_once([partial(save, study, one) for one in saves])
            assert sum(isinstance(o, Annotation) for o in outcomes) == 1
            assert sum(isinstance(o, RevisionConflict) for o in outcomes) == 3
        annotation = Annotation.objects.get()
        assert [r.number for r in annotation.revisions.order_by("number")] == [1, 2, 3]
        last = annotation.revisions.get(number=3)
        assert answers_of(annotation) == last.content["answers"]

    def test_the_same_save_sent_four_times_is_stored_once(self, study: Study) -> None:
        held(study)
        one = a_save(save_id=uuid4())
        outcomes = at_once([partial(save, study, one)] * 4)
        assert [o.revision for o in outcomes if isinstance(o, Annotation)] == [1, 1, 1, 1]
        assert Revision.objects.count() == 1
