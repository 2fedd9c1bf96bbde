"""What takes long to make and is the same for all: made once a run, then copied.

Every process of the tests, and every application that they start, needs tables; migrating takes
seconds each time. The first one to need them makes them in the run's own folder.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from project.environment import ROOT, VARIABLES
from tests.servers import create_database, drop_database, with_database

COLLECT = """
import django
django.setup()
from project.preparation import collect_static
collect_static(lambda line: None)
"""


@dataclass(frozen=True)
class Prepared:
    """``folder`` is the same for all processes of a run. ``server`` is the address of PostgreSQL,
    where the tables are in the database ``name``; it is empty for SQLite."""

    folder: Path
    server: str
    name: str

    def copy_tables(self, target: str) -> None:
        """Make a database with all tables, and no rows but those that migrations write.

        ``target`` is its name on the server, or the path of its file.
        """
        with self._once("migrated", self._migrate):
            if self.server:
                create_database(self.server, target, template=self.name)
            else:
                shutil.copyfile(self._var / "threadmark.sqlite3", target)

    def copy_state(self, var: Path) -> None:
        """Make the folder for state as it is after a first start, but for the demo; the tables
        of SQLite are in it."""
        var.mkdir(mode=0o700, parents=True)
        with self._once("collected", self._collect):
            shutil.copytree(self._var / "static", var / "static")
        if not self.server:
            self.copy_tables(str(var / "threadmark.sqlite3"))

    def forget(self) -> None:
        """Drop what the server has of it; the folder is its owner's."""
        if self.server:
            drop_database(self.server, self.name)

    @property
    def _var(self) -> Path:
        return self.folder / "prepared"

    @contextmanager
    def _once(self, step: str, act: Callable[[], None]) -> Iterator[None]:
        """Does what no process has done yet; no other one gets in before the block ends."""
        done = self.folder / step
        with (self.folder / "prepared.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                act()
                done.touch()
            yield

    def _migrate(self) -> None:
        if self.server:
            create_database(self.server, self.name)
        self._run("manage.py", "migrate", "--no-input", "--verbosity", "0")

    def _collect(self) -> None:
        self._run("-c", COLLECT)

    def _run(self, *arguments: str) -> None:
        ours = {variable.name for variable in VARIABLES}
        inherited = {name: value for name, value in os.environ.items() if name not in ours}
        chosen = {"DJANGO_SETTINGS_MODULE": "project.settings", "VAR_DIR": str(self._var)}
        if self.server:
            chosen["DATABASE_URL"] = with_database(self.server, self.name)
        command = [sys.executable, *arguments]
        subprocess.run(command, cwd=ROOT, env={**inherited, **chosen}, check=True)
