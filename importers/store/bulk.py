"""Many rows at once, the fastest way that each database has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import msgspec
from django.db import connection

ROWS_AT_ONCE = 400


def find_ids(table: str, corpus: int, source_ids: Iterable[str]) -> dict[str, int]:
    """The ids of those rows of a corpus that are there, by their source ids."""
    wanted = list(source_ids)
    if not wanted:
        return {}
    on_postgresql = connection.vendor == "postgresql"
    chosen = "= ANY(%s)" if on_postgresql else "IN (SELECT value FROM json_each(%s))"
    given = wanted if on_postgresql else msgspec.json.encode(wanted).decode()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT source_id, id FROM {table} WHERE corpus_id = %s AND source_id {chosen}",
            [corpus, given],
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
    table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> list[tuple[int, str]]:
    """Insert rows, leaving out those that are there; the (id, source_id) of those that went in."""
    names, row = ", ".join(columns), "(" + ", ".join(["%s"] * len(columns)) + ")"
    found: list[tuple[int, str]] = []
    with connection.cursor() as cursor:
        for batch in batches(rows, ROWS_AT_ONCE):
            cursor.execute(
                f"INSERT INTO {table} ({names}) VALUES {', '.join([row] * len(batch))} "
                "ON CONFLICT DO NOTHING RETURNING id, source_id",
                [value for values in batch for value in values],
            )
            found += cursor.fetchall()
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
