"""What may happen to a job's row: claimed, run, cancelled, asked for again, sent again.

docs/jobs.md says in words what this page does.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from annotations.commits import commits_on_disk_soon
from annotations.errors import Conflict, JobCancelled, JobSuperseded, ThreadmarkError
from annotations.models import Job
from annotations.origin import working_for
from annotations.outages import DISK_FULL, outage_of
from annotations.selectors.jobs import AHEAD, is_abandoned, job_models, waiting
from annotations.services.audit import Act, note_act
from annotations.services.running_job import LEASE, RunningJob

__all__ = ["RunningJob", "cancel_job", "claim_job", "retry_job", "run_job", "sweep_jobs"]

J = TypeVar("J", bound=Job)

MAX_TRIES = 5
SEND_AGAIN_AFTER = timedelta(seconds=30)
NO_ROOM = "The server's disk is full. Make room, then start this again: it goes on where it was."

log = logging.getLogger(__name__)


def claim_job(model: type[J], pk: int, *, now: datetime) -> J | None:
    """Take up a job that waits, or one whose worker died, as a new attempt.

    None if there is nothing to do: no such job, finished, in another worker's hands, or now
    given up because it was taken up MAX_TRIES times without coming to an end.
    """
    with transaction.atomic():
        job = model._default_manager.select_for_update().filter(pk=pk).first()
        if job is None or not (job.state == Job.State.QUEUED or is_abandoned(job, now=now)):
            return None
        if job.cancel_asked:
            _end(job, Job.State.CANCELLED, now=now)
            return None
        if job.tries >= MAX_TRIES:
            _end(job, Job.State.FAILED, now=now, error=_gave_up(job))
            return None
        _begin(job, now=now)
    return job


def run_job(
    model: type[J],
    pk: int,
    work: Callable[[RunningJob[J]], Mapping[str, Any]],
    *,
    clock: Callable[[], datetime] = timezone.now,
    watch: Callable[[int, int | None], None] | None = None,
    told: Callable[[J, datetime], None] | None = None,
) -> None:
    """Claim the job and do ``work``; the fields that it returns are stored when it is done.

    ``told`` is called in the transaction in which they are stored: to tell others that it is done.

    Every end is written to the row, so nothing is raised but KeyboardInterrupt, which cancels.
    Where the database is away even for that, the row stays as it is and the sweep sends it again.
    Safe to call any number of times: a job that is not to be had is left alone.
    """
    try:
        with commits_on_disk_soon():
            job = claim_job(model, pk, now=clock())
        if job is not None:
            running = RunningJob(job, clock=clock, watch=watch)
            with working_for(getattr(job, "created_by", None)), running.beating():
                _work_to_an_end(running, work, told)
    except JobSuperseded as error:
        log.warning("%s", error)
    except (OperationalError, InterfaceError):
        log.exception("The database is away: %s %s waits for the sweep.", model.__name__, pk)


def cancel_job(*, job: J, now: datetime) -> J:
    """Cancel a waiting job at once; ask a running one to stop, which it does within seconds.

    Raises Conflict for a finished job.
    """
    with transaction.atomic():
        row = type(job)._default_manager.select_for_update().get(pk=job.pk)
        if row.finished:
            raise Conflict(f"The {row} is {row.state}: too late to cancel.")
        row.cancel_asked = True
        row.save(update_fields=["cancel_asked"])
        if row.state != Job.State.RUNNING or is_abandoned(row, now=now):
            _end(row, Job.State.CANCELLED, now=now)
        note_act(act=Act.JOB_CANCELLED, about=row, now=now)
    return row


def retry_job(*, job: J, now: datetime) -> J:
    """Put a failed or cancelled job back into the queue; the caller enqueues it if it is queued.

    One that was cancelled before it was confirmed waits to be confirmed again. Raises Conflict for
    any other.
    """
    with transaction.atomic():
        row = type(job)._default_manager.select_for_update().get(pk=job.pk)
        if row.state not in (Job.State.FAILED, Job.State.CANCELLED):
            state = row.state
            raise Conflict(f"The {row} is {state}: only a failed or cancelled one starts again.")
        unconfirmed = row.is_staged_first and row.attempt == 0 and row.sent_at is None
        row.state = Job.State.STAGED if unconfirmed else Job.State.QUEUED
        row.tries = row.done = 0
        row.total = row.started_at = row.heartbeat_at = row.finished_at = None
        row.cancel_asked, row.error = False, ""
        row.sent_at = None if unconfirmed else now
        row.save()
        note_act(act=Act.JOB_RETRIED, about=row, now=now)
    return row


def sweep_jobs(*, now: datetime) -> list[tuple[str, int]]:
    """The (task name, id) of jobs that nobody works on although they were sent; the caller sends.

    They are marked as sent now. A job sent twice is harmless: the second message finds it taken.
    """
    late = now - SEND_AGAIN_AFTER
    found = []
    for model in job_models():
        jobs = waiting(model, now=now).annotate(last_sent=Coalesce("sent_at", "created_at"))
        lost = jobs.filter(Q(last_sent__lte=late) | Q(last_sent__gt=now + AHEAD))
        ids = list(lost.order_by("pk").values_list("pk", flat=True))
        model._default_manager.filter(pk__in=ids).update(sent_at=now)
        found += [(model.task_name, pk) for pk in ids]
    return found


def _work_to_an_end(
    running: RunningJob[J],
    work: Callable[[RunningJob[J]], Mapping[str, Any]],
    told: Callable[[J, datetime], None] | None,
) -> None:
    try:
        fields = _do(work, running)
        with transaction.atomic():
            running.finish(**fields)
            if told is not None:
                told(running.job, running.now())
    except JobSuperseded:
        raise
    except JobCancelled:
        running.cancel()
    except KeyboardInterrupt:
        running.cancel()
        raise
    except ThreadmarkError as error:
        running.fail(error.message)
    except (OperationalError, InterfaceError) as error:
        if outage_of(error) is DISK_FULL:
            _fail_for_want_of_room(running)
            return
        log.exception("%s goes back into the queue.", running.job)
        connection.close_if_unusable_or_obsolete()
        running.release(f"The database did not answer: {error}")
    except Exception as error:
        if outage_of(error) is DISK_FULL:
            _fail_for_want_of_room(running)
            return
        log.exception("%s failed.", running.job)
        running.fail(f"Unexpected error: {type(error).__name__}: {error} (see the worker's log).")


def _fail_for_want_of_room(running: RunningJob[Any]) -> None:
    """Where there is none even for that, the row stays as it is, and the sweep sends it again."""
    log.exception("%s: the disk is full.", running.job)
    running.fail(NO_ROOM)


def _do(
    work: Callable[[RunningJob[J]], Mapping[str, Any]], running: RunningJob[J]
) -> Mapping[str, Any]:
    """Do ``work``; if it fails, let go of the cursors that it was reading from.

    What it commits need not wait for the disk: its end does, and nothing is acknowledged before.

    The error's traceback would keep them open, and on SQLite an open cursor keeps its
    transaction, in which the job's end could not be written.
    """
    try:
        with commits_on_disk_soon():
            return work(running)
    except BaseException as error:
        traceback.clear_frames(error.__traceback__)
        raise


def _begin(job: Job, *, now: datetime) -> None:
    job.state = Job.State.RUNNING
    job.attempt += 1
    job.tries += 1
    job.error = ""
    job.started_at = job.heartbeat_at = now
    job.lease_until = now + LEASE
    fields = ("state", "attempt", "tries", "error", "started_at", "heartbeat_at", "lease_until")
    job.save(update_fields=fields)


def _end(job: Job, state: Job.State, *, now: datetime, error: str = "") -> None:
    job.state, job.error = state, error
    job.lease_until = None
    job.finished_at = now
    job.save(update_fields=["state", "error", "lease_until", "finished_at"])


def _gave_up(job: Job) -> str:
    reason = job.error or "Its worker stopped each time; the computer may lack memory."
    return f"Given up after {job.tries} tries. {reason}"
