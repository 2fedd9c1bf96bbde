"""What has to be done before the first request: tables, static files, the demo."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

NOT_SERVED = ["CVS", ".*", "*~"]


def prepare(say: Callable[[str], None]) -> None:
    """Brings database and static files up to date; loads the demo into an empty database.

    A demo that was interrupted is finished.
    """
    django.setup()
    migrate(say)
    collect_static(say)
    if not get_user_model().objects.exists() or _demo_was_interrupted():
        say("Loading the demo ...")
        call_command("load_demo", stdout=StringIO())


def _demo_was_interrupted() -> bool:
    """Nobody but the demo's people is here, and its last step was not done."""
    from importers.demo.accounts import ACCOUNTS
    from importers.demo.build import demo_is_whole

    names = [account.username for account in ACCOUNTS]
    others = get_user_model().objects.exclude(username__in=names)
    return _demo_file().exists() and not others.exists() and not demo_is_whole()


def migrate(say: Callable[[str], None]) -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("Preparing the database ...")
        call_command("migrate", interactive=False, verbosity=0)


def collect_static(say: Callable[[str], None]) -> None:
    """Gathers the static files where they differ from those gathered before."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    fingerprint = _static_fingerprint()
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    say("Gathering static files ...")
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(fingerprint)


def _static_fingerprint() -> str:
    files = sorted(
        (storage.path(name), Path(storage.path(name)).stat())
        for finder in get_finders()
        for name, storage in finder.list(NOT_SERVED)
    )
    listing = [(path, status.st_size, status.st_mtime_ns) for path, status in files]
    return hashlib.sha256(repr(listing).encode()).hexdigest()


def demo_accounts() -> list[dict[str, Any]]:
    """The demo's accounts, with username, password and role; none where there is no demo."""
    from importers.demo.build import demo_is_whole

    if not _demo_file().exists() or not demo_is_whole():
        return []
    accounts: list[dict[str, Any]] = json.loads(_demo_file().read_text())["accounts"]
    return accounts


def _demo_file() -> Path:
    return Path(settings.VAR_DIR) / "demo.json"
