"""Measuring in a process of its own: it begins with nothing in memory, and tells what it took."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.bench.places import Environment


@dataclass(frozen=True)
class Took:
    """What one piece of work took. The seconds of the processor are those of the process alone,
    without a database server's; the megabytes the most that it held, by the operating system."""

    rows: int
    seconds: float
    processor_seconds: float
    peak_mb: float

    @property
    def rate(self) -> float:
        return self.rows / self.seconds


def child(module: str, *arguments: object, environment: Environment) -> dict[str, Any]:
    """Run ``python -m module`` and give what it told in its last line, a JSON object."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def timed_child(module: str, *arguments: object, environment: Environment) -> Took:
    """The same for one that ends with ``tell``."""
    return Took(**child(module, *arguments, environment=environment))


def tell(work: Callable[[], int]) -> None:
    """Do the work, which gives how many rows it was; print what it took."""
    began, began_processor = time.perf_counter(), time.process_time()
    rows = work()
    seconds, of_processor = time.perf_counter() - began, time.process_time() - began_processor
    print(json.dumps(asdict(Took(rows, seconds, of_processor, peak_mb()))))


def peak_mb() -> float:
    """The most memory that this process has held at once, by the operating system."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
