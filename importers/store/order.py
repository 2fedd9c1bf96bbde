"""Replies resolved, the reading order computed, the thread's figures summed: thread by thread."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection, transaction
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.utils import timezone

from annotations.models import Comment, Corpus, Thread
from annotations.services.changes import note_comments, note_threads
from importers.models import ImportRun, ImportTouch
from importers.report import Replies
from importers.store.bulk import among, update_rows
from importers.tree import NOBODY, cut_cycles, reading_order

THREADS_AT_ONCE = 5_000
COMMENTS_AT_ONCE = 30_000
ROWS_AT_ONCE = 20_000
CUT_KEPT = 100
PLACE = ("reply_to_id", "position", "depth")
PLACE_TYPES = ("bigint", "integer", "integer")
THREAD_FIGURES = ("comment_count", "max_depth", "started_at", "ended_at", "order_is_stale")
THREAD_FIGURE_TYPES = ("integer", "integer", "timestamptz", "timestamptz", "boolean")
# A parent is looked up among the comments of the same thread; no comment answers itself.
READ = """
SELECT c.thread_id, c.id, p.id, c.reply_to_id, c.position, c.depth,
       CASE WHEN c.reply_basis = 'inferred' THEN 1 ELSE 0 END,
       CASE WHEN c.kind = 'comment' THEN 1 ELSE 0 END, c.posted_at
FROM comment c
LEFT JOIN comment p
  ON p.corpus_id = c.corpus_id AND p.source_id = c.reply_to_source_id
 AND p.thread_id = c.thread_id AND p.id <> c.id
WHERE {condition}
ORDER BY c.thread_id, CASE WHEN c.kind = 'comment' THEN 1 ELSE 0 END, c.ordinal, c.id
"""


def order_threads(corpus: Corpus, tick: Callable[[], None]) -> None:
    """Put every stale thread of the corpus in order, calling ``tick`` after each batch.

    What is ordered is committed, so that a killed run goes on here.
    """
    while threads := _next_stale(corpus):
        with transaction.atomic():
            Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk)
            _order(corpus, threads)
        tick()


def _next_stale(corpus: Corpus) -> list[int]:
    """As many stale threads as hold COMMENTS_AT_ONCE comments together, and at least one.

    Rows that are written together lie together: few large batches write far fewer pages.
    """
    stale = Thread.objects.filter(corpus=corpus, order_is_stale=True).order_by("pk")
    threads = list(stale.values_list("pk", flat=True)[:THREADS_AT_ONCE])
    condition, ids = among("thread_id", threads)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT thread_id, COUNT(*) FROM comment WHERE {condition} GROUP BY 1", [ids]
        )
        sizes = dict(cursor.fetchall())
    total = 0
    chosen: list[int] = []
    for thread in threads:
        total += sizes.get(thread, 0)
        if chosen and total > COMMENTS_AT_ONCE:
            break
        chosen.append(thread)
    return chosen


def count_replies(run: ImportRun) -> Replies:
    """How the replies of the run's threads stand now."""
    touched = ImportTouch.objects.filter(run=run, kind=ImportTouch.Kind.THREAD).values("row")
    answers = Comment.objects.filter(thread__in=touched).exclude(reply_to_source_id="").order_by()
    is_open = ExpressionWrapper(Q(reply_to__isnull=True), output_field=BooleanField())
    groups = answers.annotate(is_open=is_open).values_list("is_open", "reply_basis")
    counted = {(bool(row[0]), row[1]): row[2] for row in groups.annotate(Count("pk"))}
    replies = Replies(
        given=counted.get((False, Comment.Basis.GIVEN), 0),
        inferred=counted.get((False, Comment.Basis.INFERRED), 0),
        orphaned=sum(number for (opened, _), number in counted.items() if opened),
    )
    if replies.orphaned:
        _tell_cut(replies, answers.filter(reply_to__isnull=True))
    return replies


def _tell_cut(replies: Replies, unresolved: QuerySet[Comment]) -> None:
    """Those whose parent is there all the same were cut out of a ring."""
    parent = Comment.objects.filter(
        thread=OuterRef("thread"), source_id=OuterRef("reply_to_source_id")
    )
    cut = unresolved.filter(Exists(parent))
    replies.cyclic = cut.count()
    replies.orphaned -= replies.cyclic
    in_order = cut.order_by("thread__source_id", "position")
    replies.cut = list(in_order.values_list("source_id", flat=True)[:CUT_KEPT])


def _order(corpus: Corpus, threads: list[int]) -> None:
    condition, ids = among("c.thread_id", threads)
    figures = dict.fromkeys(threads, (0, 0, None, None))
    moved = []
    with connection.chunked_cursor() as cursor:
        cursor.execute(READ.format(condition=condition), [ids])
        rows = iter(lambda: cursor.fetchmany(ROWS_AT_ONCE), [])
        for pk, comments in groupby((row for batch in rows for row in batch), itemgetter(0)):
            thread = _Ordered(comments)
            figures[pk] = thread.figures()
            moved += thread.moved()
    moved.sort(key=itemgetter(-1))
    update_rows("comment", PLACE, moved, PLACE_TYPES)
    note_comments(corpus=corpus, comments=(row[-1] for row in moved), now=timezone.now())
    summed = [(*figure, False, pk) for pk, figure in figures.items()]
    update_rows("thread", THREAD_FIGURES, summed, THREAD_FIGURE_TYPES)
    note_threads(corpus=corpus, threads=threads, now=timezone.now())


class _Ordered:
    """One thread, as columns of numbers in the order of the source."""

    def __init__(self, rows: Any) -> None:
        self.ids, self.parents = array("q"), array("q")
        self.before: tuple[array[int], ...] = tuple(array("q") for _ in PLACE)
        self.inferred = bytearray()
        self.comments = 0
        self.first = self.last = None
        for _, pk, parent, reply_to, *place, inferred, is_comment, posted_at in rows:
            self.ids.append(pk)
            self.parents.append(parent or NOBODY)
            self.inferred.append(inferred)
            for column, value in zip(self.before, (reply_to or NOBODY, *place), strict=True):
                column.append(value)
            self.comments += is_comment
            if posted_at is not None:
                self.first = posted_at if self.first is None else min(self.first, posted_at)
                self.last = posted_at if self.last is None else max(self.last, posted_at)
        numbers = {pk: number for number, pk in enumerate(self.ids)}
        for number, parent in enumerate(self.parents):
            self.parents[number] = numbers.get(parent, NOBODY)
        for number in cut_cycles(self.parents):
            self.parents[number] = NOBODY
        self.places = reading_order(self.parents, self.inferred)

    def figures(self) -> tuple[int, int, Any, Any]:
        """THREAD_FIGURES but the last; times as the database gave them."""
        return self.comments, max(self.places.depths, default=0), self.first, self.last

    def moved(self) -> list[tuple[int | None, int, int, int]]:
        """The new place of every comment that stood elsewhere: PLACE, and the id."""
        reply_to, position, depth = self.before
        moved = []
        for number, pk in enumerate(self.ids):
            parent = self.parents[number]
            answered = self.ids[parent] if parent != NOBODY else NOBODY
            new = (self.places.positions[number], self.places.depths[number])
            if (position[number], depth[number]) != new or reply_to[number] != answered:
                moved.append((None if answered == NOBODY else answered, *new, pk))
        return moved
