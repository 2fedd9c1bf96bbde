"""`labels`: a campaign's labels over the API, beside a bare Django view under the same server.

The floor is one SELECT in order, orjson, and a streaming response without any middleware
(label_floor.py); both are served by granian as ``make run`` serves, each after the other, and read
by the same client: the best of three times counts. ``by cpu`` is the ratio of the server's time on
the processor, which a busy machine changes less. SQLite is measured always; PostgreSQL too where
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
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil

from tests.bench.exports import CAMPAIGN, _databases
from tests.servers import free_port

ANNOTATIONS = 100_000
TIMES = 3
BLOCK_BYTES = 256 * 1024
STARTING_SECONDS = 60
PLACE = f"api/v1/campaigns/{CAMPAIGN}/labels/"
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
    heads = f"{'seconds':>9s}{'cpu':>8s}{'rows/s':>10s}{'of floor':>10s}{'by cpu':>8s}{'MB':>8s}"
    print(f"  {'':32s}{heads}", flush=True)
    with tempfile.TemporaryDirectory(prefix="threadmark-") as folder:
        environment = {**os.environ, "VAR_DIR": folder, "TOKEN_RATE": "0", "LOG_LEVEL": "WARNING"}
        environment.pop("DATABASE_URL", None)
        if url:
            environment["DATABASE_URL"] = url
        token = _load(comments, environment)
        with _served(FLOOR, {**environment, "BENCH_FLOOR": "1"}) as server:
            floor = server.best(f"{CAMPAIGN}/", {})
        told = [_shown(name, "floor", rows, floor)]
        with _served(REAL, environment) as server:
            labels, headers = PLACE, {"Authorization": f"Token {token}"}
            for format in ("jsonl", "csv"):
                seen = server.best(f"{labels}?format={format}", headers)
                told.append(_shown(name, format, rows, seen, floor))
            parquet = f"{labels}?format=parquet"
            told.append(_shown(name, "parquet, made", rows, server.read(parquet, headers)))
            told.append(_shown(name, "parquet, kept", rows, server.best(parquet, headers)))
            same = {**headers, "If-None-Match": server.tag(labels, headers)}
            told.append(_shown(name, "nothing, to who has it (304)", 0, server.best(labels, same)))
    return told


class Seen(NamedTuple):
    """What one answer took: seconds, those of the server on the processor, and its bytes."""

    seconds: float
    cpu: float
    size: int


def _shown(
    database: str, of: str, rows: int, seen: Seen, floor: Seen | None = None
) -> dict[str, Any]:
    speed = f"{rows / seen.seconds:10,.0f}" if rows else f"{'':10s}"
    told: dict[str, Any] = {"database": database, "of": of, "rows": rows, **seen._asdict()}
    ratios = f"{'':18s}"
    if floor:
        told["of_floor"] = floor.seconds / seen.seconds
        told["cpu_of_floor"] = floor.cpu / max(seen.cpu, 0.01)
        ratios = f"{told['of_floor']:10.2f}{told['cpu_of_floor']:8.2f}"
    took = f"{seen.seconds:9.3f}{seen.cpu:8.2f}"
    print(f"  {of:32s}{took}{speed}{ratios}{seen.size / 1e6:8.1f}", flush=True)
    return told


@dataclass(frozen=True)
class _Server:
    url: str
    process: psutil.Process

    def best(self, path: str, headers: dict[str, str]) -> Seen:
        return min(self.read(path, headers) for _ in range(TIMES))

    def read(self, path: str, headers: dict[str, str]) -> Seen:
        began, began_cpu, size = time.perf_counter(), self._cpu(), 0
        try:
            with urlopen(Request(self.url + path, headers=headers)) as answer:
                while block := answer.read(BLOCK_BYTES):
                    size += len(block)
        except HTTPError as error:
            if error.code != 304:
                raise
        return Seen(time.perf_counter() - began, self._cpu() - began_cpu, size)

    def tag(self, path: str, headers: dict[str, str]) -> str:
        with urlopen(Request(self.url + path, headers=headers, method="HEAD")) as answer:
            return str(answer.headers["ETag"])

    def _cpu(self) -> float:
        times = [one.cpu_times() for one in self.process.children(recursive=True)]
        return sum(one.user + one.system for one in times)


@contextmanager
def _served(application: str, environment: dict[str, str]) -> Iterator[_Server]:
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
        yield _Server(address.url, psutil.Process(server.pid))
    finally:
        server.terminate()
        server.wait()


def _load(comments: int, environment: dict[str, str]) -> str:
    """Gives the token of somebody who may read all."""
    command = [sys.executable, "-m", "tests.bench.label_stream", str(comments)]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.split()[-1]


def _note_changes() -> None:
    """As the migration does for what is there, and the sweep after it."""
    from django.db import connection

    from annotations.services.feeds import settle_feeds

    first = import_module("annotations.migrations.0019_first_changes")
    with connection.cursor() as cursor:
        for statement in first.STATEMENTS:
            cursor.execute(statement)
    settle_feeds()


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
