"""manage.py export: a campaign's labels into a file, without a worker."""

from __future__ import annotations

import shutil
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from annotations.exporters.registry import exporters
from annotations.management.given import campaign_called, user_called, written_whole
from annotations.models import Campaign, ExportRun, User
from annotations.services.exports import start_export, write_export
from annotations.services.jobs import run_job


class Command(BaseCommand):
    help = "Export the labels of a campaign into a file. No worker is needed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign", help="The campaign's short name, as in its address.")
        parser.add_argument("--format", required=True, choices=sorted(exporters()))
        parser.add_argument("--out", required=True, metavar="FILE", help="- is standard output.")
        parser.add_argument("--user", metavar="NAME", help="In whose name the export is recorded.")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = campaign_called(options["campaign"])
        user = user_called(options["user"])
        if options["out"] == "-":
            run = self._run(campaign, options["format"], user)
            _copy(run, sys.stdout.buffer)
        else:
            self._export_to(Path(options["out"]), campaign, options["format"], user)

    def _export_to(self, out: Path, campaign: Campaign, format: str, user: User | None) -> None:
        """``out`` is whole or as it was."""
        with written_whole(out) as file:
            run = self._run(campaign, format, user)
            _copy(run, file)
        self.stderr.write(f"{run.rows:,} rows, {run.bytes:,} bytes, in {out}.")

    def _run(self, campaign: Campaign, format: str, user: User | None) -> ExportRun:
        run = start_export(campaign=campaign, format=format, user=user, now=timezone.now())
        try:
            run_job(ExportRun, run.pk, write_export, watch=self._show)
        except KeyboardInterrupt:
            raise CommandError(f"Export {run.pk} was stopped.", returncode=130) from None
        run.refresh_from_db()
        if run.state != ExportRun.State.DONE:
            reason = run.error or f"it is {run.get_state_display().lower()}."
            raise CommandError(f"Export {run.pk} has no file: {reason}")
        return run

    def _show(self, done: int, total: int | None) -> None:
        self.stderr.write(f"{done:,} of {total or 0:,} {ExportRun.measure}")


def _copy(run: ExportRun, target: BinaryIO) -> None:
    with default_storage.open(run.file) as source:
        shutil.copyfileobj(cast(BinaryIO, source), target)
