"""The database of one measurement, as a process that measures sees it."""

from __future__ import annotations

import os


def prepare() -> None:
    """Set Django up on the database of this process's environment (places.py), with all tables."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    import django

    django.setup()


def series(begin: int, end: int) -> str:
    """The whole numbers from ``begin`` on and below ``end``, as SQL's ``n(i)``."""
    from django.db import connection

    if connection.vendor == "postgresql":
        return f"generate_series({begin}, {end - 1}) AS n(i)"
    counted = f"VALUES ({begin}) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {end}"
    return f"(WITH RECURSIVE n(i) AS ({counted}) SELECT i FROM n) AS n"
