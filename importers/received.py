"""Records that come in a request: stored as they come, by an import of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from annotations.errors import JobCancelled, JobSuperseded
from annotations.models import Corpus, User
from annotations.services.audit import Act, note_act
from annotations.services.jobs import claim_job
from annotations.services.running_job import RunningJob
from importers.models import ImportPiece, ImportRun
from importers.records import CommentRecord, Record, RecordError
from importers.report import REFUSALS_KEPT, Report
from importers.running import close_import, load_of, note_authors
from importers.store.batch import StoredBatch, store_batch
from importers.store.load import LateRelation, Load
from importers.store.relations import store_late_relations

FORMAT = "threadmark"
FILE_NAME = "records.ndjson"
QUOTES_THAT_WAIT = 50_000
State = ImportRun.State


class ReceivedImport:
    """An import without a file, from its first record to its end.

    Its row is a job like every other and is held by this process, with a heartbeat: it is listed,
    can be cancelled, and, should the process die, is put in order by a worker. Its one piece,
    which is done from the start, keeps what was counted. ``late`` are refusals that were only
    known at the end: quotes of what is not in the corpus, by line.
    """

    def __init__(
        self, *, corpus: Corpus, user: User, keep_private: bool, clock: Callable[[], datetime]
    ) -> None:
        self.late: list[dict[str, Any]] = []
        self._report = Report()
        self._corpus, self._user, self._clock = corpus, user, clock
        self.keep_private = keep_private
        self._hold = ExitStack()
        self._running: RunningJob[ImportRun] | None = None
        self._load: Load | None = None

    @property
    def run(self) -> ImportRun | None:
        """The row; None before the first record."""
        return self._running.job if self._running else None

    def store(self, batch: Sequence[Record], *, size: int) -> tuple[StoredBatch, Mapping[int, str]]:
        """Store a batch in a transaction; what became of it, and why lines of it were refused.

        ``size`` is how many bytes were read so far. Raises JobCancelled and JobSuperseded; after
        an OperationalError the same batch can be stored again.
        """
        load = self._load or self._begin()
        assert self._running is not None
        self._running.progress(size, size)
        waiting = len(load.later)
        load.report = Report()
        try:
            with transaction.atomic():
                stored = store_batch(load, batch)
                report = self._checkpoint(load, stored=len(batch))
        except BaseException:
            del load.later[waiting:]
            load.threads.clear()  # what was rolled back is not there
            load.authors.clear()
            raise
        self._report = report
        refusals = {one["line"]: one["message"] for one in load.report.refused}
        self._look_again_at_quotes(load, batch, stored, waiting)
        return stored, refusals

    def refuse(self, errors: Iterable[Record]) -> None:
        """Count lines that are no records."""
        for error in errors:
            if isinstance(error, RecordError):
                self._report.refuse(error.line, error.message)

    def end(self, *, size: int, sha256: str, problem: str = "") -> ImportRun | None:
        """Put the threads in order and end the run; ``problem`` says why not all of it came.

        None where no record came. Raises JobCancelled and JobSuperseded.
        """
        if self._running is None or self._load is None:
            return None
        running = self._running
        with self._hold:
            try:
                running.progress(size, size)
                if problem:
                    self._report.refuse(None, problem)
                self._store_quotes(self._load)
                running.finish(**close_import(running), sha256=sha256)
            except JobCancelled:
                running.cancel()
                raise
        running.job.refresh_from_db()
        return running.job

    def _begin(self) -> Load:
        now = self._clock()
        with transaction.atomic():
            run = ImportRun.objects.create(
                corpus=self._corpus,
                file_name=FILE_NAME,
                format=FORMAT,
                options={"keep_private": True} if self.keep_private else {},
                created_by=self._user,
                created_at=now,
                sent_at=now,
            )
            ImportPiece.objects.create(
                run=run, number=0, start=0, end=0, state=State.DONE, created_at=now
            )
            note_authors(run)
            note_act(
                act=Act.RECORDS_SENT, about=run, details={"corpus": self._corpus.slug}, now=now
            )
        job = claim_job(ImportRun, run.pk, now=now)
        if job is None:
            raise JobCancelled(f"The {run} was cancelled before it began.")
        job.corpus = self._corpus
        self._running = RunningJob(job, clock=self._clock)
        self._hold.enter_context(self._running.beating())
        self._load = load_of(job, by_line=True)
        return self._load

    def _checkpoint(self, load: Load, *, stored: int) -> Report:
        """Write what was counted, in the transaction of the rows; fenced as every job's writes."""
        assert self._running is not None
        report = Report()
        report.add(self._report.counts(), self._report.refused)
        report.add(load.report.counts(), load.report.refused)
        run = ImportRun.objects.filter(
            pk=load.run.pk, attempt=self._running.attempt, state=State.RUNNING
        )
        if not run.update(stored=F("stored") + stored):
            raise JobSuperseded(f"The {load.run} was taken over by a worker.")
        ImportPiece.objects.filter(run=load.run).update(
            counts=report.counts(), refusals=report.refused
        )
        return report

    def _look_again_at_quotes(
        self, load: Load, batch: Sequence[Record], stored: StoredBatch, waiting: int
    ) -> None:
        """A comment that stood before may quote one that came since it was stored."""
        there = set(load.later[waiting:])
        for record in batch:
            if not isinstance(record, CommentRecord) or not record.relations:
                continue
            if record.id in stored.created or record.id in stored.updated:
                continue
            quotes = (
                LateRelation(record.id, record.line, relation)
                for relation in record.relations
                if relation.target_id
            )
            load.later += [quote for quote in quotes if quote not in there]
        if len(load.later) >= QUOTES_THAT_WAIT:
            self._store_quotes(load)

    def _store_quotes(self, load: Load) -> None:
        """The quotes of comments that came later; what is nowhere is refused, not its comment."""
        load.report = Report()
        later = list(load.later)
        try:
            with transaction.atomic():
                store_late_relations(load)
                report = self._checkpoint(load, stored=0)
        except BaseException:
            load.later = later
            raise
        self._report = report
        self.late += load.report.refused[: REFUSALS_KEPT - len(self.late)]
