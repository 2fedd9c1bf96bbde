"""Storing comments: new ones appended, changed ones with what they said before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db.models import Max

from annotations.models import Comment, CommentRevision, Thread
from importers.records import CommentRecord
from importers.report import Outcome, Tally
from importers.store.load import Load, assign, storable

FIELDS = (
    "kind",
    "author_id",
    "reply_to_source_id",
    "reply_basis",
    "reply_evidence",
    "status",
    "text",
    "text_revision",
    "html",
    "blocks",
    "posted_at",
    "posted_at_estimated",
    "edited_at",
    "score",
    "raw",
)
OPENINGS = frozenset({Comment.Kind.ARTICLE, Comment.Kind.POST})


def refuse_moved(load: Load, records: Mapping[str, CommentRecord]) -> dict[str, CommentRecord]:
    """The records without those whose comment is stored in another thread: they are refused.

    Ids that repeat from thread to thread would put one comment's text in another's place.
    """
    known = Comment.objects.filter(corpus=load.corpus, source_id__in=records)
    homes = dict(known.values_list("source_id", "thread__source_id"))
    kept = {}
    for source_id, record in records.items():
        home = homes.get(source_id, record.thread_id)
        if home == record.thread_id:
            kept[source_id] = record
            continue
        load.report.refuse(
            record.line,
            f"The comment {source_id!r} of the thread {record.thread_id!r} has the id of one in "
            f"the thread {home!r}. Ids are unique in a corpus: import the file into another.",
        )
    return kept


def store_comments(load: Load, records: Mapping[str, CommentRecord]) -> list[Comment]:
    """The comments of these records; gives those that are new or were changed.

    Their threads are marked for reading order, as are those where a parent came in late.
    """
    known = Comment.objects.filter(corpus=load.corpus, source_id__in=records)
    stored = {comment.source_id: comment for comment in known}
    created = _create(load, [record for record in records.values() if record.id not in stored])
    changed = _update(load, stored, records)
    touched = {comment.thread_id for comment in (*created, *changed)}
    orphans = Comment.objects.filter(
        corpus=load.corpus, reply_to=None, reply_to_source_id__in=[c.source_id for c in created]
    )
    stale = Thread.objects.filter(pk__in=touched | set(orphans.values_list("thread", flat=True)))
    stale.update(order_is_stale=True)
    return [*created, *changed]


def _create(load: Load, records: list[CommentRecord]) -> list[Comment]:
    following = _following_ordinals({load.threads[record.thread_id].pk for record in records})
    new = []
    for record in records:
        thread = load.threads[record.thread_id]
        ordinal = following.get(thread.pk, 0)
        following[thread.pk] = ordinal + 1
        comment = Comment(
            corpus=load.corpus,
            thread=thread,
            source_id=record.id,
            ordinal=ordinal,
            created_at=load.now,
        )
        assign(comment, _values(load, record))
        new.append(comment)
        _count(load, comment, "created")
    return Comment.objects.bulk_create(new)


def _following_ordinals(threads: set[int]) -> dict[int, int]:
    last = Comment.objects.filter(thread__in=threads).values("thread").annotate(last=Max("ordinal"))
    return {row["thread"]: row["last"] + 1 for row in last.order_by()}


def _update(
    load: Load, stored: Mapping[str, Comment], records: Mapping[str, CommentRecord]
) -> list[Comment]:
    changed: list[Comment] = []
    said_before: list[CommentRevision] = []
    for source_id, comment in stored.items():
        before = comment.text
        if not assign(comment, _values(load, records[source_id])):
            _count(load, comment, "unchanged")
            continue
        if comment.text != before:
            said_before.append(
                CommentRevision(
                    comment=comment,
                    number=comment.text_revision,
                    text=before,
                    replaced_at=load.now,
                )
            )
            comment.text_revision += 1
        changed.append(comment)
        _count(load, comment, "updated")
    CommentRevision.objects.bulk_create(said_before)
    Comment.objects.bulk_update(changed, FIELDS, batch_size=200)
    return changed


def _values(load: Load, record: CommentRecord) -> dict[str, Any]:
    author = load.authors[record.author_id] if record.author_id else None
    return {
        "kind": record.kind,
        "author_id": author.pk if author else None,
        "reply_to_source_id": record.reply_to or "",
        "reply_basis": record.basis,
        "reply_evidence": record.evidence,
        "status": record.status,
        "text": record.text,
        "html": record.html,
        "blocks": [asdict(block) for block in record.blocks],
        "posted_at": record.posted_at,
        "posted_at_estimated": record.posted_at_estimated,
        "edited_at": record.edited_at,
        "score": record.score,
        "raw": storable(record.raw),
    }


def _count(load: Load, comment: Comment, outcome: Outcome) -> None:
    report = load.report
    tally: Tally = report.openings if comment.kind in OPENINGS else report.comments
    tally.add(outcome)
    report.statuses[comment.status] = report.statuses.get(comment.status, 0) + 1
