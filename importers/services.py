"""Importing a file up to its job: staged (kept and recognised), looked at, started."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import IO, Any

from django.core.files.storage import default_storage
from django.db import transaction

from annotations.errors import Conflict
from annotations.models import Corpus, User
from annotations.services.audit import Act, note_act
from importers.files import keep_upload, kept_source, shown_name
from importers.models import ImportRun
from importers.records import Record
from importers.registry import Candidate, candidates, choose_format, get_format
from importers.source import Source

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


def candidates_of(run: ImportRun) -> list[Candidate]:
    """The formats that the run's file may have, the likeliest first. Raises UnreadableFile."""
    with kept_source(run) as source:
        return candidates(source)


@transaction.atomic
def change_format(*, run: ImportRun, format: str) -> ImportRun:
    """Read a staged run's file as another format, with the options that this one guesses.

    Raises Conflict for a run that was started, InvalidInput for an unknown format and
    UnreadableFile where the format finds nothing to guess from.
    """
    run = _staged(run)
    chosen = get_format(format)
    with kept_source(run) as source:
        run.options = dict(chosen.propose(source)) if chosen.propose else {}
    run.format = chosen.name
    run.save(update_fields=["format", "options"])
    return run


def preview(run: ImportRun, limit: int = 20) -> list[Record]:
    """The first records as the run's options read them. Raises UnreadableFile, InvalidInput."""
    with kept_source(run) as source:
        return list(islice(get_format(run.format).read(source, run.options), limit))


@transaction.atomic
def start_import(
    *, run: ImportRun, options: Mapping[str, Any] | None = None, dry_run: bool | None = None
) -> ImportRun:
    """Put a staged run into the queue; the caller enqueues it. Raises Conflict for any other."""
    run = _staged(run)
    run.state = State.QUEUED
    run.options = run.options if options is None else dict(options)
    run.dry_run = run.dry_run if dry_run is None else dry_run
    run.save(update_fields=["state", "options", "dry_run"])
    note_act(act=Act.IMPORT_STARTED, about=run, details=_told(run))
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


def _told(run: ImportRun) -> dict[str, str | bool]:
    """What the audit log says of it: the file's name may be somebody's words."""
    corpus = run.corpus.slug if run.corpus else ""
    return {"corpus": corpus, "format": run.format, "sha256": run.sha256, "dry_run": run.dry_run}


def _staged(run: ImportRun) -> ImportRun:
    """The run's row, locked. Raises Conflict for one that was started."""
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.state != State.STAGED:
        raise Conflict(f"This import is {run.state}: it was started already.")
    return run
