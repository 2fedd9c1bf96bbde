"""A thread for reading, in stretches of its reading order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Max, Prefetch

from annotations.errors import NotFound
from annotations.models import Annotation, Comment, CommentRelation, Thread, User
from annotations.permissions import readable_corpora

STRETCH = 500
_UNREAD = ("raw", "html")
_ELSEWHERE = ("text", "blocks", "links", *_UNREAD)


@dataclass(frozen=True)
class Stretch:
    """The comments at the positions ``start`` to ``start + 499`` of a thread, in reading order.

    ``previous`` and ``next`` are the starts of the neighbours, None at the ends; ``last`` is the
    thread's last position.
    """

    comments: list[Comment]
    start: int
    last: int
    previous: int | None
    next: int | None


def readable_thread(user: User, pk: int) -> Thread:
    """The thread with its corpus. Raises NotFound where the user may not read the corpus."""
    thread = (
        Thread.objects.select_related("corpus")
        .defer("raw")
        .filter(pk=pk, corpus__in=readable_corpora(user))
        .first()
    )
    if thread is None:
        raise NotFound(f"There is no thread {pk} that you may read.")
    return thread


def stretch_of(thread: Thread, at: int) -> Stretch:
    """The stretch in which the position ``at`` lies."""
    last = Comment.objects.filter(thread=thread).aggregate(last=Max("position"))["last"] or 0
    start = min(at, last) // STRETCH * STRETCH
    end = start + STRETCH
    relations = CommentRelation.objects.select_related("target_author", "target__author").defer(
        *(f"target__{name}" for name in _ELSEWHERE)
    )
    comments = (
        Comment.objects.filter(thread=thread, position__gte=start, position__lt=end)
        .select_related("author", "reply_to__author")
        .defer(*_UNREAD, *(f"reply_to__{name}" for name in _ELSEWHERE))
        .prefetch_related(
            Prefetch("relations", queryset=relations.order_by("start", "pk")),
            "warnings__category",
        )
        .order_by("position", "pk")
    )
    return Stretch(
        comments=list(comments),
        start=start,
        last=last,
        previous=max(start - STRETCH, 0) if start else None,
        next=end if last >= end else None,
    )


def changed_since_labeled(comments: Iterable[Comment]) -> set[int]:
    """The ids of those that were labeled, by anybody, before their source changed their text."""
    revised = [comment.pk for comment in comments if comment.text_revision > 1]
    if not revised:
        return set()
    outdated = Annotation.objects.filter(
        unit__comment__in=revised,
        state=Annotation.State.SUBMITTED,
        text_revision__lt=F("unit__comment__text_revision"),
    ).exclude(source=Annotation.Source.MODEL)
    return set(outdated.order_by().values_list("unit__comment", flat=True))
