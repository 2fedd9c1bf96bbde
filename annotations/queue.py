"""How a job reaches a worker: a message with the row's id, sent when the row is committed."""

from __future__ import annotations

import logging

from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from annotations.models import Campaign, Job
from annotations.selectors.webhooks import to_send

DELIVER = "annotations.deliver"

log = logging.getLogger(__name__)


def enqueue(job: Job) -> None:
    """Send the job, if it is queued, to the workers as soon as the transaction is committed.

    Raises nothing when the broker is away: the row waits, and the sweep sends it again.
    """
    if job.state != Job.State.QUEUED:
        return
    task_name, pk = job.task_name, job.pk
    type(job)._default_manager.filter(pk=pk).update(sent_at=timezone.now())
    transaction.on_commit(lambda: send(task_name, pk))


def enqueue_deliveries(campaign: Campaign) -> None:
    """Let a worker send what the campaign's webhooks were told, as soon as that is committed.

    Nothing where they were told nothing; what is not sent now, the sweep sends.
    """
    if to_send(timezone.now()).filter(campaign=campaign).exists():
        transaction.on_commit(lambda: send(DELIVER))


def send(task_name: str, *arguments: int) -> bool:
    """Whether the broker took the message. Takes about two seconds at most.

    A connection of its own, because a pooled one may be left from before the broker's restart.
    """
    try:
        with current_app.connection_for_write() as connection:
            current_app.send_task(task_name, arguments, connection=connection, retry=False)
    except (KombuError, RedisError, OSError) as error:
        log.warning(
            "The broker did not take %s%s: %s. It is sent later.", task_name, arguments, error
        )
        return False
    return True
