"""`stream`: a campaign's labels over the API, beside a bare Django view under the same server.

The floor is one SELECT in order, orjson, and a streaming response without any middleware
(label_floor.py). Both are served by granian as ``make run`` serves, and read by the same client
turn by turn. ``of the processor`` counts the server's time on it, which a busy machine changes
less. Beside them stand CSV, a Parquet file that is there already, and the answer to who has the
labels already, which costs next to nothing.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.bench.children import child
from tests.bench.database import prepare
from tests.bench.exports import CAMPAIGN
from tests.bench.figures import Figure, Wanted, at_least
from tests.bench.places import Place
from tests.bench.served import REAL, Server, served
from tests.bench.sizes import runs

SELF, FLOOR = "tests.bench.label_stream", "tests.bench.label_floor:application"
LABELS = f"api/v1/campaigns/{CAMPAIGN}/labels/"
BLOCK_BYTES = 256 * 1024
OF_FLOOR = 1 / 3


@dataclass(frozen=True)
class Seen:
    """What one answer took: seconds, and those of the server on the processor."""

    seconds: float
    of_processor: float


def figures(place: Place, sizes: Sequence[int]) -> Iterator[Figure]:
    for size in sizes:
        with place.empty() as environment:
            token = child(SELF, size, environment=environment)["token"]
            headers = {"Authorization": f"Token {token}"}
            with (
                served(FLOOR, {**environment, "BENCH_FLOOR": "1"}) as floor,
                served(REAL, environment) as real,
            ):
                yield from _figures(place, size, floor, real, headers)


def _figures(
    place: Place, size: int, floor: Server, real: Server, headers: dict[str, str]
) -> Iterator[Figure]:
    def asked(query: str, **more: str) -> Callable[[], Seen]:
        return lambda: _read(real, f"{LABELS}?format={query}", {**headers, **more})

    bare, lines = _turns(runs(size), lambda: _read(floor, f"{CAMPAIGN}/", {}), asked("jsonl"))
    (table,) = _turns(1, asked("csv"))
    asked("parquet")()
    (kept,) = _turns(runs(size), asked("parquet"))
    (known,) = _turns(runs(size), asked("jsonl", **{"If-None-Match": _tag(real, headers)}))

    def rate(what: str, seen: list[Seen], wanted: Wanted | None = None) -> Figure:
        return Figure(
            part="stream",
            what=what,
            unit="rows/s",
            database=place.name,
            size=size,
            values=tuple(size / one.seconds for one in seen),
            floor=statistics.median(size / one.seconds for one in bare),
            wanted=wanted,
        )

    yield rate("jsonl", lines, at_least(OF_FLOOR))
    yield rate("csv", table)
    yield rate("parquet, a kept file", kept)
    yield Figure(
        part="stream",
        what="jsonl, by the server's seconds of the processor",
        unit="rows/s",
        database=place.name,
        size=size,
        values=tuple(size / max(one.of_processor, 0.01) for one in lines),
        floor=statistics.median(size / max(one.of_processor, 0.01) for one in bare),
    )
    yield Figure(
        part="stream",
        what="nothing, to who has it (304)",
        unit="ms",
        database=place.name,
        size=size,
        values=tuple(one.seconds * 1_000 for one in known),
    )


def _turns(times: int, *acts: Callable[[], Seen]) -> list[list[Seen]]:
    """Each act that often, one after the other, after each was done once unseen: a server's first
    answer loads what it needs."""
    for act in acts:
        act()
    rounds = [[act() for act in acts] for _ in range(times)]
    return [list(seen) for seen in zip(*rounds, strict=True)]


def _read(server: Server, path: str, headers: dict[str, str]) -> Seen:
    began, began_processor = time.perf_counter(), server.processor_seconds()
    try:
        with urlopen(Request(server.url + path, headers=headers)) as answer:
            while answer.read(BLOCK_BYTES):
                pass
    except HTTPError as error:
        if error.code != 304:
            raise
    return Seen(time.perf_counter() - began, server.processor_seconds() - began_processor)


def _tag(server: Server, headers: dict[str, str]) -> str:
    request = Request(f"{server.url}{LABELS}?format=jsonl", headers=headers, method="HEAD")
    with urlopen(request) as answer:
        return str(answer.headers["ETag"])


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
    """Loads so many labels, and tells the token of somebody who may read all."""
    prepare()
    from annotations.models import ApiToken
    from tests.bench.labels import OVERLAP, load
    from tests.builders import build_user

    load(CAMPAIGN, -(-int(sys.argv[1]) // OVERLAP))
    _note_changes()
    user = build_user(is_staff=True)
    print(json.dumps({"token": ApiToken.objects.create(user=user, name="bench")[1]}))


if __name__ == "__main__":
    main()
