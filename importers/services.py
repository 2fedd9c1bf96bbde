"""Importing a file: staged (kept and recognised), started, then stored as rows by a job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import IO, Any

from django.core.files.storage import default_storage
from django.db import connection, transaction

from annotations.errors import Conflict, InvalidInput
from annotations.models import Corpus, User
from annotations.services.running_job import RunningJob
from importers.files import keep_upload, kept_source, shown_name
from importers.models import ImportRun
from importers.records import CommentRecord, Record, RecordError, ThreadRecord
from importers.registry import choose_format, get_format
from importers.report import Report
from importers.source import Source
from importers.store.authors import store_authors
from importers.store.comments import refuse_moved, store_comments
from importers.store.load import Load
from importers.store.order import count_replies, order_threads
from importers.store.relations import store_relations
from importers.store.threads import store_threads

RECORDS_AT_ONCE = 1_000
DRY_RUN_BYTES_ON_SQLITE = 20_000_000
State = ImportRun.State


def stage_import(
    *,
    corpus: Corpus,
    file: IO[bytes],
    name: str,
    format: str | None = None,
    options: Mapping[str, Any] | None = None,
    dry_run: bool = False,
    user: User | None,
    now: datetime,
) -> ImportRun:
    """A run that keeps the file, knows its format, and waits to be started.

    Without ``options`` it holds those that the format guesses from the file. Raises
    UnreadableFile or InvalidInput, and then keeps nothing.
    """
    run = receive_file(file=file, name=name, format=format, options=options, user=user, now=now)
    run.dry_run = dry_run
    with kept_unless_it_fails(run):
        run.corpus = corpus
        run.save()
    return run


def receive_file(
    *,
    file: IO[bytes],
    name: str,
    format: str | None = None,
    options: Mapping[str, Any] | None = None,
    user: User | None,
    now: datetime,
) -> ImportRun:
    """A staged run that is no row yet: its file is kept and recognised, its corpus is open.

    For the slow part of staging, outside of any transaction. Raises as ``stage_import`` does.
    """
    name = shown_name(name)
    run = ImportRun(
        file=keep_upload(file, name=name),
        file_name=name,
        state=State.STAGED,
        created_by=user,
        created_at=now,
    )
    with kept_unless_it_fails(run), kept_source(run) as source:
        recognise(run, source, format=format, options=options)
    return run


@contextmanager
def kept_unless_it_fails(run: ImportRun) -> Iterator[None]:
    """Delete the run's file again if the block fails, whatever the reason."""
    try:
        yield
    except BaseException:
        default_storage.delete(run.file)
        raise


def recognise(
    run: ImportRun,
    source: Source,
    *,
    format: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> None:
    """Give the unsaved run its format, options and digest. Raises UnreadableFile, InvalidInput."""
    chosen = get_format(format) if format else choose_format(source)
    if options is None:
        options = chosen.propose(source) if chosen.propose else {}
    run.format = chosen.name
    run.options = dict(options)
    run.total = source.size
    run.sha256 = source.sha256


def preview(run: ImportRun, limit: int = 20) -> list[Record]:
    """The first records as the run's options read them. Raises UnreadableFile, InvalidInput."""
    with kept_source(run) as source:
        return list(islice(get_format(run.format).read(source, run.options), limit))


@transaction.atomic
def start_import(
    *, run: ImportRun, options: Mapping[str, Any] | None = None, dry_run: bool | None = None
) -> ImportRun:
    """Put a staged run into the queue; the caller enqueues it. Raises Conflict for any other."""
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.state != State.STAGED:
        raise Conflict(f"This import is {run.get_state_display().lower()}: it was started already.")
    run.state = State.QUEUED
    run.options = run.options if options is None else dict(options)
    run.dry_run = run.dry_run if dry_run is None else dry_run
    run.save(update_fields=["state", "options", "dry_run"])
    return run


def repeat_import(*, run: ImportRun, user: User | None, now: datetime) -> ImportRun:
    """The same file staged once more, for real: what a dry run is followed by."""
    return ImportRun.objects.create(
        corpus=run.corpus,
        file=run.file,
        file_name=run.file_name,
        sha256=run.sha256,
        format=run.format,
        options=run.options,
        total=run.total,
        state=State.STAGED,
        created_by=user,
        created_at=now,
    )


def run_import(running: RunningJob[ImportRun]) -> dict[str, Any]:
    """The work of an import job on its kept file: what ``import_source`` gives."""
    with kept_source(running.job) as source:
        return import_source(running, source)


def import_source(running: RunningJob[ImportRun], source: Source) -> dict[str, Any]:
    """Store the source's records and give the run's last fields: its report.

    Batches are committed one by one, and every batch may be stored again: an import that was
    killed or cancelled is done again from the start and stores nothing twice. A dry run stores
    all in one transaction and rolls it back, so that its report is exact; on SQLite everybody
    else's writes wait for that, so a large file is refused there with InvalidInput.
    """
    run = running.job
    if run.dry_run:
        _require_short_dry_run(source)
    load = Load(corpus=run.corpus, now=run.started_at or run.created_at)
    records = get_format(run.format).read(source, run.options)
    if run.dry_run:
        with transaction.atomic():
            _store(load, records, running, source)
            transaction.set_rollback(True)
    else:
        _store(load, records, running, source)
    return {"counts": load.report.counts(), "refusals": load.report.refused}


def _require_short_dry_run(source: Source) -> None:
    if connection.vendor == "sqlite" and source.size > DRY_RUN_BYTES_ON_SQLITE:
        raise InvalidInput(
            f"{source.name} has {source.size / 1e6:,.0f} MB. A dry run on SQLite keeps everybody "
            f"waiting, so it takes at most {DRY_RUN_BYTES_ON_SQLITE // 1_000_000} MB: try it with "
            "the first part of the file, or use PostgreSQL."
        )


def _store(
    load: Load, records: Iterator[Record], running: RunningJob[ImportRun], source: Source
) -> None:
    while batch := list(islice(records, RECORDS_AT_ONCE)):
        _store_batch(load, batch)
        running.progress(source.position, source.size)
    order_threads(load.corpus, tick=lambda: running.progress(source.size, source.size))
    load.report.replies = count_replies(thread.pk for thread in load.threads.values())


@transaction.atomic
def _store_batch(load: Load, batch: list[Record]) -> None:
    """The batch as a whole or not at all; imports into the same corpus take turns."""
    Corpus.objects.select_for_update(no_key=True).get(pk=load.corpus.pk)
    threads, comments = _sorted_out(load.report, batch)
    comments = refuse_moved(load, comments)
    store_threads(load, threads, {record.thread_id for record in comments.values()})
    store_authors(load, comments.values())
    changed = store_comments(load, comments)
    store_relations(load, changed, comments)


def _sorted_out(
    report: Report, batch: list[Record]
) -> tuple[dict[str, ThreadRecord], dict[str, CommentRecord]]:
    threads: dict[str, ThreadRecord] = {}
    comments: dict[str, CommentRecord] = {}
    for record in batch:
        if isinstance(record, RecordError):
            report.refuse(record.line, record.message)
        elif isinstance(record, ThreadRecord):
            threads[record.id] = record
        elif record.id in comments:
            report.refuse(record.line, f"The comment {record.id!r} stands in the file twice.")
        else:
            comments[record.id] = record
    return threads, comments
