"""manage.py restore: a backup into an empty installation."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations.errors import ThreadmarkError
from annotations.services.restore import read_backup


class Command(BaseCommand):
    help = "Restore a backup into an empty database and an empty storage; stop the server first."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        told = self.stderr.write if options["verbosity"] > 1 else lambda _: None
        try:
            with options["file"].open("rb") as file:
                manifest = read_backup(file, tell=told)
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from None
        except ThreadmarkError as error:
            raise CommandError(error.message) from None
        rows = sum(table.rows for table in manifest.tables)
        self.stderr.write(f"{rows:,} rows and {len(manifest.files):,} files are back.")
