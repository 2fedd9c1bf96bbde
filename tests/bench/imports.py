"""How fast an import is, as a ratio to a floor in the same run.

The floor parses the same JSON Lines and inserts the same rows raw into the same database, in one
transaction: no ids looked up, no replies resolved, nothing checked, everything known beforehand.
Each side begins with an empty database of its own. A time alone says little on another machine,
the ratio does. Where other programs are busy the processor's seconds tell more than the rates; on
PostgreSQL they are those of one process, without the server's and the helpers'. DATABASE_URL
chooses PostgreSQL (its database is made anew: name one for this); otherwise the databases are
SQLite files in a temporary folder.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.discussion import write_discussion

SMALL, LARGE = 10_000, 1_000_000


def measure(small: int, comments: int) -> None:
    """Prints the rates at two sizes beside their floors."""
    with tempfile.TemporaryDirectory() as folder:
        rates: dict[int, dict[str, float]] = {}
        for count in (small, comments):
            file = Path(folder) / f"{count}.ndjson"
            write_discussion(file, count)
            size = file.stat().st_size / 1e6
            print(f"\n{count:,} comments, {size:,.0f} MB of JSON Lines")
            rates[count] = {
                side: _measure(side, file, Path(folder) / f"{side}-{count}")
                for side in ("floor", "threadmark")
            }
            file.unlink()
            ratio = rates[count]["threadmark"] / rates[count]["floor"]
            print(f"  ratio to the floor  {ratio:9.2f}  (wanted at {LARGE:,}: at least 0.50)")
    at_small, at_large = (rates[count]["threadmark"] for count in (small, comments))
    print(f"\nrate at {comments:,} / rate at {small:,}: {at_large / at_small:.2f}")


def _measure(side: str, file: Path, var: Path) -> float:
    """Comments a second, in a process of its own."""
    environment = {**os.environ, "VAR_DIR": str(var)}
    command = [sys.executable, "-m", f"tests.bench.{side}", str(file)]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    rate: float = told["comments"] / told["seconds"]
    print(
        f"  {side:18s}{rate:11,.0f} comments/s  {told['cpu_seconds']:7.1f} s of its processor  "
        f"{told['peak_mb']:5.0f} MB at most",
        flush=True,
    )
    return rate
