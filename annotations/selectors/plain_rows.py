"""Rows as the database gives them, for reading millions: Django makes an object of every value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL


def plain_rows(rows: QuerySet[Any, tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Those of a ``values_list``, all in memory on some databases; there must be a filter that
    can be met. Truth may be 0 or 1, and a time lack its zone: see ``in_utc``."""
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        yield from cursor


def in_utc(time: datetime | None) -> datetime | None:
    """A time that a database keeps in UTC without saying so."""
    return time.replace(tzinfo=UTC) if time and time.tzinfo is None else time


def these(ids: Sequence[int]) -> RawSQL:
    """To be used with ``__in``: one parameter, however many there are."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", (list(ids),))
    return RawSQL("SELECT value FROM json_each(%s)", (json.dumps(ids),))
