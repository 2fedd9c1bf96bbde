"""A thread's comments under what they answer, as nested JSON of any size and depth."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import msgspec

_NODE = """
CREATE TABLE node (number INTEGER PRIMARY KEY, id TEXT UNIQUE, parent TEXT);
CREATE INDEX below ON node (parent, number);
"""
_MISSING = """
INSERT INTO node (id, parent) SELECT parent, ? FROM node
WHERE parent != '' AND parent NOT IN (SELECT id FROM node) GROUP BY parent ORDER BY min(number)
"""


class ReplyTree:
    """One thread after another. Close it: a file of the system's holds what fits in no memory."""

    def __init__(self) -> None:
        self._nodes = sqlite3.connect("", isolation_level=None)
        self._nodes.executescript(_NODE)
        self._nodes.execute("BEGIN")

    def close(self) -> None:
        self._nodes.close()

    def begin(self, root: str) -> None:
        """Another thread, which ``root`` opens."""
        self._root = root
        self._nodes.execute("DELETE FROM node")
        self.add(root, "")

    def add(self, name: str, parent: str) -> None:
        """A comment that answers ``parent``, which may come later, or not at all."""
        self._nodes.execute("INSERT INTO node (id, parent) VALUES (?, ?)", (name, parent))

    def written(self) -> Iterator[bytes]:
        """``{"root": {"reply": [], ...}}``: what nobody answers is ``[]``. Parents that never
        came stand below the root."""
        self._nodes.execute(_MISSING, (self._root,))
        yield b"{" + self._key(self._root)
        name = self._root
        while True:
            if below := self._next(name, 0):
                yield b"{" + self._key(below)
                name = below
                continue
            yield b"[]"
            while name != self._root:
                parent, number = self._place(name)
                if beside := self._next(parent, number):
                    yield b", " + self._key(beside)
                    name = beside
                    break
                yield b"}"
                name = parent
            else:
                break
        yield b"}\n"

    def _next(self, parent: str, number: int) -> str:
        """The next comment that answers ``parent``; "" where there is none."""
        found = self._nodes.execute(
            "SELECT id FROM node WHERE parent = ? AND number > ? ORDER BY number LIMIT 1",
            (parent, number),
        ).fetchone()
        return found[0] if found else ""

    def _place(self, name: str) -> tuple[str, int]:
        found: tuple[str, int] = self._nodes.execute(
            "SELECT parent, number FROM node WHERE id = ?", (name,)
        ).fetchone()
        return found

    def _key(self, name: str) -> bytes:
        return msgspec.json.encode(name) + b": "
