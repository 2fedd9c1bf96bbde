"""How often an id was met, without memory that grows with the number of ids.

`Seen` is exact and keeps what no longer fits into memory in a temporary file. `Recent` forgets.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import OrderedDict
from types import TracebackType

IN_MEMORY = 50_000
RECENT = 10_000
DIGEST_BYTES = 16


class Seen:
    """Counts ids by their digests; a context manager that removes its file at the end."""

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        self._in_memory = in_memory
        self._counts: dict[bytes, int] = {}
        self._database: sqlite3.Connection | None = None

    def __enter__(self) -> Seen:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def add(self, id: str) -> bool:
        """Count the id; whether it is new."""
        return self.count(id) == 1

    def count(self, id: str) -> int:
        """Count the id; how often it was met by now."""
        key = hashlib.blake2b(id.encode(errors="surrogatepass"), digest_size=DIGEST_BYTES).digest()
        known = self._counts.get(key)
        count = (self._stored(key) if known is None else known) + 1
        self._counts[key] = count
        if len(self._counts) >= self._in_memory:
            self._spill()
        return count

    def _stored(self, key: bytes) -> int:
        if self._database is None:
            return 0
        found = self._database.execute("SELECT count FROM seen WHERE id = ?", (key,)).fetchone()
        return int(found[0]) if found else 0

    def _spill(self) -> None:
        if self._database is None:
            # No name: SQLite's own temporary file, which nobody else sees.
            self._database = sqlite3.connect("", isolation_level=None)
            self._database.execute(
                "CREATE TABLE seen (id BLOB PRIMARY KEY, count INTEGER) WITHOUT ROWID"
            )
        self._database.execute("BEGIN")
        self._database.executemany(
            "INSERT OR REPLACE INTO seen VALUES (?, ?)", sorted(self._counts.items())
        )
        self._database.execute("COMMIT")
        self._counts.clear()


class Recent:
    """Remembers the last ``size`` ids; an older one counts as new again."""

    def __init__(self, size: int = RECENT) -> None:
        self._size = size
        self._ids: OrderedDict[str, None] = OrderedDict()

    def add(self, id: str) -> bool:
        """Remember the id; whether it is new, as far as is remembered."""
        is_new = id not in self._ids
        self._ids[id] = None
        self._ids.move_to_end(id)
        if len(self._ids) > self._size:
            self._ids.popitem(last=False)
        return is_new
