"""manage.py take_pieces: helps an import that `import_threads` runs. Started by it."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from importers.models import ImportRun
from importers.running import take_piece
from importers.source import Source


class Command(BaseCommand):
    help = "Take pieces of a large import, beside the process that runs it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", type=int)
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, run: int, file: Path, **options: Any) -> None:
        found = ImportRun.objects.filter(pk=run, state=ImportRun.State.RUNNING).first()
        if found is None:
            raise CommandError(f"There is no running import {run}.")
        source = Source(file, found.file_name)
        while take_piece(found, source):
            continue
