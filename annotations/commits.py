"""How soon what is committed is on the disk: before it is acknowledged, unless said otherwise here.

What does not wait is lost by no process of ours that is killed. A power cut may undo it, or a
PostgreSQL that is killed, but in order, and never the half of a transaction: it is as if all had
stopped a moment earlier. The next commit that waits takes along what was committed before.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, InterfaceError, connection, transaction

from annotations.statements import Statement

_LEVEL = {
    "sqlite": Statement("PRAGMA synchronous"),
    "postgresql": Statement("SHOW synchronous_commit"),
}
_WAITING = {"sqlite": 2, "postgresql": "on"}
_SOON = {
    "sqlite": Statement("PRAGMA synchronous = NORMAL"),
    "postgresql": Statement("SET synchronous_commit = off"),
}
_AT_ONCE = {
    "sqlite": Statement("PRAGMA synchronous = FULL"),
    "postgresql": Statement("SET synchronous_commit = on"),
}
_THIS_ONE_SOON = Statement("SET LOCAL synchronous_commit = off")


@contextmanager
def commits_on_disk_soon() -> Iterator[None]:
    """No commit in the block waits for the disk. Inside of a transaction, nothing changes."""
    vendor = connection.vendor
    waits = not connection.in_atomic_block and _LEVEL[vendor]() == [(_WAITING[vendor],)]
    if waits:
        _SOON[vendor]()
    try:
        yield
    finally:
        if waits:
            with suppress(DatabaseError, InterfaceError):  # a connection that is gone: so is this
                _AT_ONCE[vendor]()


@contextmanager
def on_disk_soon() -> Iterator[None]:
    """One transaction that does not wait. Inside of another one it is a part of that."""
    if connection.vendor == "sqlite":
        with commits_on_disk_soon(), transaction.atomic():
            yield
        return
    is_own = not connection.in_atomic_block
    with transaction.atomic():
        if is_own:
            _THIS_ONE_SOON()
        yield
