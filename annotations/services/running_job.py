"""The worker's hold on the job that it works on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import DatabaseError, connections
from django.db.models import QuerySet

from annotations.errors import JobCancelled, JobSuperseded
from annotations.models import Job

J = TypeVar("J", bound=Job)

LEASE = timedelta(seconds=60)
BEAT_SECONDS = 1.0
SILENT_BEATS_SECONDS = 10.0

log = logging.getLogger(__name__)


class RunningJob(Generic[J]):
    """One attempt at a job. Every write is fenced: it changes nothing once another attempt began.

    ``progress`` only notes figures; a thread with a database connection of its own writes them
    and renews the lease. So a step may last longer than the lease, a progress report never
    falls into the work's own transaction, and a worker that was killed stops beating at once.
    ``watch`` is called with (done, total) at each beat.
    """

    def __init__(
        self,
        job: J,
        *,
        clock: Callable[[], datetime],
        watch: Callable[[int, int | None], None] | None = None,
    ) -> None:
        self.job = job
        self.attempt = job.attempt
        self._clock = clock
        self._watch = watch
        self._figures: tuple[int, int | None] = (job.done, job.total)
        self._stop: type[JobCancelled] | type[JobSuperseded] | None = None

    def now(self) -> datetime:
        """The time by the job's own clock."""
        return self._clock()

    def progress(self, done: int, total: int | None = None) -> None:
        """Note that ``done`` (of ``total``, where known) is done. Cheap: call it as often as liked.

        Raises JobCancelled or JobSuperseded when the last beat found that the work must stop.
        """
        self._figures = (done, total if total is not None else self._figures[1])
        self._raise_if_stopped()

    @property
    def figures(self) -> tuple[int, int | None]:
        """What was last noted as done, of how much."""
        return self._figures

    def check(self) -> None:
        """Beat now; to be called right before something that cannot be taken back.

        Raises JobCancelled or JobSuperseded.
        """
        self.beat()
        self._raise_if_stopped()

    def beat(self) -> None:
        """Write the progress, renew the lease, and learn whether the work must stop."""
        done, total = self._figures
        now = self._clock()
        held = self._row.update(done=done, total=total, heartbeat_at=now, lease_until=now + LEASE)
        if not held:
            self._stop = JobSuperseded
        elif self._row.filter(cancel_asked=True).exists():
            self._stop = JobCancelled
        if self._watch:
            self._watch(done, total)

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Beat in a thread of its own for as long as the block lasts."""
        ended = threading.Event()
        thread = threading.Thread(target=self._beat_until, args=(ended,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def keep(self, **fields: Any) -> None:
        """Store ``fields`` while the work goes on, for a later attempt. Raises JobSuperseded."""
        self._write(**fields)

    def finish(self, **fields: Any) -> None:
        """The work is done: store its last figures and ``fields``. Raises JobSuperseded."""
        done, total = self._figures
        self._end(Job.State.DONE, done=done, total=total, **fields)

    def fail(self, message: str) -> None:
        """The work cannot be done, for the reason ``message``. Raises JobSuperseded."""
        self._end(Job.State.FAILED, error=_storable(message))

    def cancel(self) -> None:
        """The work was stopped on request. Raises JobSuperseded."""
        self._end(Job.State.CANCELLED)

    def release(self, message: str) -> None:
        """Give the job back to the queue, for another attempt after the trouble ``message``.

        Raises JobSuperseded.
        """
        self._write(state=Job.State.QUEUED, lease_until=None, error=_storable(message))

    @property
    def _row(self) -> QuerySet[J]:
        rows: QuerySet[J] = type(self.job)._default_manager.filter(
            pk=self.job.pk, attempt=self.attempt, state=Job.State.RUNNING
        )
        return rows

    def _end(self, state: Job.State, **fields: Any) -> None:
        self._write(state=state, lease_until=None, finished_at=self._clock(), **fields)

    def _write(self, **fields: Any) -> None:
        if not self._row.update(**fields):
            raise self._superseded()

    def _raise_if_stopped(self) -> None:
        if self._stop is JobCancelled:
            raise JobCancelled(f"The {self.job} was cancelled.")
        if self._stop is JobSuperseded:
            raise self._superseded()

    def _superseded(self) -> JobSuperseded:
        return JobSuperseded(f"Attempt {self.attempt} lost its {self.job} to a later attempt.")

    def _beat_until(self, ended: threading.Event) -> None:
        written, written_at = self._figures, time.monotonic()
        try:
            while not ended.wait(BEAT_SECONDS):
                silent = time.monotonic() - written_at
                if self._figures != written or silent >= SILENT_BEATS_SECONDS:
                    written, written_at = self._figures, time.monotonic()
                    self._try_to_beat()
        finally:
            connections.close_all()

    def _try_to_beat(self) -> None:
        try:
            self.beat()
        except DatabaseError as error:
            log.warning("%s could not renew its lease: %s", self.job, error)
            connections.close_all()


def _storable(message: str) -> str:
    """``message`` without what a database refuses in text: half surrogates and NUL."""
    return message.encode(errors="backslashreplace").decode().replace("\0", "\\0")
