"""An empty database with all tables, for one side of the measurement."""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Callable
from typing import Any


def prepare() -> None:
    """Set Django up on an empty database; on PostgreSQL all tables of the named one are dropped."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
    call_command("migrate", verbosity=0, skip_checks=True)


def series(begin: int, end: int) -> str:
    """The whole numbers from ``begin`` on and below ``end``, as SQL's ``n(i)``."""
    from django.db import connection

    if connection.vendor == "postgresql":
        return f"generate_series({begin}, {end - 1}) AS n(i)"
    counted = f"VALUES ({begin}) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {end}"
    return f"(WITH RECURSIVE n(i) AS ({counted}) SELECT i FROM n) AS n"


def tell(work: Callable[[], int]) -> None:
    """Do the work, which gives the number of comments stored; print what it took as JSON."""
    began, began_cpu = time.monotonic(), time.process_time()
    comments = work()
    told: dict[str, Any] = {
        "comments": comments,
        "seconds": time.monotonic() - began,
        "cpu_seconds": time.process_time() - began_cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(told))
