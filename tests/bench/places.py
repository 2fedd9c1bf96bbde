"""Where a part measures: on SQLite, or on a PostgreSQL server, in an empty database each time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from project.environment import ROOT, VARIABLES
from tests.servers import drop_database, postgres_server, unused_name, with_database

Environment = dict[str, str]
UNLIMITED = {"TOKEN_RATE": "0", "SAVE_RATE": "0", "LOG_LEVEL": "WARNING"}
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"


@dataclass(frozen=True)
class Place:
    """SQLite, or the PostgreSQL server at an address; ``pattern`` and ``folder`` are a database
    and a VAR_DIR with all tables and nothing in them, which each measurement gets a copy of."""

    folder: Path
    server: str = ""
    pattern: str = ""

    @property
    def name(self) -> str:
        return POSTGRESQL if self.server else SQLITE

    @contextmanager
    def empty(self) -> Iterator[Environment]:
        """The environment of processes that use a new database with all tables, gone at the end.

        A commit is on the disk when it is acknowledged, as users have it: the tests' databases
        are quicker and less careful.
        """
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="threadmark-bench-"))
            var = Path(folder) / "var"
            shutil.copytree(self.folder, var)
            database = ""
            if self.server:
                database = stack.enter_context(_database(self.server, self.pattern))
            yield environment(var, database)


def environment(var: Path, database: str = "") -> Environment:
    """That of this process, with nothing of it that chooses how Threadmark runs."""
    ours = {variable.name for variable in VARIABLES}
    inherited = {name: value for name, value in os.environ.items() if name not in ours}
    chosen = {"VAR_DIR": str(var), **({"DATABASE_URL": database} if database else {})}
    return {**inherited, **UNLIMITED, **chosen}


@contextmanager
def places(names: Collection[str]) -> Iterator[list[Place]]:
    """Those of the names. The PostgreSQL server is that of TEST_POSTGRES_URL or DATABASE_URL,
    where databases of the bench's own are made and dropped, else one from the tests' wheel."""
    with ExitStack() as stack:
        found = []
        if SQLITE in names:
            found.append(stack.enter_context(_place("")))
        if POSTGRESQL in names:
            given = os.environ.get("DATABASE_URL", "")
            if given.startswith("postgres") and not os.environ.get("TEST_POSTGRES_URL"):
                server = given
            else:
                server = stack.enter_context(postgres_server())
            found.append(stack.enter_context(_place(server)))
        yield found


@contextmanager
def _place(server: str) -> Iterator[Place]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="threadmark-bench-"))
        var = Path(folder) / "var"
        (var / "static").mkdir(parents=True, mode=0o700)
        database = stack.enter_context(_database(server, "template1")) if server else ""
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity=0", "--skip-checks"],
            cwd=ROOT,
            env=environment(var, database),
            check=True,
        )
        yield Place(var, server, _name_of(database))


def _name_of(database: str) -> str:
    """A server of the wheel is at a socket, whose folder stands behind the name."""
    return str(conninfo_to_dict(database)["dbname"]) if database else ""


@contextmanager
def _database(server: str, pattern: str) -> Iterator[str]:
    name = unused_name()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {pattern}".encode())
    try:
        yield with_database(server, name)
    finally:
        drop_database(server, name)
