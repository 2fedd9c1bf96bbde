"""What an annotator sees of a unit: what the campaign's context allows, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from operator import attrgetter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from annotations.errors import NotFound
from annotations.models import Annotation, Campaign, Comment, Membership, Thread
from annotations.selectors.history import history
from annotations.selectors.work import AROUND, Work, work_on
from tests.annotations.study import a_save, build_comments, build_study, label_next
from tests.builders import (
    NOON,
    build_campaign,
    build_comment,
    build_corpus,
    build_membership,
    build_thread,
    build_unit,
)

pytestmark = pytest.mark.django_db

ORDER = attrgetter("order")


@pytest.fixture
def thread() -> Thread:
    """The thread below, in reading order; `focus` is what is labeled.

    article
    first
    parent ── other, focus ── below
    last
    """
    thread = build_thread(build_corpus())
    article = build_comment(thread, "article", kind="article")
    build_comment(thread, "first", reply_to=article)
    parent = build_comment(thread, "parent", reply_to=article)
    build_comment(thread, "other", reply_to=parent)
    focus = build_comment(thread, "focus", reply_to=parent)
    build_comment(thread, "below", reply_to=focus)
    build_comment(thread, "last", reply_to=article)
    build_comment(build_thread(thread.corpus), "elsewhere")
    return thread


def assigned(thread: Thread, text: str | None, **design: Any) -> tuple[Membership, int]:
    """An annotator who holds the unit of this comment, or (None) of the thread as a whole."""
    campaign = build_campaign(corpus=thread.corpus, **design)
    comment = thread.comments.get(text=text) if text else None
    unit = build_unit(campaign, comment, thread=thread)
    member = build_membership(campaign)
    unit.assignments.create(
        campaign=campaign, slot=1, order=0, membership=member, state="leased", leased_until=NOON
    )
    return member, unit.pk


def work(thread: Thread, text: str | None = "focus", **design: Any) -> Work:
    return work_on(*assigned(thread, text, **design))


def texts(work: Work) -> list[str]:
    return [comment.text for comment in work.comments]


class TestContext:
    @pytest.mark.parametrize(
        ("policy", "shown"),
        [
            ("comment", "article focus"),
            ("parent", "article parent focus"),
            ("ancestors", "article parent focus"),
            ("preceding", "article first parent other focus"),
            ("thread", "article first parent other focus below last"),
        ],
    )
    @pytest.mark.parametrize("show_article", [True, False])
    def test_each_policy_shows_its_part_in_reading_order(
        self, thread: Thread, policy: str, shown: str, show_article: bool
    ) -> None:
        found = work(thread, context=policy, show_article=show_article)
        allowed = shown if show_article else shown.removeprefix("article ")
        assert texts(found) == allowed.split()
        assert (found.before, found.after) == (0, 0)

    def test_ancestors_are_all_that_stand_above(self, thread: Thread) -> None:
        found = work(thread, "below", context="ancestors")
        assert texts(found) == ["article", "parent", "focus", "below"]

    def test_a_comment_that_answers_nothing_has_no_context_of_its_own(self, thread: Thread) -> None:
        Comment.objects.filter(text="focus").update(reply_to=None)
        for policy in ("comment", "parent", "ancestors"):
            found = work(thread, context=policy, show_article=False)
            assert texts(found) == ["focus"]

    @pytest.mark.parametrize("policy", Campaign.Context.values)
    def test_a_whole_thread_is_shown_whole(self, thread: Thread, policy: str) -> None:
        everything = ["article", "first", "parent", "other", "focus", "below", "last"]
        assert texts(work(thread, None, context=policy)) == everything
        assert texts(work(thread, None, context=policy, show_article=False)) == everything[1:]

    def test_a_removed_comment_keeps_its_place(self, thread: Thread) -> None:
        Comment.objects.filter(text="other").update(status="removed_by_moderator")
        found = work(thread)
        assert [c.status for c in found.comments if c.status != "visible"] == [
            "removed_by_moderator"
        ]


class TestLongThreads:
    """An opening and 2,300 comments: the focus sees 1,000 on either side, and what it answers."""

    @pytest.fixture
    def long(self) -> Thread:
        thread = build_thread(build_corpus())
        article = build_comment(thread, "article", kind="article")
        comments = build_comments(thread, 2_300, reply_to=article)
        Comment.objects.filter(pk=comments[1_199].pk).update(text="focus", reply_to=comments[9])
        return thread

    def test_they_are_shown_around_the_comment(self, long: Thread) -> None:
        found = work(long)
        positions = [comment.position for comment in found.comments]
        assert positions == [0, 10, *range(1_200 - AROUND, 1_200 + AROUND + 1)]
        assert (found.before, found.after) == (198, 100)
        assert found.before + len(positions) + found.after == 2_301

        found = work(long, context="preceding", show_article=False)
        assert [found.comments[0].position, found.comments[-1].position] == [10, 1_200]
        assert (found.before, found.after) == (198, 0)

        found = work(long, None)
        assert [comment.position for comment in found.comments] == list(range(AROUND + 1))
        assert (found.before, found.after) == (0, 1_300)

    def test_they_cost_as_many_queries_as_short_ones(self, long: Thread, thread: Thread) -> None:
        counts = []
        for some in (thread, long):
            mine = assigned(some, "focus")
            with CaptureQueriesContext(connection) as queries:
                work_on(*mine)
            counts.append(len(queries))
        assert counts[0] == counts[1] < 15


class TestWhose:
    def test_a_unit_that_one_does_not_hold_is_not_there(self) -> None:
        study = build_study(2, annotators=2)
        label_next(study.members[0])
        for member in study.members:
            with pytest.raises(NotFound, match="not yours"):
                work_on(member, study.units[1].pk)
        with pytest.raises(NotFound, match="not yours"):
            work_on(study.members[1], study.units[0].pk)
        with pytest.raises(NotFound, match="not yours"):
            work_on(study.members[0], 987_654)

    def test_one_s_own_annotation_is_there_and_nobody_else_s(self) -> None:
        study = build_study(1, annotators=2, overlap=2)
        for member, claim in zip(study.members, ("yes", "no"), strict=True):
            label_next(member, a_save({"claim": claim}, note=f"by {member}"))
        for member in study.members:
            found = work_on(member, study.units[0].pk)
            assert found.annotation is not None
            assert found.annotation.note == f"by {member}"
            assert found.assignment.membership == member

    def test_a_model_s_suggestion_is_not_one_s_own(self) -> None:
        study = build_study(1)
        label_next(study.members[0], a_save({}, state="draft"))
        Annotation.objects.update(source="model")
        assert work_on(study.members[0], study.units[0].pk).annotation is None

    def test_progress_comes_with_it(self) -> None:
        study = build_study(3)
        annotation = label_next(study.members[0])
        assert work_on(study.members[0], annotation.unit_id).progress.done == 1


class TestHistory:
    def saved(self, member: Membership, minutes: list[int]) -> None:
        for minute in minutes:
            annotation = label_next(member)
            time = NOON + timedelta(minutes=minute)
            Annotation.objects.filter(pk=annotation.pk).update(saved_at=time)

    def test_it_holds_one_s_own_work_the_latest_first(self) -> None:
        study = build_study(3, annotators=2, overlap=2)
        self.saved(study.members[0], [5, 9, 7])
        self.saved(study.members[1], [1])
        assert list(map(ORDER, history(study.members[0]))) == [1, 2, 0]
        assert list(map(ORDER, history(study.members[1]))) == [0]

    def test_a_list_of_it_costs_one_query(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        study = build_study(3)
        self.saved(study.members[0], [1, 2, 3])
        with django_assert_num_queries(1):
            assert [
                (a.unit.thread.title, a.unit.comment and a.unit.comment.text)
                for a in history(study.members[0])
            ] == [("Should the old bridge go?", f"Comment {n}.") for n in (2, 1, 0)]
