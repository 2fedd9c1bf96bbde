"""Replies resolved and the reading order computed, thread by thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, QuerySet

from annotations.models import Comment, Corpus, Thread
from importers.report import Replies
from importers.tree import Node, cut_cycles, reading_order

THREADS_AT_ONCE = 100
ROWS_AT_ONCE = 500
CUT_KEPT = 100
READ = ("source_id", "kind", "ordinal", "reply_to", "reply_to_source_id", "reply_basis", "position")
# Not bulk_update: its CASE of thousands of branches held SQLite's only lock for half a minute.
MOVE = "UPDATE comment SET reply_to_id = %s, position = %s, depth = %s WHERE id = %s"


def order_threads(corpus: Corpus, tick: Callable[[], None]) -> None:
    """Put every stale thread of the corpus in order, calling ``tick`` after each batch.

    What is ordered is committed, so that a killed run goes on here.
    """
    stale = Thread.objects.filter(corpus=corpus, order_is_stale=True).order_by("pk")
    while threads := list(stale.values_list("pk", flat=True)[:THREADS_AT_ONCE]):
        with transaction.atomic():
            Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk)
            for thread in threads:
                _order(thread)
            Thread.objects.filter(pk__in=threads).update(order_is_stale=False)
        tick()


def count_replies(threads: Iterable[int]) -> Replies:
    """How the replies of these threads stand now."""
    replies = Replies()
    remaining = iter(threads)
    while batch := list(islice(remaining, ROWS_AT_ONCE)):
        answers = Comment.objects.filter(thread__in=batch).exclude(reply_to_source_id="")
        resolved = answers.filter(reply_to__isnull=False).order_by().values("reply_basis")
        counted = {row["reply_basis"]: row["n"] for row in resolved.annotate(n=Count("pk"))}
        replies.given += counted.get(Comment.Basis.GIVEN, 0)
        replies.inferred += counted.get(Comment.Basis.INFERRED, 0)
        _count_unresolved(replies, answers.filter(reply_to__isnull=True))
    return replies


def _count_unresolved(replies: Replies, answers: QuerySet[Comment]) -> None:
    """An answer whose parent is there all the same was cut out of a ring."""
    parent = Comment.objects.filter(
        thread=OuterRef("thread"), source_id=OuterRef("reply_to_source_id")
    )
    cut = answers.filter(Exists(parent))
    replies.cyclic += cut.count()
    replies.orphaned += answers.filter(~Exists(parent)).count()
    room = CUT_KEPT - len(replies.cut)
    replies.cut += cut.order_by("pk").values_list("source_id", flat=True)[: max(room, 0)]


def _order(thread: int) -> None:
    comments = list(Comment.objects.filter(thread=thread).only(*READ, "depth"))
    ids = {comment.source_id: comment.pk for comment in comments}
    parents = {comment.pk: ids.get(comment.reply_to_source_id) for comment in comments}
    parents.update(dict.fromkeys(cut_cycles(_node(comment, parents) for comment in comments)))
    places = {p.id: p for p in reading_order(_node(comment, parents) for comment in comments)}
    moved = []
    for comment in comments:
        place = (parents[comment.pk], places[comment.pk].position, places[comment.pk].depth)
        if (comment.reply_to_id, comment.position, comment.depth) != place:
            moved.append((*place, comment.pk))
    with connection.cursor() as cursor:
        cursor.executemany(MOVE, moved)


def _node(comment: Comment, parents: dict[int, int | None]) -> Node:
    is_opening = comment.kind in (Comment.Kind.ARTICLE, Comment.Kind.POST)
    return Node(
        id=comment.pk,
        parent=parents[comment.pk],
        rank=(0 if is_opening else 1, comment.ordinal),
        inferred=comment.reply_basis == Comment.Basis.INFERRED,
    )
