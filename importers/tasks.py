"""What Celery runs for imports: find the row, call the service."""

from __future__ import annotations

from celery import shared_task

from annotations.queue import enqueue
from annotations.services.jobs import run_job
from importers.models import ImportPiece, ImportRun
from importers.running import run_import, run_piece_of_kept_file, scan_after


@shared_task(name=ImportRun.task_name)
def import_file(pk: int) -> None:
    run_job(ImportRun, pk, lambda running: run_import(running, share=enqueue))
    run = ImportRun.objects.select_related("corpus", "created_by").filter(pk=pk).first()
    scan = None if run is None else scan_after(run)
    if scan is not None:
        enqueue(scan)


@shared_task(name=ImportPiece.task_name)
def import_piece(pk: int) -> None:
    piece = ImportPiece.objects.select_related("run").filter(pk=pk).first()
    if piece is not None and piece.run.file and piece.run.state == ImportRun.State.RUNNING:
        run_job(ImportPiece, pk, run_piece_of_kept_file)
