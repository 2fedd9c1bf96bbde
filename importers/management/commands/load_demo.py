"""manage.py load_demo: a thread, a campaign and five accounts to try everything with."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from annotations.errors import ThreadmarkError
from importers.demo.build import load_demo


class Command(BaseCommand):
    help = "Load the demo, once. Accounts and token are written to demo.json in VAR_DIR."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = load_demo(var=settings.VAR_DIR, now=timezone.now())
        except ThreadmarkError as error:
            raise CommandError(error.message) from None
        if made:
            accounts = settings.VAR_DIR / "demo.json"
            self.stdout.write(f"The demo is loaded; its accounts are in {accounts}.")
        else:
            self.stdout.write("The demo is there already.")
