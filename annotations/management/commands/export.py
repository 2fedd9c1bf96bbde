"""manage.py export: a campaign's labels into a file, without a worker."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from annotations.exporters.registry import exporters
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
        campaign = _campaign(options["campaign"])
        user = _user(options["user"])
        if options["out"] == "-":
            run = self._run(campaign, options["format"], user)
            _copy(run, sys.stdout.buffer)
        else:
            self._export_to(Path(options["out"]), campaign, options["format"], user)

    def _export_to(self, out: Path, campaign: Campaign, format: str, user: User | None) -> None:
        """Fill a file beside ``out`` and rename it, so that ``out`` is whole or as it was."""
        unfinished = _unfinished_file(out)
        try:
            run = self._run(campaign, format, user)
            with unfinished.open("wb") as file:
                _copy(run, file)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(out)
        finally:
            unfinished.unlink(missing_ok=True)
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


def _campaign(slug: str) -> Campaign:
    campaign = Campaign.objects.filter(slug=slug).first()
    if campaign is None:
        known = ", ".join(Campaign.objects.values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"There is no campaign {slug!r}. Campaigns: {known}.")
    return campaign


def _user(name: str | None) -> User | None:
    if name is None:
        return None
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is no user {name!r}.")
    return user


def _unfinished_file(out: Path) -> Path:
    """An empty file beside ``out``. Raises CommandError where none can be written."""
    if out.is_dir():
        raise CommandError(f"{out} is a folder: name a file in it.")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
    except OSError as error:
        raise CommandError(f"{out} cannot be written: {error.strerror}.") from None
    os.close(handle)
    return Path(name)


def _copy(run: ExportRun, target: BinaryIO) -> None:
    with default_storage.open(run.file) as source:
        shutil.copyfileobj(cast(BinaryIO, source), target)
