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

    A demo that was interrupted is finished; one that is whole costs two queries.
    """
    django.setup()
    migrate(say)
    collect_static(say)
    is_new = not get_user_model().objects.exists()
    if is_new:
        say("Loading the demo ...")
    if is_new or _demo_file().exists():
        call_command("load_demo", stdout=StringIO())


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
    """The accounts that the demo made, with username, password and role; none without it."""
    path = _demo_file()
    if not path.exists():
        return []
    accounts: list[dict[str, Any]] = json.loads(path.read_text())["accounts"]
    return accounts


def _demo_file() -> Path:
    return Path(settings.VAR_DIR) / "demo.json"
