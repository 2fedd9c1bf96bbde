"""How a test that commits leaves the database as it found it."""

from __future__ import annotations

import time

from django.db import DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase

# So many rows that were deleted would slow down the tests that follow, were they not swept out.
MANY = 1_000
# A worker that a test started may still write what the test did not wait for.
TRIES = 20
BEFORE_ALL, AFTER_ALL = "2000-01-01 00:00:00", "9999-01-01 00:00:00"
# What migrations wrote stays: writing it again takes longer than most tests.
KEPT = ("django_migrations", "django_content_type", "auth_permission")


def empty_quickly() -> None:
    """Let tests that commit delete the rows that there are, in place of truncating each table.

    PostgreSQL makes a new file for every table that it truncates: that took most of their time.
    """
    TransactionTestCase._fixture_teardown = _delete_rows  # type: ignore[attr-defined]


def _delete_rows(self: TransactionTestCase) -> None:
    for alias in self._databases_names(include_mirrors=False):  # type: ignore[attr-defined]
        connection = connections[alias]
        names = connection.introspection.django_table_names(only_existing=True, include_views=False)
        tables = [name for name in names if name not in KEPT]
        quoted = [connection.ops.quote_name(name) for name in tables]
        holds = " UNION ALL ".join(
            f"SELECT {number} WHERE EXISTS (SELECT 1 FROM {name})"  # noqa: S608  own tables
            for number, name in enumerate(quoted)
        )
        large = _deleted(connection, holds, quoted)
        if connection.vendor == "postgresql":
            for name in large:
                with connection.cursor() as cursor:
                    cursor.execute(f"VACUUM {name}")


def _let_go_of_the_log(cursor: CursorWrapper) -> None:
    """The audit log forgets what an entry of it says; that entry itself goes last."""
    cursor.execute(
        "INSERT INTO audit_entry (at, act, name, way, token, address, kind, about, details, "
        "forgets_before) VALUES (%s, 'log_forgotten', '', 'command', '', '', '', '', '{}', %s)",
        [BEFORE_ALL, AFTER_ALL],
    )
    cursor.execute(
        "DELETE FROM audit_entry WHERE forgets_before IS NULL OR forgets_before < %s",
        [AFTER_ALL],
    )
    cursor.execute("DELETE FROM audit_entry")


def _deleted(connection: BaseDatabaseWrapper, holds: str, quoted: list[str]) -> list[str]:
    """Deletes the rows; gives the tables that had many."""
    for left in reversed(range(TRIES)):
        large = []
        try:
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                cursor.execute(holds)
                full = cursor.fetchall()
                _let_go_of_the_log(cursor)
                for (number,) in full:
                    cursor.execute(f"DELETE FROM {quoted[number]}")  # noqa: S608  own tables
                    if cursor.rowcount > MANY:
                        large.append(quoted[number])
        except DatabaseError:
            if not left:
                raise
            time.sleep(0.25)
        else:
            break
    return large
