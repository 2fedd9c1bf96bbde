"""The work of an import job: the file's records stored as rows, piece by piece, and counted.

A file is one piece, or several if it is large and its lines stand for themselves; the pieces are
jobs of their own, so that several workers can take them. The worker that has the import takes
pieces, too, and waits for those that others have.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Max, Sum
from django.utils import timezone

from annotations.errors import Conflict, InvalidInput, JobSuperseded, ThreadmarkError
from annotations.models import Author, TextScan, Thread
from annotations.selectors.jobs import waiting
from annotations.services.jobs import cancel_job, retry_job, run_job
from annotations.services.running_job import RunningJob
from annotations.services.texts import start_scan
from importers.files import kept_source
from importers.models import ImportPiece, ImportRun, ImportTouch
from importers.pieces import WHOLE_UP_TO, Cut, cut_lines
from importers.records import CommentRecord, GoldRecord, Record
from importers.registry import get_format
from importers.report import Report
from importers.source import Piece, Source
from importers.store.batch import store_batch
from importers.store.gold import store_gold
from importers.store.load import Load
from importers.store.order import count_replies, order_threads
from importers.store.relations import remember_relations, store_late_relations
from importers.store.touches import tally

RECORDS_AT_ONCE = 25_000
SECONDS_AT_ONCE = 2.0
DRY_RUN_BYTES_ON_SQLITE = 20_000_000
LOOK_AGAIN_SECONDS = 0.5
# Each import's comments stand behind those of all earlier ones; no file has more lines than this.
ORDINALS_OF_AN_IMPORT = 2**32
State = ImportRun.State

Share = Callable[[ImportPiece], None]
Tick = Callable[[], None]


def run_import(running: RunningJob[ImportRun], share: Share | None = None) -> dict[str, Any]:
    """The work of an import job on its kept file: what ``import_source`` gives.

    Records that came in a request (``importers.received``) are stored already; where its process
    died before it was at the end, what they left is put in order here.
    """
    if not running.job.file and running.job.pieces.exists():
        return close_import(running)
    with kept_source(running.job) as source:
        return import_source(running, source, share)


def import_source(
    running: RunningJob[ImportRun], source: Source, share: Share | None = None
) -> dict[str, Any]:
    """Store the source's records and give the run's last fields: its report.

    Batches are committed one by one together with the place that they lead to, so that an import
    that was killed or cancelled goes on where it stopped and stores nothing twice. A dry run
    stores all in one transaction and rolls it back, so that its report is exact; on SQLite
    everybody else's writes wait for that, so a large file is refused there with InvalidInput.
    ``share`` hands the pieces of a large file to other workers.
    """
    run = running.job
    if run.dry_run:
        source.verify(lambda: running.progress(0, source.size))
        return _try(running, source)
    _cut(running, source, share)
    _work_through(running, source)
    return close_import(running)


def run_piece(running: RunningJob[ImportPiece], source: Source, tick: Tick) -> dict[str, Any]:
    """Store what is not stored yet of one piece. Raises JobSuperseded, JobCancelled."""
    piece = running.job
    part = _part(source, piece)
    load = _load(piece.run, source)
    load.report.add(piece.counts, piece.refusals)
    records = get_format(piece.run.format).read(part, piece.run.options)
    done = _skip(load, records, piece.records)
    with _collecting_rarely():
        for batch in _batches(records):
            done += len(batch)
            with transaction.atomic():
                store_batch(load, batch)
                _checkpoint(running, load, done, stored=len(batch))
            running.progress(part.position, part.size)
            tick()
    with transaction.atomic():
        store_late_relations(load)
        store_gold(load)
        _checkpoint(running, load, done, stored=0)
    running.progress(piece.end - piece.start, piece.end - piece.start)
    return {}


def run_piece_of_kept_file(running: RunningJob[ImportPiece]) -> dict[str, Any]:
    """The same for a worker that has only the piece."""
    with kept_source(running.job.run) as source:
        return run_piece(running, source, tick=lambda: None)


def _load(run: ImportRun, source: Source) -> Load:
    return load_of(run, by_line=get_format(run.format).by_line(source, run.options))


def load_of(run: ImportRun, *, by_line: bool) -> Load:
    """Where the run's records go; what it stores stands behind that of all earlier runs."""
    before = ImportRun.objects.filter(corpus=run.corpus, pk__lt=run.pk).count()
    return Load(
        run=run,
        now=run.started_at or run.created_at,
        base=before * ORDINALS_OF_AN_IMPORT,
        by_line=by_line,
    )


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    """Look for reference cycles about once a batch: records have none, and there are many."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _skip(load: Load, records: Iterator[Record], stored: int) -> int:
    """Go past the records that an earlier attempt stored; gives how many they are."""
    for record in islice(records, stored):
        if isinstance(record, CommentRecord):
            load.meet(record)
            remember_relations(load, record)
        elif isinstance(record, GoldRecord):
            load.gold.append(record)
    return stored


def _part(source: Source, piece: ImportPiece) -> Source:
    is_whole = not piece.run.pieces.exclude(pk=piece.pk).exists()
    return source if is_whole else Piece(source, piece.start, piece.end, piece.first_line)


def _checkpoint(running: RunningJob[ImportPiece], load: Load, records: int, *, stored: int) -> None:
    """Write how far the piece is, in the transaction of its rows; fenced as every job's writes."""
    held = ImportPiece.objects.filter(
        pk=running.job.pk, attempt=running.attempt, state=ImportPiece.State.RUNNING
    ).update(records=records, counts=load.report.counts(), refusals=load.report.refused)
    if not held:
        raise JobSuperseded(f"Attempt {running.attempt} lost {running.job} to a later attempt.")
    ImportRun.objects.filter(pk=load.run.pk).update(stored=F("stored") + stored)


def _cut(running: RunningJob[ImportRun], source: Source, share: Share | None) -> None:
    """Make the pieces of the file, once; those that ended badly before wait again."""
    run = running.job
    pieces = list(run.pieces.all())
    if pieces:
        for piece in pieces:
            if piece.state in (State.FAILED, State.CANCELLED):
                retry_job(job=piece, now=timezone.now())
        return
    new = [
        ImportPiece(run=run, number=number, start=cut.start, end=cut.end, first_line=cut.first_line)
        for number, cut in enumerate(_cuts(running, source))
    ]
    now = timezone.now()
    for piece in new:
        piece.created_at = piece.sent_at = now
    note_authors(run)
    with transaction.atomic():
        ImportPiece.objects.bulk_create(new)
        if share and len(new) > 1:
            for piece in new[1:]:
                share(piece)


def _cuts(running: RunningJob[ImportRun], source: Source) -> list[Cut]:
    """Where to cut the file. What is packed is read to its end, so nothing of a bomb is stored."""
    run = running.job

    def tick() -> None:
        running.progress(0, source.size)

    may_be_large = not source.is_collection and (source.packing or source.size > WHOLE_UP_TO)
    if may_be_large and get_format(run.format).by_line(source, run.options):
        cuts = cut_lines(source, tick)
        if cuts and cuts[-1].end > WHOLE_UP_TO:
            return cuts
    else:
        source.verify(tick)
    return [Cut(0, source.size, 1)]


def note_authors(run: ImportRun) -> None:
    """Note which authors there are before the run, so that the new ones can be counted."""
    run.authors_before = Author.objects.aggregate(last=Max("pk", default=0))["last"]
    run.save(update_fields=["authors_before"])


def _work_through(running: RunningJob[ImportRun], source: Source) -> None:
    """Take pieces until none is left, and wait for those that others have taken."""
    run = running.job

    sizes = run.pieces.aggregate(total=Sum(F("end") - F("start"), default=0))
    total = int(sizes["total"])

    def tick() -> None:
        running.progress(_bytes_done(run), total)

    try:
        while run.pieces.exclude(state=State.DONE).exists():
            tick()
            _mind_the_stopped(running)
            if not take_piece(run, source, tick):
                time.sleep(LOOK_AGAIN_SECONDS)
    except JobSuperseded:  # the pieces belong to the attempt that took over
        raise
    except BaseException:
        _stop_pieces(run)
        raise
    tick()


def take_piece(run: ImportRun, source: Source, tick: Tick = lambda: None) -> bool:
    """Store a piece if one waits and none has failed; how it ended is in its row."""
    if run.pieces.filter(state__in=(State.FAILED, State.CANCELLED)).exists():
        return False
    waits = waiting(ImportPiece, now=timezone.now()).filter(run=run).order_by("number")
    piece = waits.first()
    if piece is None:
        return False
    run_job(ImportPiece, piece.pk, lambda part: run_piece(part, source, tick))
    return True


def scan_after(run: ImportRun) -> TextScan | None:
    """Clear the traces of an import that is done; gives the scan of its texts, to be enqueued.

    None where another has done so.
    """
    if run.state != State.DONE or not clear_traces(run):
        return None
    return start_scan(corpus=run.corpus, user=run.created_by, now=timezone.now())


def clear_traces(run: ImportRun) -> bool:
    """Delete what only an import that goes on needs, once its report is in its row.

    Whether there was anything: so that of two who find it done one does what comes after.
    """
    run.touches.all().delete()
    deleted, _ = run.pieces.all().delete()
    return deleted > 0


def _bytes_done(run: ImportRun) -> int:
    return int(run.pieces.aggregate(done=Sum("done", default=0))["done"])


def _mind_the_stopped(running: RunningJob[ImportRun]) -> None:
    """Fail with a piece that failed. One that was cancelled goes on, unless the import is, too."""
    failed = running.job.pieces.filter(state=State.FAILED).first()
    if failed is not None:
        raise ThreadmarkError(failed.error)
    for piece in running.job.pieces.filter(state=State.CANCELLED):
        running.check()
        retry_job(job=piece, now=timezone.now())


def _stop_pieces(run: ImportRun) -> None:
    for piece in run.pieces.filter(state__in=(State.QUEUED, State.RUNNING)):
        try:
            cancel_job(job=piece, now=timezone.now())
        except Conflict:
            continue


def close_import(running: RunningJob[ImportRun]) -> dict[str, Any]:
    """Put the threads in order, and add up what the pieces counted."""
    run = running.job
    order_threads(run.corpus, tick=lambda: running.progress(run.total or 0, run.total))
    report = Report()
    for piece in run.pieces.all():
        report.add(piece.counts, piece.refusals)
    _add_distinct(report, run)
    return {"counts": report.counts(), "refusals": report.refused}


def _add_distinct(report: Report, run: ImportRun) -> None:
    """What can only be counted over the whole file."""
    report.threads = tally(run, ImportTouch.Kind.THREAD)
    met = tally(run, ImportTouch.Kind.AUTHOR)
    report.authors.updated, report.authors.unchanged = met.updated, met.unchanged
    report.replies = count_replies(run)
    touched = run.touches.filter(kind=ImportTouch.Kind.THREAD).values("row")
    report.missing = Thread.objects.filter(pk__in=touched).aggregate(
        missing=Sum("missing", default=0)
    )["missing"]


def _try(running: RunningJob[ImportRun], source: Source) -> dict[str, Any]:
    run = running.job
    _require_short_dry_run(source)
    with transaction.atomic():
        note_authors(run)
        load = _load(run, source)
        for batch in _batches(get_format(run.format).read(source, run.options)):
            store_batch(load, batch)
            running.progress(source.position, source.size)
        store_late_relations(load)
        store_gold(load)
        order_threads(run.corpus, tick=lambda: running.progress(source.size, source.size))
        _add_distinct(load.report, run)
        transaction.set_rollback(True)
    return {"counts": load.report.counts(), "refusals": load.report.refused}


def _require_short_dry_run(source: Source) -> None:
    if connection.vendor == "sqlite" and source.size > DRY_RUN_BYTES_ON_SQLITE:
        raise InvalidInput(
            f"{source.name} has {source.size / 1e6:,.0f} MB. A dry run on SQLite keeps everybody "
            f"waiting, so it takes at most {DRY_RUN_BYTES_ON_SQLITE // 1_000_000} MB: try it with "
            "the first part of the file, or use PostgreSQL."
        )


def _batches(records: Iterator[Record]) -> Iterator[list[Record]]:
    """As many records as are read in SECONDS_AT_ONCE: large batches are fast, and still seen."""
    batch: list[Record] = []
    began = time.monotonic()
    for record in records:
        batch.append(record)
        is_full = len(batch) >= RECORDS_AT_ONCE
        if is_full or (not len(batch) % 100 and time.monotonic() - began > SECONDS_AT_ONCE):
            yield batch
            batch, began = [], time.monotonic()
    if batch:
        yield batch
