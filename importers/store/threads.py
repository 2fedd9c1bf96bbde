"""Storing threads."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from annotations.models import Thread
from importers.records import ThreadRecord
from importers.report import Outcome
from importers.store.load import Load, assign, storable

FIELDS = ("title", "url", "platform", "missing", "raw")


def store_threads(
    load: Load, records: Mapping[str, ThreadRecord], mentioned: Collection[str]
) -> None:
    """The threads of these records, and bare ones for ids that only comments mention."""
    wanted = (records.keys() | set(mentioned)) - load.threads.keys()
    for thread in Thread.objects.filter(corpus=load.corpus, source_id__in=wanted):
        load.threads[thread.source_id] = thread
        _count(load, thread, "unchanged")
    new = [_new(load, source_id, records) for source_id in sorted(wanted - load.threads.keys())]
    for thread in Thread.objects.bulk_create(new):
        load.threads[thread.source_id] = thread
        _count(load, thread, "created")
    changed = [
        load.threads[source_id]
        for source_id, record in records.items()
        if assign(load.threads[source_id], _values(record))
    ]
    Thread.objects.bulk_update(changed, FIELDS)
    for thread in changed:
        _count(load, thread, "updated")
    load.report.missing += sum(record.missing for record in records.values())


def _new(load: Load, source_id: str, records: Mapping[str, ThreadRecord]) -> Thread:
    thread = Thread(corpus=load.corpus, source_id=source_id, created_at=load.now)
    if record := records.get(source_id):
        assign(thread, _values(record))
    return thread


def _values(record: ThreadRecord) -> dict[str, Any]:
    return {
        "title": record.title,
        "url": record.url,
        "platform": record.platform,
        "missing": record.missing,
        "raw": storable(record.raw),
    }


def _count(load: Load, thread: Thread, outcome: Outcome) -> None:
    """Count each thread of the file once; one that changes after it was met is updated."""
    before = load.thread_outcomes.get(thread.source_id)
    if before is None:
        load.report.threads.add(outcome)
    elif before == "unchanged":
        load.report.threads.correct(before, outcome)
    else:
        return
    load.thread_outcomes[thread.source_id] = outcome
