"""Storing comments: new ones appended, changed ones with what they said before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db import OperationalError, connection

from annotations.models import Comment, CommentRevision, Thread, Unit
from annotations.services.changes import note_annotations_of, note_comments, note_threads
from importers.records import CommentRecord
from importers.store.bulk import (
    among,
    find_ids,
    insert_missing,
    reserve_ids,
    storable_time,
    update_rows,
)
from importers.store.load import Load
from importers.store.order import THREAD_FIGURE_TYPES, THREAD_FIGURES
from importers.store.places import places_of

FIELDS = (
    "kind",
    "author_id",
    "reply_to_source_id",
    "reply_basis",
    "reply_evidence",
    "status",
    "text",
    "html",
    "blocks",
    "links",
    "posted_at",
    "posted_at_estimated",
    "edited_at",
    "score",
    "raw",
)
COLUMNS = (
    *("id", "corpus_id", "thread_id", "source_id", "created_at", "text_revision", "language"),
    *("reply_to_id", "ordinal", "position", "depth"),
    *FIELDS,
)
CHANGED_TYPES = {
    "author_id": "bigint",
    "blocks": "jsonb",
    "links": "jsonb",
    "posted_at": "timestamptz",
    "posted_at_estimated": "boolean",
    "edited_at": "timestamptz",
    "score": "integer",
    "raw": "jsonb",
    "text_revision": "integer",
}
OPENINGS = frozenset({Comment.Kind.ARTICLE.value, Comment.Kind.POST.value})
JSON_FIELDS = frozenset({"blocks", "links", "raw"})
TIMES = frozenset({"posted_at", "edited_at"})
OF_A_TOMBSTONE = frozenset({"author_id", "reply_to_source_id", "reply_evidence", "score", *TIMES})
CAME_AGAIN = "comments that stand in the file more than once, of which the last holds"
VISIBLE = Comment.Status.VISIBLE.value
EMPTY: Mapping[str, Any] = {"[]": [], "{}": {}}
KIND, STATUS, TEXT, POSTED_AT = (
    FIELDS.index(name) for name in ("kind", "status", "text", "posted_at")
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A comment as it stands in the table; ``values`` in the order of FIELDS."""

    pk: int
    thread: str
    created_at: datetime
    text_revision: int
    language: str
    values: tuple[Any, ...]


def stored_comments(load: Load, source_ids: Collection[str]) -> dict[str, Stored]:
    """Those of these comments that are in the corpus, held until the transaction ends."""
    ids = find_ids("comment", load.corpus.pk, source_ids)
    if not ids:
        return {}
    condition, held_ids = among("comment.id", ids.values())
    known = Comment.objects.extra(where=[condition], params=[held_ids]).order_by("pk")  # noqa: S610
    held = known.select_for_update(of=("self",))
    told = ("source_id", "pk", "thread__source_id", "created_at", "text_revision", "language")
    return {
        source_id: Stored(pk, thread, created_at, revision, language, tuple(values))
        for source_id, pk, thread, created_at, revision, language, *values in held.values_list(
            *told, *FIELDS
        )
    }


def refuse_moved(
    load: Load, records: Mapping[str, CommentRecord], stored: Mapping[str, Stored]
) -> dict[str, CommentRecord]:
    """The records without those whose comment is stored in another thread: they are refused.

    Ids that repeat from thread to thread would put one comment's text in another's place. A
    tombstone may not know the thread: it marks the comment where it stands. What is plainly the
    same message moves: a file that lacks the first message of a thread can only guess its name.
    """
    kept = {}
    for source_id, record in records.items():
        home = stored[source_id].thread if source_id in stored else record.thread_id
        if home == record.thread_id:
            kept[source_id] = record
            continue
        if is_tombstone(record):
            kept[source_id] = msgspec.structs.replace(record, thread_id=home)
            continue
        if _is_the_same(record, stored[source_id]):
            kept[source_id] = record
            continue
        load.report.refuse(
            record.line,
            f"The comment {source_id!r} of the thread {record.thread_id!r} has the id of one in "
            f"the thread {home!r}. Ids are unique in a corpus: import the file into another.",
        )
    return kept


def _is_the_same(record: CommentRecord, stored: Stored) -> bool:
    """Whether both say the same at the same time."""
    when, text = stored.values[POSTED_AT], stored.values[TEXT]
    return when is not None and (record.posted_at, record.text) == (when, text)


def move_comments(
    load: Load,
    records: Mapping[str, CommentRecord],
    stored: Mapping[str, Stored],
    threads: Mapping[str, int],
) -> None:
    """Put comments into the threads that their records name, with the units made of them.

    The threads that they leave are put in order anew, or deleted if nothing is left of them.
    """
    moved = {
        before.pk: threads[records[source_id].thread_id]
        for source_id, before in stored.items()
        if before.thread != records[source_id].thread_id
    }
    if not moved:
        return
    left = set(Comment.objects.filter(pk__in=moved).values_list("thread", flat=True))
    update_rows("comment", ("thread_id",), [(to, pk) for pk, to in moved.items()], ("bigint",))
    for unit in Unit.objects.filter(comment__in=moved):
        assert unit.comment_id is not None
        unit.thread_id = moved[unit.comment_id]
        unit.save(update_fields=["thread"])
    over: list[int] = []
    empty = Thread.objects.filter(pk__in=left, title="", comments__isnull=True, units__isnull=True)
    for source_id, pk in empty.values_list("source_id", "pk"):
        load.threads.pop(source_id, None)
        left.discard(pk)
        over.append(pk)
    empty.delete()
    mark_stale({*left, *moved.values()})
    note_threads(corpus=load.corpus, threads=over, now=load.noted_at)
    note_comments(corpus=load.corpus, comments=moved, now=load.noted_at)
    note_annotations_of(comments=moved, now=load.noted_at)


def is_tombstone(record: CommentRecord) -> bool:
    """Whether the source only says that the comment is gone."""
    return record.status != "visible" and not record.text


def create_comments(
    load: Load,
    records: Sequence[CommentRecord],
    threads: Mapping[str, int],
    authors: Mapping[str, int],
    new_threads: Collection[str],
    ordinals: Mapping[str, int],
) -> None:
    """The comments of these records, which are not in the corpus yet.

    Those of ``new_threads`` are all that these threads have, and are written in their order.
    Raises OperationalError, after which the batch is tried again, if another import has stored
    one of them in the meantime.
    """
    stored_time = storable_time()
    corpus, now = load.corpus.pk, stored_time(load.now)
    places, figures = places_of(records, new_threads)
    ids = reserve_ids("comment", len(records))
    rows = []
    for number, record in enumerate(records):
        place = places.get(number)
        values = _values(load, record, authors, stored_time)
        if place is None:
            where: tuple[int | None, ...] = (None, ordinals[record.id], 0, 0)
        else:
            answered = None if place.answered is None else ids[place.answered]
            where = (answered, ordinals[record.id], place.position, place.depth)
        thread = threads[record.thread_id]
        rows.append((ids[number], corpus, thread, record.id, now, 1, "", *where, *values))
        load.report.count_comment(record.kind, record.status, "created")
    if insert_missing("comment", COLUMNS, rows) < len(rows):
        raise OperationalError("Another import stored some of the same comments.")
    note_comments(corpus=load.corpus, comments=ids, now=load.noted_at)
    summed = [
        (
            *(figure.comment_count, figure.max_depth),
            stored_time(figure.started_at) if figure.started_at else None,
            stored_time(figure.ended_at) if figure.ended_at else None,
            *(False, threads[thread]),
        )
        for thread, figure in figures.items()
    ]
    update_rows("thread", THREAD_FIGURES, summed, THREAD_FIGURE_TYPES)


def update_comments(
    load: Load,
    records: Mapping[str, CommentRecord],
    stored: Mapping[str, Stored],
    authors: Mapping[str, int],
) -> set[str]:
    """The stored comments of these records where they differ; gives the ids of those that did.

    A record that only knows that a comment is missing changes nothing of what is known of it; a
    tombstone takes its text, and nothing else that it says nothing of.
    """
    stored_time = storable_time()
    rows, said_before, changed, shown = [], [], set(), []
    for source_id, before in stored.items():
        record = records[source_id]
        if before.created_at == load.now:
            load.report.note(CAME_AGAIN)
        values = _values(load, record, authors, stored_time)
        if is_tombstone(record):
            values = _kept(values, before.values, stored_time)
        if record.status == "missing" or _same(values, before.values, stored_time):
            load.report.count_comment(before.values[KIND], before.values[STATUS], "unchanged")
            continue
        revision, language = before.text_revision, before.language
        if record.text != before.values[TEXT]:
            said_before.append(
                CommentRevision(
                    comment_id=before.pk,
                    number=revision,
                    text=before.values[TEXT],
                    replaced_at=load.now,
                )
            )
            revision += 1
            language = ""  # to be detected anew
        rows.append((*values, revision, language, before.pk))
        changed.add(source_id)
        if (record.status == VISIBLE) != (before.values[STATUS] == VISIBLE):
            shown.append(before.pk)
        load.report.count_comment(record.kind, record.status, "updated")
    CommentRevision.objects.bulk_create(said_before)
    columns = (*FIELDS, "text_revision", "language")
    update_rows("comment", columns, rows, [CHANGED_TYPES.get(name, "text") for name in columns])
    note_comments(corpus=load.corpus, comments=(row[-1] for row in rows), now=load.noted_at)
    note_annotations_of(comments=shown, now=load.noted_at)
    return changed


def mark_stale(threads: Iterable[int]) -> None:
    """Say of threads whose comments changed that their order and figures must be made anew."""
    condition, ids = among("id", threads)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE thread SET order_is_stale = TRUE WHERE {condition} AND NOT order_is_stale",
            [ids],
        )


def _values(
    load: Load, record: CommentRecord, authors: Mapping[str, int], time: Callable[[datetime], Any]
) -> tuple[Any, ...]:
    """In the order of FIELDS; ``time`` makes a time what the database takes."""
    return (
        record.kind,
        authors[record.author_id] if record.author_id else None,
        record.reply_to or "",
        record.basis,
        record.evidence,
        record.status,
        record.text,
        record.html,
        _json(record.blocks),
        _json(record.links),
        time(record.posted_at) if record.posted_at else None,
        record.posted_at_estimated,
        time(record.edited_at) if record.edited_at else None,
        record.score,
        load.raw(record.raw, record.raw_json),
    )


def _kept(
    values: Sequence[Any], stored: Sequence[Any], time: Callable[[datetime], Any]
) -> tuple[Any, ...]:
    """The values of a tombstone, with the stored ones where it is silent."""
    silent = {
        name
        for name, value in zip(FIELDS, values, strict=True)
        if name in OF_A_TOMBSTONE and not value
    }
    if "reply_to_source_id" in silent:
        silent.add("reply_basis")
    return tuple(
        value if name not in silent else time(before) if name in TIMES and before else before
        for name, value, before in zip(FIELDS, values, stored, strict=True)
    )


def _same(values: Sequence[Any], stored: Sequence[Any], time: Callable[[datetime], Any]) -> bool:
    for name, value, before in zip(FIELDS, values, stored, strict=True):
        if name in JSON_FIELDS:
            if (msgspec.json.decode(value) if value not in EMPTY else EMPTY[value]) != before:
                return False
        elif value != (time(before) if name in TIMES and before else before):
            return False
    return True


def _json(parts: Sequence[Any]) -> str:
    return msgspec.json.encode(parts).decode() if parts else "[]"
