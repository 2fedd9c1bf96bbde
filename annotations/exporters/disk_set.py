"""A set of texts that is larger than memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator


class DiskSet:
    """A set in a temporary file, which SQLite removes. Close it."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = OFF")
        self._connection.execute("CREATE TABLE held (value TEXT PRIMARY KEY) WITHOUT ROWID")
        self._connection.execute("BEGIN")

    def close(self) -> None:
        self._connection.close()

    def add(self, value: str) -> None:
        self._connection.execute("INSERT OR IGNORE INTO held VALUES (?)", (value,))

    def __contains__(self, value: str) -> bool:
        found = self._connection.execute("SELECT 1 FROM held WHERE value = ?", (value,))
        return found.fetchone() is not None

    def __iter__(self) -> Iterator[str]:
        """In the order of their code points."""
        for (value,) in self._connection.execute("SELECT value FROM held ORDER BY value"):
            yield value
