"""Storing threads."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from annotations.models import Thread
from annotations.services.changes import note_threads
from importers.models import ImportTouch
from importers.records import ThreadRecord
from importers.store.bulk import find_ids, insert_returning, storable_time
from importers.store.load import Load
from importers.store.touches import Outcome, touch

COLUMNS = (
    *("corpus_id", "source_id", "title", "url", "platform", "missing", "language"),
    *("order_is_stale", "comment_count", "max_depth", "raw", "created_at"),
)
KIND = ImportTouch.Kind.THREAD


def store_threads(
    load: Load, records: Mapping[str, ThreadRecord], mentioned: Collection[str]
) -> tuple[Mapping[str, int], Collection[str], Collection[str]]:
    """The threads of these records, and bare ones for ids that only comments mention.

    Gives their ids by source id, those that are new, and those that say something else now.
    """
    load.threads.make_room()
    wanted = records.keys() | set(mentioned)
    unknown = [source_id for source_id in wanted if source_id not in load.threads]
    known = find_ids("thread", load.corpus.pk, unknown)
    rows = [_row(load, source_id, records) for source_id in sorted(set(unknown) - known.keys())]
    created = insert_returning("thread", COLUMNS, rows)
    if len(created) < len(rows):  # another import made some of them in the meantime
        known = find_ids("thread", load.corpus.pk, unknown)
    note_threads(corpus=load.corpus, threads=created.values(), now=load.noted_at)
    touch(load.run, KIND, created.values(), Outcome.CREATED)
    met = [pk for name, pk in known.items() if name not in created]
    touch(load.run, KIND, met, Outcome.UNCHANGED)
    load.threads.update(known | created)
    before = {name: record for name, record in records.items() if name not in created}
    return load.threads, created.keys(), _update(load, before)


def _row(load: Load, source_id: str, records: Mapping[str, ThreadRecord]) -> tuple[Any, ...]:
    record = records.get(source_id) or ThreadRecord(id=source_id)
    return (
        *(load.corpus.pk, source_id, record.title, record.url, record.platform, record.missing),
        *("", True, 0, 0, load.raw(record.raw)),
        storable_time()(load.now),
    )


def _update(load: Load, records: Mapping[str, ThreadRecord]) -> set[str]:
    """Those that changed. What a record leaves empty, it does not know: that stays as it was."""
    changed = []
    for thread in Thread.objects.filter(corpus=load.corpus, source_id__in=records):
        record = records[thread.source_id]
        told = {
            name: value
            for name in ("title", "url", "platform", "raw")
            if (value := getattr(record, name))
        }
        if isinstance(told.get("raw"), Mapping):
            told["raw"] = msgspec.json.decode(load.raw(record.raw))
        told["missing"] = record.missing
        if any(getattr(thread, name) != value for name, value in told.items()):
            for name, value in told.items():
                setattr(thread, name, value)
            changed.append(thread)
    Thread.objects.bulk_update(
        changed, ("title", "url", "platform", "raw", "missing"), batch_size=200
    )
    ids = [thread.pk for thread in changed]
    note_threads(corpus=load.corpus, threads=ids, now=load.noted_at)
    touch(load.run, KIND, ids, Outcome.UPDATED)
    return {thread.source_id for thread in changed}
