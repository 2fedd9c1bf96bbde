"""`labels`: a campaign's labels over the API, beside a bare Django view under the same server.

The floor is one SELECT in order, orjson, and a streaming response without any middleware
(label_floor.py); both are served by granian as ``make run`` serves, each after the other, and read
by the same client: the best of three times counts. SQLite is measured always; PostgreSQL too where
``DATABASE_URL`` names a database, which is made anew: name one for this. Wanted: a third of the
floor's speed as NDJSON, and an answer to who has the labels already that costs next to nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.bench.exports import CAMPAIGN, _databases
from tests.servers import free_port

ANNOTATIONS = 100_000
TIMES = 3
BLOCK_BYTES = 256 * 1024
STARTING_SECONDS = 60
REAL, FLOOR = "project.wsgi:application", "tests.bench.label_floor:application"


def measure(annotations: int) -> None:
    """Prints a table, and the same figures as one line of JSON."""
    told = [one for url in _databases() for one in _measured(url, annotations)]
    print(json.dumps({"labels": told}))


def _measured(url: str, annotations: int) -> list[dict[str, Any]]:
    from tests.bench.labels import OVERLAP

    name = "PostgreSQL" if url else "SQLite"
    comments = -(-annotations // OVERLAP)
    rows = comments * OVERLAP
    print(f"\nLabels over HTTP, {rows:,} annotations, {name}")
    print(f"  {'':36s}{'seconds':>9s}{'rows/s':>10s}{'of floor':>10s}{'MB':>8s}", flush=True)
    with tempfile.TemporaryDirectory(prefix="threadmark-") as folder:
        environment = {**os.environ, "VAR_DIR": folder, "TOKEN_RATE": "0", "LOG_LEVEL": "WARNING"}
        environment.pop("DATABASE_URL", None)
        if url:
            environment["DATABASE_URL"] = url
        token = _load(comments, environment)
        with _served(FLOOR, {**environment, "BENCH_FLOOR": "1"}) as address:
            floor = _best(f"{address}{CAMPAIGN}/", {})
        told = [_shown(name, "floor", rows, floor, None)]
        with _served(REAL, environment) as address:
            labels = f"{address}api/v1/campaigns/{CAMPAIGN}/labels/"
            headers = {"Authorization": f"Token {token}"}
            for format in ("jsonl", "csv"):
                seen = _best(f"{labels}?format={format}", headers)
                told.append(_shown(name, format, rows, seen, floor))
            first = _read(f"{labels}?format=parquet", headers)
            told.append(_shown(name, "parquet, made", rows, first, None))
            again = _best(f"{labels}?format=parquet", headers)
            told.append(_shown(name, "parquet, kept", rows, again, None))
            same = _best(labels, {**headers, "If-None-Match": _tag(labels, headers)})
            told.append(_shown(name, "nothing, to who has them (304)", 0, same, None))
    return told


def _shown(
    database: str,
    of: str,
    rows: int,
    seen: tuple[float, int],
    floor: tuple[float, int] | None,
) -> dict[str, Any]:
    seconds, size = seen
    ratio = f"{floor[0] / seconds:10.2f}" if floor else f"{'':10s}"
    speed = f"{rows / seconds:10,.0f}" if rows else f"{'':10s}"
    print(f"  {of:36s}{seconds:9.3f}{speed}{ratio}{size / 1e6:8.1f}", flush=True)
    told: dict[str, Any] = {"database": database, "of": of, "rows": rows, "seconds": seconds}
    return {**told, "bytes": size, **({"of_floor": floor[0] / seconds} if floor else {})}


def _best(address: str, headers: dict[str, str]) -> tuple[float, int]:
    return min(_read(address, headers) for _ in range(TIMES))


def _read(address: str, headers: dict[str, str]) -> tuple[float, int]:
    """How long it took, and how many bytes came."""
    began, size = time.perf_counter(), 0
    try:
        with urlopen(Request(address, headers=headers)) as answer:
            while block := answer.read(BLOCK_BYTES):
                size += len(block)
    except HTTPError as error:
        if error.code != 304:
            raise
    return time.perf_counter() - began, size


def _tag(address: str, headers: dict[str, str]) -> str:
    with urlopen(Request(address, headers=headers, method="HEAD")) as answer:
        return str(answer.headers["ETag"])


@contextmanager
def _served(application: str, environment: dict[str, str]) -> Iterator[str]:
    from project.address import Address
    from project.launch import web_server

    address = Address("127.0.0.1", free_port())
    command = [*web_server(address).command[:-1], application]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + STARTING_SECONDS
        while not address.answers():
            if time.monotonic() > deadline or server.poll() is not None:
                raise RuntimeError(f"{application} did not start.")
            time.sleep(0.1)
        yield address.url
    finally:
        server.terminate()
        server.wait()


def _load(comments: int, environment: dict[str, str]) -> str:
    """Gives the token of somebody who may read all."""
    command = [sys.executable, "-m", "tests.bench.label_stream", str(comments)]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.split()[-1]


def _note_changes() -> None:
    """As the migration does for what is there: all of it waits for its number."""
    from django.db import connection

    first = import_module("annotations.migrations.0019_first_changes")
    with connection.cursor() as cursor:
        for statement in first.STATEMENTS:
            cursor.execute(statement)


def main() -> None:
    from tests.bench.database import prepare

    prepare()
    from annotations.models import ApiToken
    from tests.bench.labels import load
    from tests.builders import build_user

    load(CAMPAIGN, int(sys.argv[1]))
    _note_changes()
    print(ApiToken.objects.create(user=build_user(is_staff=True), name="bench")[1])


if __name__ == "__main__":
    main()
