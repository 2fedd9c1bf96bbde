"""Rows that every save appends, inserted with SQL that is made once in a process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

from django.db import connection, models

from annotations.statements import Statement

# What Django's fields of these types store is what stands in the model.
AS_THEY_ARE = (
    *(models.BooleanField, models.CharField, models.TextField, models.FloatField),
    *(models.IntegerField, models.ForeignKey),
)


def insert_rows(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model, whose keys the database gives, in one statement.

    As ``bulk_create`` does; the constraints of the database hold as ever.
    """
    if not rows:
        return
    statement, readers = _statement(type(rows[0]), len(rows), connection.vendor)
    keys = statement([read(row) for row in rows for read in readers])
    for row, (pk,) in zip(rows, keys, strict=True):
        row.pk = pk
        row._state.adding = False
        row._state.db = connection.alias


@cache
def _statement(
    model: type[models.Model], count: int, _vendor: str
) -> tuple[Statement, list[Callable[[models.Model], Any]]]:
    """The statement for so many rows, and what reads each column from a row."""
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
    return Statement(sql), [_reader(field) for field in fields]


def _reader(field: models.Field[Any, Any]) -> Callable[[models.Model], Any]:
    if isinstance(field, AS_THEY_ARE):
        return attrgetter(str(field.attname))
    return lambda row: field.get_db_prep_save(field.pre_save(row, add=True), connection=connection)
