"""Reading for long without seeing the changes that others make meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


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
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
