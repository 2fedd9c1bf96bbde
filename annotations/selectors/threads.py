"""Threads to choose from: searched, filtered and sorted, for pages and API alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db.models import Count, DateTimeField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from annotations.models import Annotation, Comment, ContentWarning, Corpus, Thread, Unit, User
from annotations.permissions import campaigns_with

BEGINNING = datetime(1, 1, 2, tzinfo=UTC)
FIRST_DAY = date(1, 1, 2)
LAST_DAY = date(9999, 12, 30)
SORTS = {
    "newest": ("-pk",),
    "size": ("-comment_count", "-pk"),
    "date": ("-dated_at", "-pk"),
}


@dataclass(frozen=True, kw_only=True)
class ThreadSearch:
    """What threads are wanted; an empty field asks for nothing. A suggestion is no label.

    ``q`` stands in the title or is the source's id, ``text`` stands in a visible comment.
    ``warning`` is the key of a category that a comment of the thread carries.
    ``begun_from`` is included, ``begun_before`` is not. ``has_labels`` asks for threads with, or
    without, anything submitted in a campaign whose labels the user may read.
    """

    q: str = ""
    text: str = ""
    platform: str | None = None
    language: str | None = None
    begun_from: datetime | None = None
    begun_before: datetime | None = None
    min_comments: int | None = None
    min_depth: int | None = None
    warning: str | None = None
    has_labels: bool | None = None


@dataclass(frozen=True)
class Kinds:
    """The platforms and languages of a corpus, each with how many threads it has."""

    platforms: list[tuple[str, int]]
    languages: list[tuple[str, int]]


def threads_found(threads: QuerySet[Thread], search: ThreadSearch, user: User) -> QuerySet[Thread]:
    """Those of the threads that the search asks for."""
    wanted = {
        "platform": search.platform,
        "language": search.language,
        "started_at__gte": search.begun_from,
        "started_at__lt": search.begun_before,
        "comment_count__gte": search.min_comments,
        "max_depth__gte": search.min_depth,
    }
    found = threads.filter(**{name: value for name, value in wanted.items() if value is not None})
    if search.q:
        found = found.filter(Q(title__icontains=search.q) | Q(source_id=search.q))
    if search.text:
        found = found.filter(Exists(_comments_with(search.text)))
    if search.warning is not None:
        found = found.filter(Exists(_warnings_of(search.warning)))
    if search.has_labels is not None:
        labeled = Exists(_labels(user))
        found = found.filter(labeled if search.has_labels else ~labeled)
    return found


def threads_of(corpus: Corpus) -> QuerySet[Thread]:
    """The corpus's threads; ``dated_at`` sorts those without a time behind all others."""
    dated_at = Coalesce("started_at", Value(BEGINNING), output_field=DateTimeField())
    return Thread.objects.filter(corpus=corpus).defer("raw").annotate(dated_at=dated_at)


def kinds_of_threads(corpus: Corpus) -> Kinds:
    """What the corpus's threads can be told apart by, the most frequent first."""
    return Kinds(_frequencies(corpus, "platform"), _frequencies(corpus, "language"))


def _frequencies(corpus: Corpus, field: str) -> list[tuple[str, int]]:
    threads = Thread.objects.filter(corpus=corpus).order_by()
    counted = threads.values_list(field).annotate(n=Count("pk"))
    return list(counted.order_by("-n", field))


def _comments_with(text: str) -> QuerySet[Comment]:
    return Comment.objects.filter(
        thread=OuterRef("pk"), text__icontains=text, status=Comment.Status.VISIBLE
    )


def _warnings_of(category: str) -> QuerySet[ContentWarning]:
    return ContentWarning.objects.filter(comment__thread=OuterRef("pk"), category__key=category)


def _labels(user: User) -> QuerySet[Annotation]:
    return Annotation.objects.filter(
        unit__thread=OuterRef("pk"),
        unit__campaign__in=campaigns_with(user, "annotation.read_all").values("pk"),
        unit__purpose=Unit.Purpose.STUDY,
        state=Annotation.State.SUBMITTED,
    ).exclude(source=Annotation.Source.MODEL)
