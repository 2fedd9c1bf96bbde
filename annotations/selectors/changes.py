"""What changed since a mirror looked, with the rows as they are now."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from annotations.errors import Conflict
from annotations.models import Annotation, Campaign, Change, Comment, Corpus, Thread, User
from annotations.selectors.readable import (
    readable_annotations,
    readable_comments,
    readable_threads,
)

Kind = Change.Kind
ELSEWHERE = (
    "This cursor is from ahead of the feed, or from another one: another server gave it, or this "
    "one before it was restored from a backup. Start again without a cursor, and forget the rows "
    "that do not come."
)


@dataclass(frozen=True)
class Place:
    """Where a reader stopped: the last change that it got, and the number that this had."""

    change: int = 0
    number: int = 0


BEGINNING = Place()


@dataclass(frozen=True)
class Changed:
    """A change and the row that it is about, as it is now; None where it is no more."""

    change: Change
    thread: Thread | None = None
    comment: Comment | None = None
    annotation: Annotation | None = None

    @property
    def gone(self) -> bool:
        """Whether the row is no more, or its comment was taken back by the source."""
        if self.thread is not None:
            return False
        comment = self.comment
        if self.annotation is not None:
            comment = self.annotation.unit.comment
            if comment is None:  # the annotation of a whole thread
                return False
        return comment is None or comment.status != Comment.Status.VISIBLE


@dataclass(frozen=True)
class ChangesPage:
    """Some changes in the order of their numbers, where they end, and whether more are there."""

    changes: list[Changed]
    end: Place
    more: bool


def numbered(feed: Corpus | Campaign) -> QuerySet[Change]:
    """What can be read of the feed."""
    changes: QuerySet[Change] = feed.changes.filter(pending=False)
    return changes


def pending(feed: Corpus | Campaign) -> QuerySet[Change]:
    """What waits for its number, a new one where it had one."""
    changes: QuerySet[Change] = feed.changes.filter(pending=True)
    return changes


def feed_key(feed: Corpus | Campaign) -> str:
    """The same for one feed of one installation, and for no other: its cursors carry it."""
    corpus = feed if isinstance(feed, Corpus) else feed.corpus
    name = f"changes of {feed._meta.model_name} {feed.pk}"
    key = bytes.fromhex(corpus.pseudonym_key)
    return hmac.digest(key, name.encode(), hashlib.sha256)[:6].hex()


def require_place(feed: Corpus | Campaign, place: Place) -> None:
    """Raises Conflict for a place that the feed never had.

    The number of a change only rises. One that is smaller than a reader knows it, or a change
    that is not there, is from a time that a restored backup does not know.
    """
    if (
        place != BEGINNING
        and not feed.changes.filter(pk=place.change, number__gte=place.number).exists()
    ):
        raise Conflict(ELSEWHERE, fields={"cursor": [ELSEWHERE]})


def changes_after(feed: Corpus | Campaign, place: Place, user: User, most: int) -> ChangesPage:
    """At most so many changes behind the place that have their numbers, with their rows."""
    found = list(numbered(feed).filter(number__gt=place.number).order_by("number")[: most + 1])
    page = found[:most]
    rows = _Rows(feed, page, user)
    last = page[-1] if page else None
    end = Place(last.pk, last.number or 0) if last else place
    return ChangesPage([rows.of(change) for change in page], end, len(found) > most)


def changed_since(kind: Kind, since: datetime) -> Exists:
    """A condition on rows of this kind: their last change was then or later."""
    return Exists(Change.objects.filter(kind=kind, row=OuterRef("pk"), changed_at__gte=since))


class _Rows:
    """The rows of some changes, read at once; as the user sees them in the lists."""

    def __init__(self, feed: Corpus | Campaign, changes: Collection[Change], user: User) -> None:
        ids: dict[str, list[int]] = {}
        for change in changes:
            ids.setdefault(change.kind, []).append(change.row)
        threads = readable_threads(user).filter(pk__in=ids.get(Kind.THREAD, []))
        comments = readable_comments(user).filter(pk__in=ids.get(Kind.COMMENT, []))
        annotations = readable_annotations(user).filter(
            pk__in=ids.get(Kind.ANNOTATION, []), unit__campaign=feed.pk, harmful=False
        )
        self._threads = {row.pk: row for row in threads}
        self._comments = {row.pk: row for row in comments}
        self._annotations = {row.pk: row for row in annotations}

    def of(self, change: Change) -> Changed:
        match change.kind:
            case Kind.THREAD:
                return Changed(change, thread=self._threads.get(change.row))
            case Kind.COMMENT:
                return Changed(change, comment=self._comments.get(change.row))
            case _:
                return Changed(change, annotation=self._annotations.get(change.row))
