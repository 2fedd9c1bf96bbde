"""Rows that every save appends, inserted with SQL that is made once in a process."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model


def insert_rows(rows: Sequence[Model]) -> None:
    """Insert new rows of one model, whose keys the database gives, in one statement.

    As ``bulk_create`` does; the constraints of the database hold as ever.
    """
    if not rows:
        return
    model = type(rows[0])
    sql, fields = _statement(model, len(rows), connection.vendor)
    values = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection=connection)
        for row in rows
        for field in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        keys = cursor.fetchall()
    for row, (pk,) in zip(rows, keys, strict=True):
        row.pk = pk
        row._state.adding = False
        row._state.db = connection.alias


@cache
def _statement(model: type[Model], count: int, _vendor: str) -> tuple[str, list[Any]]:
    meta = model._meta
    key = meta.pk
    assert key is not None
    fields = [field for field in meta.concrete_fields if field is not key]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    row = "(" + ", ".join(["%s"] * len(fields)) + ")"
    rows = ", ".join([row] * count)
    table, pk = quote(meta.db_table), quote(str(key.column))
    sql = f"INSERT INTO {table} ({columns}) VALUES {rows} RETURNING {pk}"  # noqa: S608
    return sql, fields
