"""What models suggest is theirs alone: stored once, replaced by themselves, shown where wanted."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.errors import Conflict, InvalidInput
from annotations.models import Annotation, Campaign, Comment, Revision
from annotations.selectors.answers import answers_of
from annotations.selectors.assignments import Progress, progress
from annotations.selectors.campaign_overview import changed_since_labeled, label_counts
from annotations.selectors.history import history
from annotations.selectors.reading import changed_since_labeled as changed_in_thread
from annotations.selectors.work import work_on
from annotations.services.annotations import save_annotation
from annotations.services.assignments import take_unit
from annotations.services.suggestions import Suggested, Suggestion, suggest_answers
from tests.annotations.exported import label_rows
from tests.annotations.study import Study, a_save, at_once, build_comments, build_study, label_next
from tests.builders import NOON, build_comment, build_thread, build_unit

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)
SPAN = {"start": 0, "end": 7, "quote": "Comment", "label": "fact"}


def suggest(
    study: Study, *answers: dict[str, Any], model: str = "guesser-1", now: Any = NOON
) -> Suggested:
    """The answers for the study's comments, in order."""
    pairs = zip(study.comments, answers, strict=False)
    return suggest_answers(
        campaign=study.campaign,
        model=model,
        suggestions=[Suggestion(comment.pk, given) for comment, given in pairs],
        now=now,
    )


def said() -> dict[tuple[int, str], Any]:
    models = Annotation.objects.filter(source="model")
    return {(one.unit.order, one.model): answers_of(one) for one in models}


class TestStore:
    def test_they_are_annotations_of_the_model(self) -> None:
        study = build_study(3)
        related = [{"comment": study.comments[0].pk, "label": "agrees"}]
        told = suggest(study, {"claim": "yes", "part": [SPAN]}, {"claim": "no", "to": related})
        assert (told.created, told.updated, told.refused) == (2, 0, [])
        assert said() == {
            (0, "guesser-1"): {"claim": "yes", "part": [SPAN]},
            (1, "guesser-1"): {"claim": "no", "to": related},
        }
        one = Annotation.objects.get(unit=study.units[0])
        assert (one.source, one.state, one.membership) == ("model", "submitted", None)
        assert (one.revision, one.created_at, one.submitted_at) == (1, NOON, NOON)
        assert one.revisions.get().content["answers"] == {"claim": "yes", "part": [SPAN]}

    def test_the_same_again_changes_nothing(self) -> None:
        study = build_study(2)
        suggest(study, {"claim": "yes", "part": [SPAN]})
        assert suggest(study, {"claim": "yes", "part": [SPAN]}, now=LATER) == Suggested()
        assert Annotation.objects.get().saved_at == NOON
        assert Revision.objects.count() == 1

    def test_other_answers_replace_its_own_and_no_other_model_s(self) -> None:
        study = build_study(1)
        suggest(study, {"claim": "yes", "why": "So."})
        suggest(study, {"claim": "yes"}, model="guesser-2")
        told = suggest(study, {"claim": "no"}, now=LATER)
        assert (told.created, told.updated, told.refused) == (0, 1, [])
        assert said() == {(0, "guesser-1"): {"claim": "no"}, (0, "guesser-2"): {"claim": "yes"}}
        one = Annotation.objects.get(model="guesser-1")
        assert (one.revision, one.created_at, one.saved_at) == (2, NOON, LATER)
        first, second = one.revisions.order_by("number")
        assert first.content["answers"] == {"claim": "yes", "why": "So."}
        assert second.content["answers"] == {"claim": "no"}

    def test_each_that_cannot_be_taken_is_refused_by_itself(self) -> None:
        study = build_study(4)
        elsewhere = build_comment(build_thread(study.campaign.corpus))
        wrong = [{**SPAN, "quote": "comment"}]
        suggestions = [
            Suggestion(study.comments[0].pk, {"claim": "maybe"}),
            Suggestion(study.comments[1].pk, {"part": wrong}),
            Suggestion(
                study.comments[2].pk, {"to": [{"comment": elsewhere.pk, "label": "agrees"}]}
            ),
            Suggestion(study.comments[3].pk, {"claim": "yes"}),
            Suggestion(study.comments[3].pk, {"claim": "no"}),
            Suggestion(study.comments[2].pk, {"claim": None}),
            Suggestion(elsewhere.pk, {"claim": "yes"}),
            Suggestion(2**63 - 1, {"claim": "yes"}),
        ]
        told = suggest_answers(
            campaign=study.campaign, model="guesser-1", suggestions=suggestions, now=NOON
        )
        assert told.created == 1
        assert said() == {(3, "guesser-1"): {"claim": "yes"}}
        refused = [(one.comment, one.message.split(";")[0][:40]) for one in told.refused]
        assert [comment for comment, _ in refused] == [
            one.comment for index, one in enumerate(suggestions) if index != 3
        ]
        words = [message for _, message in refused]
        for index, expected in enumerate(
            ["no label of", "not the text", "another comment", "twice", "no question", "No unit"]
        ):
            assert expected in told.refused[index].message, words

    def test_a_thousand_cost_as_many_queries_as_ten_but_for_batches(self) -> None:
        counts = []
        for number in (10, 1_000):
            study = build_study(1)
            thread = study.comments[0].thread
            for comment in build_comments(thread, number - 1):
                study.comments.append(comment)
                build_unit(study.campaign, comment, order=comment.position)
            with CaptureQueriesContext(connection) as queries:
                assert (
                    suggest(study, *[{"claim": "yes", "part": [SPAN]}] * number).created == number
                )
            counts.append(len(queries))
        batches = 50 if connection.vendor == "sqlite" else 0  # of 999 values a statement
        assert counts[0] <= counts[1] <= counts[0] + batches

    @pytest.mark.parametrize("model", ["", "x" * 101])
    def test_a_model_has_a_name(self, model: str) -> None:
        with pytest.raises(InvalidInput, match="name of a model"):
            suggest(build_study(1), {"claim": "yes"}, model=model)

    def test_no_more_than_a_thousand_are_taken_at_once(self) -> None:
        study = build_study(1)
        many = [Suggestion(study.comments[0].pk, {"claim": "yes"})] * 1_001
        with pytest.raises(InvalidInput, match="At most 1,000"):
            suggest_answers(campaign=study.campaign, model="m", suggestions=many, now=NOON)

    def test_a_closed_campaign_takes_none(self) -> None:
        study = build_study(1)
        Campaign.objects.update(state="closed")
        with pytest.raises(Conflict, match="closed"):
            suggest(study, {"claim": "yes"})


@pytest.mark.django_db(transaction=True)
def test_the_same_sent_four_times_at_once_is_stored_once() -> None:
    study = build_study(5)
    outcomes = at_once([partial(suggest, study, *[{"claim": "yes"}] * 5)] * 4)
    assert sorted(one.created for one in outcomes if isinstance(one, Suggested)) == [0, 0, 0, 5]
    assert Annotation.objects.count() == Revision.objects.count() == 5


class TestBlind:
    def shown(self, study: Study) -> list[str]:
        unit = take_unit(membership=study.members[0], now=NOON).unit
        return [one.model for one in work_on(study.members[0], unit.pk, now=NOON).suggestions]

    def test_a_campaign_that_does_not_show_them_shows_none(self) -> None:
        study = build_study(1)
        suggest(study, {"claim": "yes"})
        assert self.shown(study) == []

    def test_one_that_does_shows_each_model_s(self) -> None:
        study = build_study(1, show_suggestions=True)
        suggest(study, {"claim": "yes"}, model="b")
        suggest(study, {"claim": "no"}, model="a")
        assert self.shown(study) == ["a", "b"]

    def test_what_was_suggested_of_another_text_is_not_shown(self) -> None:
        study = build_study(1, show_suggestions=True)
        suggest(study, {"claim": "yes"})
        Comment.objects.update(text_revision=2)
        assert self.shown(study) == []
        assert suggest(study, {"claim": "yes"}).updated == 1
        assert self.shown(study) == ["guesser-1"]

    def test_people_s_and_gold_labels_are_no_suggestions(self) -> None:
        study = build_study(1, annotators=2, overlap=2, show_suggestions=True)
        label_next(study.members[1])
        Annotation.objects.create(
            unit=study.units[0],
            source="gold",
            state="submitted",
            **dict.fromkeys(("created_at", "saved_at", "submitted_at"), NOON),
        )
        assert self.shown(study) == []


class TestApart:
    """Nothing that is said of people's labels counts a model's."""

    @pytest.fixture
    def study(self) -> Study:
        study = build_study(2)
        suggest(study, {"claim": "yes"}, {"claim": "yes"})
        return study

    def test_they_are_nobody_s_progress_and_history(self, study: Study) -> None:
        assert progress(study.members[0]) == Progress(done=0, skipped=0, left=2)
        assert not history(study.members[0]).exists()

    def test_they_are_counted_with_no_labels(self, study: Study) -> None:
        claim = label_counts(study.campaign)[0]
        assert claim.answered == 0
        assert [count for _, count in claim.labels] == [0, 0]

    def test_a_changed_text_makes_no_label_out_of_date(self, study: Study) -> None:
        Comment.objects.update(text_revision=2)
        assert changed_since_labeled(study.campaign).annotations == 0
        assert changed_in_thread(Comment.objects.all()) == set()

    def test_in_exports_they_are_marked_and_named(self, study: Study) -> None:
        unit = take_unit(membership=study.members[0], now=NOON).unit
        save_annotation(membership=study.members[0], unit=unit, save=a_save(), now=NOON)
        assert [(row.source, row.annotator, row.model) for row in label_rows(study.campaign)] == [
            ("human", "A1", ""),
            ("model", "", "guesser-1"),
            ("model", "", "guesser-1"),
        ]
