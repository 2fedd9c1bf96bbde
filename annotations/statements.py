"""SQL that every click of an annotator sends: handed to the driver as it is.

Django's cursor serves every statement; for one that is known beforehand, what it does around the
driver takes longer than a small database takes to answer. What watches statements (the counts in
the tests, Django's debug log) sees these as well: they go by Django's cursor then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from threading import local
from typing import Any
from uuid import UUID

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.types.numeric import Int8Dumper

Rows = list[tuple[Any, ...]]


class Statement:
    """One statement with Django's marks (``%s``). Times and uuids are given as they are.

    On PostgreSQL it is planned once in a connection, and its numbers are bigints: a smaller number
    is the same statement. What could be of any type there, as a value that is selected, needs a
    ``CAST``.
    """

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self._for_sqlite = sql.replace("%s", "?").replace("%%", "%")

    def __call__(self, parameters: Sequence[Any] = ()) -> Rows:
        """The rows, read at once. Raises the errors of django.db."""
        wrapper = connections[DEFAULT_DB_ALIAS]
        parameters = [adapted(wrapper, one) for one in parameters]
        if wrapper.execute_wrappers or wrapper.queries_logged:
            with wrapper.cursor() as cursor:
                cursor.execute(self.sql, parameters)
                return cursor.fetchall() if cursor.description else []
        wrapper.close_if_health_check_failed()  # only at the first statement of a request
        if wrapper.connection is None:
            wrapper.ensure_connection()
        if wrapper.needs_rollback:
            wrapper.validate_no_broken_transaction()
        with wrapper.wrap_database_errors:
            if wrapper.vendor == "sqlite":
                rows: Rows = wrapper.connection.execute(self._for_sqlite, parameters).fetchall()
                return rows
            sent = _prepared(wrapper.connection).execute(self.sql, parameters)
            answer = sent.pgresult
            return sent.fetchall() if answer and answer.nfields else []


def adapted(wrapper: BaseDatabaseWrapper | Any, value: Any) -> Any:
    """The value as the database's driver takes it."""
    if isinstance(value, datetime):
        return wrapper.ops.adapt_datetimefield_value(value)
    if isinstance(value, UUID) and not wrapper.features.has_native_uuid_field:
        return value.hex
    return value


class _Kept(local):
    cursor: psycopg.Cursor[Any] | None = None


_kept = _Kept()


def _prepared(connection: psycopg.Connection[Any]) -> psycopg.Cursor[Any]:
    """A cursor whose statements are prepared at their first use, one for each thread as Django's
    connections are; those of Django's own cursors never are."""
    if _kept.cursor is None or _kept.cursor.connection is not connection:
        connection.prepare_threshold = 0
        connection.adapters.register_dumper(int, Int8Dumper)
        _kept.cursor = psycopg.Cursor(connection)
    return _kept.cursor
