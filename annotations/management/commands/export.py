"""manage.py export: a campaign's labels into a file, without a worker."""

from __future__ import annotations

import shutil
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from annotations.errors import InvalidInput
from annotations.exporters.registry import exporters
from annotations.management.chosen import add_contents_arguments, chosen_contents
from annotations.management.given import campaign_called, user_called, written_whole
from annotations.models import ExportRun
from annotations.services.events import tell_export
from annotations.services.exports import start_export, write_export
from annotations.services.jobs import run_job


class Command(BaseCommand):
    help = "Export the labels of a campaign into a file. No worker is needed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign", help="The campaign's short name, as in its address.")
        parser.add_argument("--format", required=True, choices=sorted(exporters()))
        parser.add_argument("--out", required=True, metavar="FILE", help="- is standard output.")
        parser.add_argument("--user", metavar="NAME", help="In whose name the export is recorded.")
        add_contents_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = campaign_called(options["campaign"])
        start = partial(
            self._run,
            campaign=campaign,
            format=options["format"],
            user=user_called(options["user"]),
            contents=chosen_contents(options),
        )
        if options["out"] == "-":
            _copy(start(), sys.stdout.buffer)
        else:
            self._export_to(Path(options["out"]), start)

    def _export_to(self, out: Path, start: Callable[[], ExportRun]) -> None:
        """``out`` is whole or as it was."""
        with written_whole(out) as file:
            run = start()
            _copy(run, file)
        self.stderr.write(f"{run.rows:,} rows, {run.bytes:,} bytes, in {out}.")
        for warning in run.warnings:
            self.stderr.write(warning)

    def _run(self, **wanted: Any) -> ExportRun:
        """Raises CommandError where it does not come to a file."""
        try:
            run = start_export(**wanted, now=timezone.now())
        except InvalidInput as error:
            raise CommandError(error.message) from None
        try:
            run_job(ExportRun, run.pk, write_export, watch=self._show, told=tell_export)
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
