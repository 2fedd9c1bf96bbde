"""``manage.py forget_audit --before 2026-01-01``: deletes old entries of the audit log."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import UTC, date, datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from annotations.errors import ThreadmarkError
from annotations.services.audit import forget_entries


class Command(BaseCommand):
    help = "Deletes the entries of the audit log from before a day, and notes in it that this was."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--before", required=True, type=_day, help="The first day that stays, as 2026-01-01."
        )

    def handle(self, *, before: datetime, **_: Any) -> None:
        try:
            count = forget_entries(before=before, now=timezone.now())
        except ThreadmarkError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"Forgot {count:,} entries from before {before:%Y-%m-%d}.")


def _day(text: str) -> datetime:
    """The beginning of the day, as stored times are."""
    try:
        return datetime.combine(date.fromisoformat(text), time.min, UTC)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day: write it as 2026-01-01.") from None
