"""How soon a transaction is on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from annotations.statements import Statement

_LATER_ON_POSTGRESQL = Statement("SET LOCAL synchronous_commit = off")
_LEVEL, _LATER, _AT_ONCE = (
    Statement(f"PRAGMA synchronous{level}") for level in ("", " = NORMAL", " = FULL")
)
FULL = [(2,)]


@contextmanager
def on_disk_soon() -> Iterator[None]:
    """A transaction for what would be no loss, whose end does not wait for the disk.

    Where one of our processes is killed, nothing of it is lost; a power cut may undo it, or a
    PostgreSQL that is killed, but never the half of it. The next transaction that does wait, as
    each save, takes along what was committed before. Inside of another transaction it is a part
    of that.
    """
    is_own = not connection.in_atomic_block
    waits = is_own and connection.vendor == "sqlite" and _LEVEL() == FULL
    if waits:
        _LATER()
    try:
        with transaction.atomic():
            if is_own and connection.vendor == "postgresql":
                _LATER_ON_POSTGRESQL()
            yield
    finally:
        if waits:
            _AT_ONCE()
