"""`import`: comments a second of an import as users run it, beside a floor.

The floor parses the same JSON Lines and inserts the same rows raw into the same database, in one
transaction (COPY on PostgreSQL): no ids looked up, no replies resolved, nothing checked,
everything known beforehand (import_floor.py). Each side has an empty database and a process of its
own, turn by turn.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.children import Took, timed_child
from tests.bench.discussion import write_discussion
from tests.bench.figures import Figure, at_least, not_less_than
from tests.bench.places import Place
from tests.bench.sizes import runs

FLOOR, IMPORT = "tests.bench.import_floor", "tests.bench.import_run"
OF_FLOOR = 0.5
SAME_RATE = 0.8


def figures(place: Place, sizes: Sequence[int]) -> Iterator[Figure]:
    rates: list[float] = []
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="threadmark-bench-") as folder:
            file = Path(folder) / "discussion.ndjson"
            write_discussion(file, size)
            sides: dict[str, list[Took]] = {FLOOR: [], IMPORT: []}
            for _ in range(runs(size)):
                for side, taken in sides.items():
                    with place.empty() as environment:
                        taken.append(timed_child(side, file, environment=environment))
        figure = Figure(
            part="import",
            what="JSON Lines of a forum",
            unit="comments/s",
            database=place.name,
            size=size,
            values=tuple(took.rate for took in sides[IMPORT]),
            floor=statistics.median(took.rate for took in sides[FLOOR]),
            wanted=at_least(OF_FLOOR),
            peak_mb=max(took.peak_mb for took in sides[IMPORT]),
        )
        rates.append(figure.median)
        yield figure
    if len(rates) > 1:
        yield Figure(
            part="import",
            what="the slowest size beside the fastest",
            unit="of the rate",
            database=place.name,
            values=(min(rates) / max(rates),),
            wanted=not_less_than(SAME_RATE),
        )
