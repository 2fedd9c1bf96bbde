"""What Celery runs for imports: find the row, call the service."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from annotations.queue import enqueue
from annotations.services.jobs import run_job
from annotations.services.texts import start_scan
from importers.models import ImportPiece, ImportRun
from importers.running import clear_traces, run_import, run_piece_of_kept_file


@shared_task(name=ImportRun.task_name)
def import_file(pk: int) -> None:
    run_job(ImportRun, pk, lambda running: run_import(running, share=enqueue))
    run = ImportRun.objects.select_related("corpus", "created_by").filter(pk=pk).first()
    if run is not None and run.state == ImportRun.State.DONE and clear_traces(run):
        enqueue(start_scan(corpus=run.corpus, user=run.created_by, now=timezone.now()))


@shared_task(name=ImportPiece.task_name)
def import_piece(pk: int) -> None:
    piece = ImportPiece.objects.select_related("run").filter(pk=pk).first()
    if piece is not None and piece.run.file and piece.run.state == ImportRun.State.RUNNING:
        run_job(ImportPiece, pk, run_piece_of_kept_file)
