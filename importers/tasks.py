"""What Celery runs for imports: find the row, call the service."""

from __future__ import annotations

from celery import shared_task

from annotations.services.jobs import run_job
from importers.models import ImportRun
from importers.services import run_import


@shared_task(name=ImportRun.task_name)
def import_file(pk: int) -> None:
    run_job(ImportRun, pk, run_import)
