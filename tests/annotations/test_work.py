"""What an annotator sees of a unit: what the campaign's context allows, and nothing else."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise
from operator import attrgetter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from annotations.errors import NotFound
from annotations.models import Annotation, Campaign, Comment, Membership, Thread
from annotations.selectors.context import AROUND, Side, Window
from annotations.selectors.history import history, history_found
from annotations.selectors.work import Have, Work, more_comments, work_on
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
    return work_on(*assigned(thread, text, **design), now=NOON)


def plan_of(sql: str) -> str:
    """How the database would do it, were the tables large."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(f"{explain} {sql}", None)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def beyond(work: Work) -> tuple[int, int]:
    return work.window.before, work.window.after


def positions(work: Work) -> list[int]:
    return [comment.position for comment in work.comments]


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
        assert beyond(found) == (0, 0)

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
    """An opening and 2,300 comments: the focus sees 100 on either side, and what it answers."""

    @pytest.fixture
    def long(self) -> Thread:
        thread = build_thread(build_corpus())
        article = build_comment(thread, "article", kind="article")
        comments = build_comments(thread, 2_300, reply_to=article)
        Comment.objects.filter(pk=comments[1_199].pk).update(text="focus", reply_to=comments[9])
        return thread

    def test_they_are_shown_around_the_comment(self, long: Thread) -> None:
        found = work(long)
        assert positions(found) == [0, 10, *range(1_100, 1_301)]
        assert found.window == Window(before=1_098, after=1_000, first=1_100, last=1_300)
        assert 1_098 + len(found.comments) + 1_000 == 2_301

        found = work(long, context="preceding", show_article=False)
        assert positions(found) == [10, *range(1_100, 1_201)]
        assert found.window == Window(before=1_098, after=0, first=1_100, last=1_200)

        found = work(long, None)
        assert positions(found) == list(range(AROUND + 1))
        assert found.window == Window(before=0, after=2_200, first=0, last=100)

    def test_a_second_article_is_always_there_as_well(self, long: Thread) -> None:
        Comment.objects.filter(thread=long, position=2_000).update(kind="post")
        found = work(long)
        assert positions(found)[-2:] == [1_300, 2_000]
        assert beyond(found) == (1_098, 999)
        hidden = work(long, show_article=False)
        assert positions(hidden) == [10, *range(1_100, 1_301)]
        assert beyond(hidden) == (1_098, 999)

    @pytest.mark.parametrize("policy", Campaign.Context.values)
    def test_they_cost_as_many_queries_as_short_ones(
        self, long: Thread, thread: Thread, policy: str
    ) -> None:
        counts = []
        for some in (thread, long):
            mine = assigned(some, "focus", context=policy)
            with CaptureQueriesContext(connection) as queries:
                work_on(*mine, now=NOON)
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 21, [one["sql"] for one in queries]

    @pytest.mark.parametrize("policy", Campaign.Context.values)
    @pytest.mark.parametrize("show_article", [True, False])
    def test_every_comment_is_found_by_an_index(
        self, long: Thread, policy: str, show_article: bool
    ) -> None:
        mine = assigned(long, "focus", context=policy, show_article=show_article)
        with CaptureQueriesContext(connection) as queries:
            work_on(*mine, now=NOON)
            for side in ("before", "after"):
                more_comments(*mine, side=side, position=1_150)
        for one in [one["sql"] for one in queries]:
            plan = plan_of(one)
            assert not re.search(r"(SCAN|Seq Scan on) comment\b", plan), (one, plan)
            whole = re.search(r"comment_in_reading_order \(thread_id=\?\)", plan)
            assert not whole or one.endswith("DESC LIMIT 1"), (one, plan)

    def test_a_chain_of_replies_is_sent_as_far_as_its_nearest_500(self) -> None:
        thread = build_thread(build_corpus())
        chain = build_comments(thread, 700)
        for above, below in pairwise(chain):
            below.reply_to, below.depth = above, above.depth + 1
        Comment.objects.bulk_update(chain, ["reply_to", "depth"])
        Comment.objects.filter(pk=chain[-1].pk).update(text="focus")
        found = work(thread, context="ancestors")
        assert positions(found) == list(range(199, 700))
        assert found.window == Window(before=199, after=0, first=599, last=699)
        member, unit = assigned(thread, "focus", context="ancestors")
        more = more_comments(member, unit, side="before", position=599)
        assert [one.position for one in more.comments] == list(range(99, 599))
        assert (more.before, more.after) == (99, 0)


class TestMore:
    """700 comments, of which the first answers nothing; the focus is at 650."""

    @pytest.fixture
    def long(self) -> Thread:
        thread = build_thread(build_corpus())
        article = build_comment(thread, "article", kind="article")
        build_comments(thread, 799, reply_to=article)
        Comment.objects.filter(thread=thread, position=650).update(text="focus")
        return thread

    def more(self, thread: Thread, side: Side, position: int, **design: Any) -> Any:
        found = more_comments(*assigned(thread, "focus", **design), side=side, position=position)
        return [one.position for one in found.comments], found.before, found.after

    def test_they_follow_on_what_was_sent(self, long: Thread) -> None:
        window = work(long).window
        assert (window.before, window.first) == (549, 550)
        assert self.more(long, "before", 550) == (list(range(50, 550)), 49, 0)
        assert self.more(long, "before", 50) == (list(range(50)), 0, 0)
        assert (window.after, window.last) == (49, 750)
        assert self.more(long, "after", 750) == (list(range(751, 800)), 0, 0)
        assert self.more(long, "after", 100) == (list(range(101, 601)), 0, 199)
        assert self.more(long, "after", 799) == ([], 0, 0)

    def test_they_are_no_more_than_the_context_allows(self, long: Thread) -> None:
        assert self.more(long, "after", 640, context="preceding") == ([*range(641, 651)], 0, 0)
        assert self.more(long, "after", 650, context="preceding") == ([], 0, 0)
        hidden = self.more(long, "before", 3, show_article=False)
        assert hidden == ([1, 2], 0, 0)
        for policy in ("comment", "parent", "ancestors"):
            assert self.more(long, "after", 0, context=policy)[0] == []
            assert self.more(long, "before", 650, context=policy, show_article=False)[0] == []

    def test_only_of_a_unit_that_one_has(self, long: Thread) -> None:
        _, unit = assigned(long, "focus")
        other = build_membership(long.units.get(pk=unit).campaign)
        with pytest.raises(NotFound, match="not yours"):
            more_comments(other, unit, side="before", position=550)


class TestHave:
    """What the client has is not sent again, if each unit shows the same."""

    def shown(self, thread: Thread, have: Have, **design: Any) -> list[str]:
        return texts(work_on(*assigned(thread, "focus", **design), now=NOON, have=have))

    def test_the_focus_is_always_sent(self, thread: Thread) -> None:
        assert self.shown(thread, Have(thread.pk, 0, 99)) == ["focus"]
        assert self.shown(thread, Have(thread.pk, 1, 5)) == ["article", "focus", "last"]

    def test_the_window_is_as_if_all_were_sent(self, thread: Thread) -> None:
        mine = assigned(thread, "focus")
        have = work_on(*mine, now=NOON, have=Have(thread.pk, 0, 99))
        assert have.window == work_on(*mine, now=NOON).window

    def test_of_another_thread_all_is_sent(self, thread: Thread) -> None:
        assert len(self.shown(thread, Have(thread.pk + 1, 0, 99))) == 7

    @pytest.mark.parametrize("policy", ["comment", "parent", "ancestors", "preceding"])
    def test_where_contexts_differ_all_is_sent(self, thread: Thread, policy: str) -> None:
        everything = texts(work(thread, context=policy))
        assert self.shown(thread, Have(thread.pk, 0, 99), context=policy) == everything


class TestWhose:
    def test_a_unit_that_one_does_not_hold_is_not_there(self) -> None:
        study = build_study(2, annotators=2)
        label_next(study.members[0])
        for member in study.members:
            with pytest.raises(NotFound, match="not yours"):
                work_on(member, study.units[1].pk, now=NOON)
        with pytest.raises(NotFound, match="not yours"):
            work_on(study.members[1], study.units[0].pk, now=NOON)
        with pytest.raises(NotFound, match="not yours"):
            work_on(study.members[0], 987_654, now=NOON)

    def test_one_s_own_annotation_is_there_and_nobody_else_s(self) -> None:
        study = build_study(1, annotators=2, overlap=2)
        for member, claim in zip(study.members, ("yes", "no"), strict=True):
            label_next(member, a_save({"claim": claim}, note=f"by {member}"))
        for member in study.members:
            found = work_on(member, study.units[0].pk, now=NOON)
            assert found.annotation is not None
            assert found.annotation.note == f"by {member}"
            assert found.assignment.membership == member

    def test_a_model_s_suggestion_is_not_one_s_own(self) -> None:
        study = build_study(1)
        label_next(study.members[0], a_save({}, state="draft"))
        Annotation.objects.update(source="model", model="guesser-1")
        assert work_on(study.members[0], study.units[0].pk, now=NOON).annotation is None

    def test_progress_comes_with_it(self) -> None:
        study = build_study(3)
        annotation = label_next(study.members[0])
        assert work_on(study.members[0], annotation.unit_id, now=NOON).progress.units.done == 1


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
        assert list(map(ORDER, history(study.members[0]))) == [2, 3, 1]
        assert list(map(ORDER, history(study.members[1]))) == [1]

    def test_a_list_of_it_costs_four_queries(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        study = build_study(3)
        self.saved(study.members[0], [1, 2, 3])
        with django_assert_num_queries(4):
            assert [
                (a.unit.thread.title, a.unit.comment and a.unit.comment.text)
                for a in history(study.members[0])
            ] == [("Should the old bridge go?", f"Comment {n}.") for n in (2, 1, 0)]


class TestHistoryFound:
    @pytest.mark.parametrize(
        ("words", "found"),
        [("BRIDGE", [2, 1]), ("tunnel", [2]), ("hm", [1]), ("old bridge go", [2, 1]), ("%", [])],
    )
    def test_by_comment_title_or_note(self, words: str, found: list[int]) -> None:
        study = build_study(["No.", "A tunnel instead."])
        label_next(study.members[0], a_save(note="Hm, well."))
        label_next(study.members[0])
        rows = history_found(history(study.members[0]), words)
        assert list(map(ORDER, rows.order_by("-unit__order"))) == found

    def test_what_a_comment_that_is_gone_said_does_not_find_it(self) -> None:
        study = build_study(["A tunnel instead."])
        label_next(study.members[0])
        Comment.objects.update(status="deleted_by_author")
        assert not history_found(history(study.members[0]), "tunnel").exists()
