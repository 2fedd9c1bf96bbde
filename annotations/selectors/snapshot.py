"""Reading for long without seeing the changes that others make meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

CACHE_KIB = 8 * 1024
"""Of SQLite's pages while it lasts. Reading from one end to the other comes back to few of them,
and a cache as large as usual would be most of what a worker holds in memory."""


@contextmanager
def snapshot() -> Iterator[None]:
    """All reads of the block see the database as it was at the first one; writers go on.

    For reading only. Inside a transaction, or another snapshot, it is that one's view.
    """
    if connection.in_atomic_block or _in_deferred_transaction():
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        yield from _deferred_transaction()


def _in_deferred_transaction() -> bool:
    """Whether SQLite is in one that ``atomic`` does not know of."""
    if connection.vendor != "sqlite" or connection.connection is None:
        return False
    return bool(connection.connection.in_transaction)


def _deferred_transaction() -> Iterator[None]:
    """SQLite's own snapshot. ``atomic`` would begin IMMEDIATE and lock all writers out."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        (usual,) = cursor.fetchone()
        cursor.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
            cursor.execute(f"PRAGMA cache_size={usual}")
