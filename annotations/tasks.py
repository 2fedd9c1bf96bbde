"""What Celery runs for the domain: find the row, call the service."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from annotations import presence
from annotations.models import ExportRun, Recoding, TextScan
from annotations.queue import send
from annotations.services.assignments import release_expired
from annotations.services.exports import write_export
from annotations.services.jobs import run_job, sweep_jobs
from annotations.services.recoding import recode
from annotations.services.texts import scan_texts
from annotations.services.workers import forget_workers

__all__ = ["export", "presence", "recode_campaign", "scan", "sweep"]


@shared_task(name=ExportRun.task_name)
def export(pk: int) -> None:
    run_job(ExportRun, pk, write_export)


@shared_task(name=TextScan.task_name)
def scan(pk: int) -> None:
    run_job(TextScan, pk, scan_texts)


@shared_task(name=Recoding.task_name)
def recode_campaign(pk: int) -> None:
    run_job(Recoding, pk, recode)


@shared_task(name="annotations.sweep", expires=60)
def sweep() -> None:
    """Send again what nobody works on, and free what nobody holds any more.

    Expires, so that sweeps do not pile up while every worker is busy.
    """
    now = timezone.now()
    for task_name, pk in sweep_jobs(now=now):
        send(task_name, pk)
    forget_workers(now=now)
    release_expired(now=now)
