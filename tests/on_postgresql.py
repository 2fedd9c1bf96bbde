"""``python -m tests.on_postgresql [pytest arguments]``: pytest, on PostgreSQL.

The server is the one of TEST_POSTGRES_URL, else one from a wheel that lives as long as the
tests; the broker is the one of REDIS_URL, else the one that comes with the application.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tests.servers import postgres_server


def main() -> int:
    with postgres_server() as url:
        command = [sys.executable, "-m", "pytest", *sys.argv[1:]]
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}).returncode


if __name__ == "__main__":
    raise SystemExit(main())
