"""`next`: what a click costs over HTTP, at 1,000 units and at a million, for 1 and 20 people.

The application is served as ``make run`` serves it, on one process on SQLite and two on
PostgreSQL. People who are logged in take a unit, one ahead as the workspace does, and save the one
before with three answers (annotators.py). The floors are bare Django views under the same server
on the same database in the same run: one comment read by its id, one row inserted and committed
(next_floor.py), asked by as many clients in turn.

``next unit`` sends what the workspace does not have yet; ``with its thread`` always sends the whole
stretch of some 80 comments. Measured besides: one who has labeled half of all units, and one who
reads a single language that one text in a thousand is in.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.bench.figures import Figure, at_most, quantile
from tests.bench.places import Environment, Place
from tests.bench.served import REAL, Server, served

FLOOR = "tests.bench.next_floor:application"
RUNS = 3
WANTED = at_most(4)
ONE, TWENTY = 80, 10
"""How many units a person labels in a run, alone and among twenty."""


@dataclass(frozen=True)
class Clicks:
    """The milliseconds of each request of some runs."""

    next: list[list[float]]
    save: list[list[float]]


def figures(place: Place, sizes: Sequence[int]) -> Iterator[Figure]:
    """Those of each number of units, each in a database of its own."""
    for size in sizes:
        with place.empty() as environment:
            yield from _of_one_size(place, size, environment)


def _of_one_size(place: Place, size: int, environment: Environment) -> Iterator[Figure]:
    sample = _load(size, environment)
    early, new, rare = sample["early"], sample["new"], sample["rare"]
    with served(FLOOR, {**environment, "BENCH_FLOOR": "1"}) as server:
        floors = {people: _clicks(server, sample, new[:people], floor=True) for people in (1, 20)}
    with served(REAL, environment) as server:
        _clicks(server, sample, [new[-1]], runs=1, times=20)  # what is asked first is not measured
        alone = _clicks(server, sample, [new[20]])
        yield from _both(place, size, "1 client", alone, floors[1])
        twenty = _clicks(server, sample, new[:20])
        yield from _both(place, size, "20 clients", twenty, floors[20])
        whole = _clicks(server, sample, [new[-1]], whole=True, runs=1)
        yield _figure(
            place, size, "next unit with its thread, 1 client", whole.next, floors[1].next
        )
        for who, cookies in (("who labeled half", early), ("of a rare language", rare)):
            clicks = _clicks(server, sample, cookies, runs=1)
            if len(clicks.save[0]) > 1:  # at 1,000 units there is one of the rare language
                yield from _both(place, size, f"1 client, {who}", clicks, floors[1])


def _both(place: Place, size: int, who: str, clicks: Clicks, floor: Clicks) -> Iterator[Figure]:
    yield _figure(place, size, f"next unit, {who}", clicks.next, floor.next)
    yield _figure(place, size, f"save, {who}", clicks.save, floor.save)


def _figure(
    place: Place, size: int, what: str, runs: list[list[float]], floor: list[list[float]]
) -> Figure:
    """The medians of the runs, beside that of all of the floor's."""
    return Figure(
        part="next",
        database=place.name,
        size=size,
        what=what,
        unit="ms",
        values=tuple(statistics.median(run) for run in runs),
        p99=quantile([took for run in runs for took in run], 99),
        floor=statistics.median(took for run in floor for took in run),
        wanted=WANTED,
    )


def _clicks(
    server: Server,
    sample: dict[str, Any],
    cookies: list[str],
    *,
    floor: bool = False,
    whole: bool = False,
    runs: int = RUNS,
    times: int = 0,
) -> Clicks:
    """Those of people with these cookies at once. Raises RuntimeError where one was refused."""
    address = urlsplit(server.url)
    job = {
        "host": address.hostname,
        "port": address.port,
        "campaign": sample["campaign"],
        "unread": sample["unread"],
        "cookies": cookies,
        "times": times or (ONE if len(cookies) == 1 else TWENTY),
        "floor": floor,
        "whole": whole,
    }
    told = [_run(job) for _ in range(runs)]
    if errors := [error for one in told for error in one["errors"]]:
        raise RuntimeError(f"{len(errors)} requests failed, the first so: {errors[0]}")
    return Clicks([one["next"] for one in told], [one["save"] for one in told])


def _run(job: dict[str, Any]) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.annotators"]
    sent = json.dumps(job).encode()
    done = subprocess.run(command, input=sent, stdout=subprocess.PIPE, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _load(size: int, environment: Environment) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.next_sample", str(size)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    sample: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return sample
