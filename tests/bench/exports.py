"""`exports`: labels written to a file, beside one SELECT in order written by the same library.

The floor of JSON Lines is one SELECT over a plain cursor with all the joins that its columns
need, and orjson to a file; that of Parquet is the same rows given to pyarrow's own writer. Each
is measured in a process of its own on the database that the exports are read from, in the same
run. SQLite is measured always; PostgreSQL too where ``DATABASE_URL`` names a database, which is
made anew: name one for this. ``by cpu`` is the ratio of this process's time on the processor,
which a busy machine changes less; a database server's is not in it. Wanted: half of the floor's
speed, under 300 MB at any size.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

COMMENTS = 100_000
FORMATS = ("jsonl", "parquet", "threads", "csv", "huggingface")
FLOORS = ("jsonl", "parquet")
CAMPAIGN = "bench-exports"


def measure(comments: int) -> None:
    """Prints a table, and the same figures as one line of JSON."""
    told = [one for url in _databases() for one in _measured(url, comments)]
    print(json.dumps({"exports": told}))


def _databases() -> list[str]:
    given = os.environ.get("DATABASE_URL", "")
    return ["", given] if given.startswith("postgres") else [""]


def _measured(url: str, comments: int) -> list[dict[str, Any]]:
    name = "PostgreSQL" if url else "SQLite"
    print(f"\nExports of {comments:,} comments, three annotators each, {name}")
    heads = (f"{'seconds':>9s}{'cpu':>8s}{'rows/s':>10s}", f"{'of floor':>10s}{'by cpu':>10s}")
    print(f"  {'':28s}{''.join(heads)}{'peak MB':>9s}", flush=True)
    with tempfile.TemporaryDirectory(prefix="threadmark-") as folder:
        environment = {**os.environ, "VAR_DIR": folder, "DATABASE_URL": url}
        if not url:
            del environment["DATABASE_URL"]
        _child("load", str(comments), environment)
        floors = {name: _child("floor", name, environment) for name in FLOORS}
        told = [
            {"database": name, "of": f"floor of {format}", **floor}
            for format, floor in floors.items()
        ]
        for one in told:
            _show(one)
        for format in FORMATS:
            written = {"database": name, "of": format, **_child("export", format, environment)}
            if format in floors:
                for name_of, ratio in (("seconds", "of_floor"), ("cpu_seconds", "cpu_of_floor")):
                    written[ratio] = floors[format][name_of] / written[name_of]
            _show(written)
            told.append(written)
    return told


def _child(act: str, of: str, environment: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.exports", act, of]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _show(told: dict[str, Any]) -> None:
    ratios = [told.get(name) for name in ("of_floor", "cpu_of_floor")]
    figures = (
        f"{told['seconds']:9.2f}{told['cpu_seconds']:8.2f}{told['rows'] / told['seconds']:10,.0f}",
        *(f"{ratio:10.2f}" if ratio else f"{'':10s}" for ratio in ratios),
        f"{told['peak_mb']:9.0f}",
    )
    print(f"  {told['of']:28s}{''.join(figures)}", flush=True)


def _load(comments: int) -> None:
    from tests.bench.database import prepare
    from tests.bench.labels import load

    prepare()
    load(CAMPAIGN, comments)
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


def _timed(work: Callable[[str, Path], int], format: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    import django

    django.setup()
    path = Path(os.environ["VAR_DIR"]) / "written"
    began, began_processor = time.perf_counter(), time.process_time()
    rows = work(format, path)
    seconds, of_processor = time.perf_counter() - began, time.process_time() - began_processor
    size = path.stat().st_size
    path.unlink()
    told = {"rows": rows, "seconds": seconds, "cpu_seconds": of_processor, "bytes": size}
    print(json.dumps({**told, "peak_mb": _peak_mb()}))


def _peak_mb() -> float:
    """By the operating system: the most that this process held since it began."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024


if __name__ == "__main__":
    act, of = sys.argv[1:]
    if act == "load":
        _load(int(of))
    else:
        _timed(_floor if act == "floor" else _export, of)
