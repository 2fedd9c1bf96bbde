"""Many rows at once, the fastest way that each database has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import msgspec
from django.db import connection

ROWS_AT_ONCE = 400


def among(column: str, values: Iterable[Any]) -> tuple[str, Any]:
    """A condition that the column holds one of these values, and its parameter.

    The same text however many they are: SQLite keeps each statement that it has met, and one
    with ten thousand placeholders takes a megabyte.
    """
    listed = list(values)
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s)", listed
    return f"{column} IN (SELECT value FROM json_each(%s))", msgspec.json.encode(listed).decode()


def find_ids(table: str, corpus: int, source_ids: Iterable[str]) -> dict[str, int]:
    """The ids of those rows of a corpus that are there, by their source ids."""
    condition, wanted = among("source_id", source_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT source_id, id FROM {table} WHERE corpus_id = %s AND {condition}",
            [corpus, wanted],
        )
        return dict(cursor.fetchall())


def reserve_ids(table: str, count: int) -> Sequence[int]:
    """Ids for rows that are inserted in this transaction, so that they can name each other."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [table, count],
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
        first = row[0] + 1 if row else 1
        return range(first, first + count)


def insert_missing(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
    """Insert rows, leaving out those that break a unique constraint; how many went in.

    PostgreSQL takes them by COPY into a temporary table of the transaction, SQLite one by one
    in one statement.
    """
    if not rows:
        return 0
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _copy(cursor, table, names, rows)
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT {names} FROM new_{table} "
                "ON CONFLICT DO NOTHING"
            )
        else:
            values = ", ".join(["%s"] * len(columns))
            cursor.executemany(
                f"INSERT INTO {table} ({names}) VALUES ({values}) ON CONFLICT DO NOTHING", rows
            )
        return int(cursor.rowcount)


def insert_returning(
    table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> dict[str, int]:
    """Insert rows that were not there a moment ago; the ids of those that went in by source id.

    The first two columns are ``corpus_id`` and ``source_id``. SQLite, on which nobody else can
    have written since, is asked for the ids afterwards: one statement for many rows would be
    another for each number of rows, and each is kept with its values.
    """
    if not rows:
        return {}
    if connection.vendor != "postgresql":
        insert_missing(table, columns, rows)
        return find_ids(table, rows[0][0], [row[1] for row in rows])
    names, row = ", ".join(columns), "(" + ", ".join(["%s"] * len(columns)) + ")"
    found: dict[str, int] = {}
    with connection.cursor() as cursor:
        for batch in batches(rows, ROWS_AT_ONCE):
            cursor.execute(
                f"INSERT INTO {table} ({names}) VALUES {', '.join([row] * len(batch))} "
                "ON CONFLICT DO NOTHING RETURNING source_id, id",
                [value for values in batch for value in values],
            )
            found.update(cursor.fetchall())
    return found


def update_rows(
    table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], types: Sequence[str]
) -> None:
    """Give rows new values; each of ``rows`` is the values and, last, the id.

    ``types`` are PostgreSQL's names for those of the columns, which a join has to be told.
    """
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            columns_typed = ", ".join(f"{c} {t}" for c, t in zip(columns, types, strict=True))
            cursor.execute(
                f"CREATE TEMP TABLE changed_{table} ({columns_typed}, id bigint) ON COMMIT DROP"
            )
            with cursor.copy(f"COPY changed_{table} FROM STDIN") as copy:
                for values in rows:
                    copy.write_row(values)
            assigned = ", ".join(f"{column} = n.{column}" for column in columns)
            cursor.execute(
                f"UPDATE {table} SET {assigned} FROM changed_{table} n WHERE {table}.id = n.id"
            )
            cursor.execute(f"DROP TABLE changed_{table}")
        else:
            assigned = ", ".join(f"{column} = %s" for column in columns)
            cursor.executemany(f"UPDATE {table} SET {assigned} WHERE id = %s", rows)


def batches(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """The rows in lists of at most ``size``."""
    remaining = iter(rows)
    while batch := list(islice(remaining, size)):
        yield batch


def storable_time() -> Callable[[datetime], Any]:
    """What makes an aware time storable in this database, in rows that the ORM does not write."""
    if connection.vendor == "postgresql":
        return lambda moment: moment
    return lambda moment: str(
        (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).replace(tzinfo=None)
    )


def _copy(cursor: Any, table: str, names: str, rows: Sequence[Sequence[Any]]) -> None:
    cursor.execute(
        f"CREATE TEMP TABLE IF NOT EXISTS new_{table} ON COMMIT DELETE ROWS AS "
        f"SELECT {names} FROM {table} WITH NO DATA"
    )
    cursor.execute(f"TRUNCATE new_{table}")
    with cursor.copy(f"COPY new_{table} ({names}) FROM STDIN") as copy:
        for values in rows:
            copy.write_row(values)
