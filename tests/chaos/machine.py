"""The whole application and its database server, each part of which may be killed."""

from __future__ import annotations

import random
import sqlite3
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Literal

import psutil
import psycopg

from annotations.selectors.jobs import job_models
from tests.application import Application
from tests.chaos.postgres import OwnPostgres

Victim = Literal["web", "worker", "broker", "database", "launcher"]
VICTIMS: tuple[Victim, ...] = ("web", "worker", "broker", "database", "launcher")
PROGRAMS = {"web": "granian", "worker": "celery", "broker": "valkey"}
PATIENCE_SECONDS = 120.0
LONG_AGO = "2020-01-01 00:00:00"
AWAY_SECONDS = 2.0


@dataclass
class Machine:
    """``postgres`` is None where the database is a file: then it is the processes that have the
    file open which die, all at once."""

    application: Application
    postgres: OwnPostgres | None

    def kill(self, victim: Victim, chance: random.Random) -> None:
        """``kill -9``, and what an admin or the launcher then does: it is started again.

        Of web and worker sometimes one process dies, mostly all.
        """
        if victim == "launcher":
            self._kill_launcher()
        elif victim == "database":
            self._kill_database(chance)
        else:
            found = self.application.processes(PROGRAMS[victim])
            kill_all([chance.choice(found)] if chance.random() < 0.25 else found)
        if victim != "web":
            self.let_time_pass()

    def wait_until_up(self) -> None:
        """Waits until every program runs and the pages answer."""
        wait_for(lambda: all(map(self.application.processes, PROGRAMS.values())), "a program")
        wait_for(self._answers, "an answer of the web server")

    def let_time_pass(self) -> None:
        """As if all had waited for minutes: leases have run out, and what was sent or tried is
        long ago. Somebody who lives all the same renews the lease, or finds it lost."""
        for table in _job_tables():
            self._write(
                f"UPDATE {table} SET lease_until = '{LONG_AGO}' WHERE state = 'running'",
                f"UPDATE {table} SET sent_at = '{LONG_AGO}' WHERE state IN ('queued', 'running')",
            )
        self._write(
            f"UPDATE webhook SET rests_until = '{LONG_AGO}' WHERE rests_until IS NOT NULL",
            f"UPDATE webhook_delivery SET next_try_at = '{LONG_AGO}' WHERE state = 'waiting'",
        )

    def wait_for_jobs(self) -> None:
        """Waits until no job waits or runs."""

        def none_left() -> bool:
            return not any(job.state in ("queued", "running") for job in self.jobs())

        wait_for(none_left, "the end of all jobs", lambda: str(self.jobs()))

    def wait_for_deliveries(self) -> None:
        """Waits until webhooks were told all that happened."""

        def all_told() -> bool:
            return not self.rows("SELECT id FROM webhook_delivery WHERE state = 'waiting'")

        wait_for(all_told, "the end of all deliveries")

    def jobs(self) -> list[JobRow]:
        """Every job of every kind."""
        return [
            JobRow(table, *row)
            for table in _job_tables()
            for row in self.rows(f"SELECT id, state, attempt, error FROM {table} ORDER BY id")
        ]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database says, asked past the application."""
        with self._connection() as connection:
            return list(connection.execute(query).fetchall())

    def _write(self, *statements: str) -> None:
        with self._connection() as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        if self.postgres is not None:
            with closing(psycopg.connect(self.postgres.url)) as connection:
                yield connection
            return
        file = self.application.var / "threadmark.sqlite3"
        with closing(sqlite3.connect(file, timeout=60)) as opened:
            yield opened

    def _kill_launcher(self) -> None:
        """Its children end by themselves: the kernel tells them."""
        children = self.application.processes()
        assert self.application.process is not None
        kill_all([self.application.process])
        wait_for(lambda: not any(map(_lives, children)), "the end of the launcher's children")
        self.application.start()

    def _kill_database(self, chance: random.Random) -> None:
        if self.postgres is not None:
            self.postgres.kill()
            time.sleep(chance.uniform(0, AWAY_SECONDS))
            self.postgres.start()
        else:
            kill_all(
                [*self.application.processes("granian"), *self.application.processes("celery")]
            )

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.application.url}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@dataclass(frozen=True)
class JobRow:
    table: str
    id: int
    state: str
    attempt: int
    error: str


def kill_all(processes: list[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _lives(process: psutil.Process) -> bool:
    """Whether it runs; one that has ended may wait long for somebody to take note of it."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for(true: Callable[[], bool], what: str, told: Callable[[], str] = lambda: "") -> None:
    """Waits until it is true; fails with what was waited for."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, f"Waited in vain for {what}. {told()}"
        time.sleep(0.2)


def _job_tables() -> list[str]:
    return [model._meta.db_table for model in job_models()]
