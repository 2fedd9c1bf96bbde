"""manage.py backup: everything in one file, while the application is in use."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from annotations.errors import ThreadmarkError
from annotations.management.given import written_whole
from annotations.services.backup import write_backup


class Command(BaseCommand):
    help = "Back up the database and the stored files into one file; annotators may go on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="Such as threadmark-2026-03-14.zip.")

    def handle(self, *args: Any, **options: Any) -> None:
        told = self.stderr.write if options["verbosity"] > 1 else lambda _: None
        try:
            with written_whole(options["file"]) as file:
                manifest = write_backup(file, now=timezone.now(), tell=told)
        except ThreadmarkError as error:
            raise CommandError(error.message) from None
        rows = sum(table.rows for table in manifest.tables)
        self.stderr.write(
            f"{rows:,} rows and {len(manifest.files):,} files in {options['file']}. It holds "
            "names, texts and password hashes: keep it where nobody else reads it."
        )
        for name in manifest.missing:
            self.stderr.write(f"{name} was deleted while the backup was made.")
