"""Which jobs there are, which of them nobody works on, and whether a worker runs at all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

from django.apps import apps
from django.db.models import Q, QuerySet

from annotations.models import Job, Worker

J = TypeVar("J", bound=Job)

ALIVE_FOR = timedelta(seconds=30)
# No clock is so far ahead, and no lease so long: what lies beyond was written before the clock was
# set back, and whoever still lives has written anew since.
AHEAD = timedelta(minutes=2)
NO_WORKER = "No worker is running: jobs wait until one is started."


def job_models() -> list[type[Job]]:
    """Every kind of job, of all apps."""
    return [model for model in apps.get_models() if issubclass(model, Job)]


def is_abandoned(job: Job, *, now: datetime) -> bool:
    """Whether the job's worker died: it runs, by its row, but let its lease run out."""
    if job.state != Job.State.RUNNING or job.lease_until is None:
        return False
    return not now < job.lease_until <= now + AHEAD


def waiting(model: type[J], *, now: datetime) -> QuerySet[J]:
    """The jobs that have not come to an end and that nobody works on."""
    return model._default_manager.filter(
        Q(state=Job.State.QUEUED)
        | Q(state=Job.State.RUNNING, lease_until__lte=now)
        | Q(state=Job.State.RUNNING, lease_until__gt=now + AHEAD)
    )


def worker_alive(now: datetime) -> bool:
    """Whether any worker gave a sign of life in the last 30 seconds."""
    return Worker.objects.filter(seen_at__gt=now - ALIVE_FOR, seen_at__lte=now + AHEAD).exists()
