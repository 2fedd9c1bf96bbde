"""Storing a batch of records: threads, then authors, then comments, then what they quote."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from django.db import connection

from annotations.models import Corpus
from importers.records import CommentRecord, GoldRecord, Note, Record, RecordError, ThreadRecord
from importers.store.authors import store_authors, without_names
from importers.store.comments import (
    CAME_AGAIN,
    create_comments,
    mark_stale,
    move_comments,
    refuse_moved,
    stored_comments,
    update_comments,
)
from importers.store.erased import erased_among, forget_earlier, without_erased
from importers.store.load import Load
from importers.store.relations import store_relations
from importers.store.threads import store_threads


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """What became of a batch, by source ids. What is in none of these stands as it stood.

    ``threads`` are all that were stored or met, ``new_threads`` also those that only a comment
    names.
    """

    created: Collection[str]
    updated: Collection[str]
    threads: Collection[str]
    new_threads: Collection[str]
    updated_threads: Collection[str]


def store_batch(load: Load, batch: Sequence[Record]) -> StoredBatch:
    """The batch as a whole or not at all."""
    _share_corpus(load)
    told, comments, ordinals = _sorted_out(load, batch)
    erased = erased_among(load.corpus, told.values(), comments.values())
    if erased is not None:
        forget_earlier(load, erased, comments.values())
        told, comments, ordinals = without_erased(load, erased, told, comments, ordinals)
    stored = stored_comments(load, comments)
    records = refuse_moved(load, comments, stored)
    mentioned = {one.thread_id for one in records.values()}
    left = {one.thread_id for one in comments.values()} - mentioned
    threads = {name: thread for name, thread in told.items() if name not in left}
    thread_ids, new_threads, updated_threads = store_threads(load, threads, mentioned)
    author_ids = store_authors(load, records.values())
    new = [record for record in records.values() if record.id not in stored]
    create_comments(load, new, thread_ids, author_ids, new_threads, ordinals)
    known = {name: stored[name] for name in records if name in stored}
    move_comments(load, records, known, thread_ids)
    updated = update_comments(load, records, known, author_ids)
    created = {record.id for record in new}
    store_relations(load, records, created, updated, author_ids)
    touched = {records[name].thread_id for name in created | updated} - set(new_threads)
    mark_stale(thread_ids[thread] for thread in touched)
    return StoredBatch(created, updated, threads.keys(), new_threads, updated_threads)


def _share_corpus(load: Load) -> None:
    """Several batches may be stored at once, but none while threads are put in order."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM corpus WHERE id = %s FOR SHARE", [load.corpus.pk])


def _sorted_out(
    load: Load, batch: Sequence[Record]
) -> tuple[dict[str, ThreadRecord], dict[str, CommentRecord], dict[str, int]]:
    """The threads, the comments and their ordinals by id; of what comes again the last holds."""
    threads: dict[str, ThreadRecord] = {}
    comments: dict[str, CommentRecord] = {}
    ordinals: dict[str, int] = {}
    drops_names = load.corpus.author_names == Corpus.AuthorNames.DROPPED
    for record in batch:
        match record:
            case CommentRecord():
                if drops_names:
                    record = without_names(load.corpus, record)
                if record.id in comments:
                    load.report.note(CAME_AGAIN)
                comments[record.id] = record
                ordinals[record.id] = load.meet(record)
            case ThreadRecord():
                threads[record.id] = replace(record, raw={}) if drops_names else record
            case RecordError():
                load.report.refuse(record.line, record.message)
            case Note():
                load.report.note(record.what, record.count)
            case GoldRecord():
                load.gold.append(record)
    return threads, comments, ordinals
