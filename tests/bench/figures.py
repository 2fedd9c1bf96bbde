"""What `make bench` says: figures, each beside its floor and what it has to reach.

A part (imports.py, next_unit.py, ...) is a module with

    def figures(place: Place, sizes: Sequence[int]) -> Iterator[Figure]

which measures in one place (places.py) at each of the sizes, ascending. This module shows the
figures as a table, as they come, and writes them as JSON.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HEADS = f"{'median':>12s}{'p99':>10s}{'floor':>12s}{'ratio':>8s}  {'wanted':22s}{'peak MB':>8s}"


@dataclass(frozen=True)
class Wanted:
    """A bound: of the ratio to the floor, or of the value itself."""

    bound: float
    at_least: bool
    of_floor: bool = True

    def holds(self, figure: Figure) -> bool:
        seen = figure.ratio if self.of_floor else figure.median
        if seen is None:
            return False
        return seen >= self.bound if self.at_least else seen <= self.bound

    def __str__(self) -> str:
        words = "at least" if self.at_least else "at most"
        return f"{words} {round(self.bound, 2):g}{' x floor' if self.of_floor else ''}"


@dataclass(frozen=True)
class Figure:
    """One thing measured.

    ``size`` counts what the data is made of (comments, units, labels), ``values`` are the measured
    runs in ``unit``; ``floor`` is the median of the floor's, in the same unit, measured in the
    same run on the same database. ``p99`` is given where single requests are timed, ``peak_mb``
    is the most memory that the measured process held, by the operating system.
    """

    part: str
    what: str
    unit: str
    values: tuple[float, ...]
    database: str = ""
    size: int | None = None
    p99: float | None = None
    floor: float | None = None
    wanted: Wanted | None = None
    peak_mb: float | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def ratio(self) -> float | None:
        return self.median / self.floor if self.floor else None

    @property
    def held(self) -> bool | None:
        """Whether it reaches what is wanted; None where nothing is."""
        return self.wanted.holds(self) if self.wanted else None


def at_least(bound: float) -> Wanted:
    """So much of the floor, for rates."""
    return Wanted(bound, at_least=True)


def at_most(bound: float) -> Wanted:
    """So many times the floor, for times."""
    return Wanted(bound, at_least=False)


def not_more_than(bound: float) -> Wanted:
    """A value that itself may not be larger, in the figure's unit."""
    return Wanted(bound, at_least=False, of_floor=False)


def not_less_than(bound: float) -> Wanted:
    """A value that itself may not be smaller, in the figure's unit."""
    return Wanted(bound, at_least=True, of_floor=False)


def quantile(times: Sequence[float], percent: int) -> float:
    """Of at least two times: the one that so many percent of them do not exceed."""
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1]


def shown(figures: Iterable[Figure], say: Callable[[str], None]) -> Iterator[Figure]:
    """The same figures, each told as a line of a table as soon as it comes."""
    title = ""
    for figure in figures:
        size = "" if figure.size is None else f"{figure.size:,}"
        heading = ", ".join(filter(None, (figure.part, figure.database, size, figure.unit)))
        if heading != title:
            say(f"\n{heading}\n  {'':44s}{HEADS}")
            title = heading
        say(_line(figure))
        yield figure


def summary(figures: Iterable[Figure]) -> str:
    """How many held what was wanted of them, and which did not."""
    verdicts = [figure.held for figure in figures]
    held, missed = verdicts.count(True), verdicts.count(False)
    return f"{held} of {held + missed} held what is wanted of them, {missed} missed it."


def _line(figure: Figure) -> str:
    verdict = "  MISSED" if figure.held is False else ""
    return (
        f"  {figure.what:44s}{_number(figure.median, 12)}{_number(figure.p99, 10)}"
        f"{_number(figure.floor, 12)}{_number(figure.ratio, 8)}  {figure.wanted or ''!s:22s}"
        f"{_number(figure.peak_mb, 8)}{verdict}"
    ).rstrip()


def _number(value: float | None, width: int) -> str:
    if value is None:
        return " " * width
    digits = 0 if abs(value) >= 1_000 else 2 if abs(value) >= 0.1 else 4
    return f"{value:{width},.{digits}f}"


def write(figures: Sequence[Figure], path: Path) -> None:
    """All figures as JSON, with what they were measured on."""
    told: dict[str, Any] = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "system": platform.platform(),
            "processors": os.cpu_count(),
            "python": platform.python_version(),
            "load": os.getloadavg()[0],
        },
        "figures": [
            {
                **asdict(figure),
                "median": figure.median,
                "ratio": figure.ratio,
                "wanted": str(figure.wanted) if figure.wanted else None,
                "held": figure.held,
            }
            for figure in figures
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, indent=1) + "\n")
