"""`make bench`: what must be fast, each figure beside its floor in the same run.

Every part is a module of this package that tells what it measures: `import` (imports.py), `next`
(next_unit.py), `export` (exports.py), `stream` (label_stream.py), `agreement` (agreement.py),
`window` (windows.py), `page` (workspace.py, in Chromium) and `start` (starts.py). All of them are
measured one after the other, on SQLite and on PostgreSQL; docs/speed.md tells what they say.
"""

from __future__ import annotations

import argparse
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from project.environment import ROOT
from tests.bench import (
    agreement,
    exports,
    imports,
    label_stream,
    next_unit,
    starts,
    windows,
    workspace,
)
from tests.bench.figures import Figure, shown, summary, write
from tests.bench.places import POSTGRESQL, SQLITE, Place, places
from tests.bench.sizes import SIZES, sizes_of

Part = Callable[[Place, Sequence[int]], Iterator[Figure]]
PARTS: dict[str, Part] = {
    "import": imports.figures,
    "next": next_unit.figures,
    "export": exports.figures,
    "stream": label_stream.figures,
    "agreement": agreement.figures,
    "window": windows.figures,
    "page": workspace.figures,
    "start": starts.figures,
}
# Where the database is not what is measured.
ON_SQLITE_ALONE = frozenset({"page", "start"})
WRITTEN = ROOT / "var" / "bench.json"


def main(arguments: Sequence[str] | None = None) -> int:
    wanted = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _end)  # what was started and made ends with the bench
    with places(wanted.on or (SQLITE, POSTGRESQL)) as found:
        figures = list(shown(_figures(wanted.parts or list(PARTS), found, wanted.size), _say))
    write(figures, wanted.json)
    print(f"\n{summary(figures)} All figures are in {wanted.json}.")
    return status(figures, strict=wanted.strict)


def _end(_number: int, _frame: object) -> NoReturn:
    raise SystemExit("The bench was ended.")


def _say(line: str) -> None:
    print(line, flush=True)


def status(figures: Sequence[Figure], *, strict: bool) -> int:
    """The status to end with: a miss is told; it fails where that is asked for."""
    return int(strict and any(figure.held is False for figure in figures))


def _figures(parts: Sequence[str], found: list[Place], sizes: Sequence[int]) -> Iterator[Figure]:
    for part in parts:
        for place in found:
            if place.name == SQLITE or part not in ON_SQLITE_ALONE:
                yield from PARTS[part](place, sizes)


def _part(name: str) -> str:
    if name not in PARTS:
        raise argparse.ArgumentTypeError(f"there is no {name}: say {', '.join(PARTS)}")
    return name


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", type=_part, metavar="PART", help=", ".join(PARTS))
    parser.add_argument(
        "--size",
        type=sizes_of,
        default=os.environ.get("BENCH_SIZE") or "full",
        help=f"{', '.join(SIZES)}, or numbers of comments: 1000,100000 (or BENCH_SIZE)",
    )
    parser.add_argument(
        "--on", action="append", choices=(SQLITE, POSTGRESQL), help="one of the databases alone"
    )
    parser.add_argument("--json", type=Path, default=WRITTEN, metavar="FILE")
    parser.add_argument("--strict", action="store_true", help="status 1 where a figure is missed")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
