"""`export`: labels written to a file, beside one SELECT in order written by the same library.

The floor of JSON Lines is one SELECT over a plain cursor with all the joins that its columns
need, and orjson to a file; that of Parquet is the same rows given to pyarrow's own writer
(export_floor.py). Each is measured in a process of its own, turn by turn, on the database that
the exports are read from.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.bench.children import Took, child, tell, timed_child
from tests.bench.database import prepare
from tests.bench.figures import Figure, at_least, at_most, not_more_than
from tests.bench.places import Environment, Place
from tests.bench.sizes import runs

SELF = "tests.bench.exports"
FORMATS = ("jsonl", "parquet")
CAMPAIGN = "bench-exports"
OF_FLOOR = 0.5
FLAT, MOST_MB = 1.25, 300


def figures(place: Place, sizes: Sequence[int]) -> Iterator[Figure]:
    peaks: dict[str, list[float]] = {format: [] for format in FORMATS}
    for size in sizes:
        with place.empty() as environment:
            child(SELF, "load", size, environment=environment)
            for format in FORMATS:
                figure = _figure(place, size, format, environment)
                peaks[format].append(figure.peak_mb or 0)
                yield figure
    for format, peak in peaks.items():
        yield Figure(
            part="export",
            what=f"{format}, peak of memory",
            unit="MB",
            database=place.name,
            size=sizes[-1],
            values=(peak[-1],),
            wanted=not_more_than(MOST_MB),
        )
        if len(peak) > 1:
            yield Figure(
                part="export",
                what=f"{format}, the same beside {sizes[-2]:,}",
                unit="MB",
                database=place.name,
                size=sizes[-1],
                values=(peak[-1],),
                floor=peak[-2],
                wanted=at_most(FLAT),
            )


def _figure(place: Place, size: int, format: str, environment: Environment) -> Figure:
    sides: dict[str, list[Took]] = {"floor": [], "export": []}
    for _ in range(runs(size)):
        for side, taken in sides.items():
            taken.append(timed_child(SELF, side, format, environment=environment))
    return Figure(
        part="export",
        what=format,
        unit="rows/s",
        database=place.name,
        size=size,
        values=tuple(took.rate for took in sides["export"]),
        floor=statistics.median(took.rate for took in sides["floor"]),
        wanted=at_least(OF_FLOOR),
        peak_mb=max(took.peak_mb for took in sides["export"]),
    )


def _load(labels: int) -> None:
    from tests.bench.labels import OVERLAP, load

    load(CAMPAIGN, -(-labels // OVERLAP))
    print(json.dumps({}))


def _floor(format: str, path: Path) -> int:
    from tests.bench import export_floor

    return export_floor.WRITERS[format](CAMPAIGN, path)


def _export(format: str, path: Path) -> int:
    from annotations.exporters.contents import Contents
    from annotations.exporters.registry import exporter
    from annotations.models import Campaign
    from annotations.services.exports import Tally, prepared, write_dataset

    tally = Tally(lambda _: None)
    dataset = prepared(Campaign.objects.get(slug=CAMPAIGN), Contents(), "key")
    write_dataset(exporter(format), tally.counting(dataset), path)
    return tally.annotations


SIDES: dict[str, Callable[[str, Path], int]] = {"floor": _floor, "export": _export}


def main() -> None:
    prepare()
    act, of = sys.argv[1:]
    if act == "load":
        _load(int(of))
        return
    path = Path(os.environ["VAR_DIR"]) / "written"
    tell(lambda: SIDES[act](of, path))
    path.unlink()


if __name__ == "__main__":
    main()
