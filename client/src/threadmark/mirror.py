"""A copy of a corpus or a campaign in a folder, kept up to date by what changed alone."""

from __future__ import annotations

import heapq
import json
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from threadmark.changes import Changes
from threadmark.connection import Connection, Row
from threadmark.errors import Conflict, Interrupted
from threadmark.files import Progress, whole_file

FILES = {
    "corpus": {"thread": "threads.jsonl", "comment": "comments.jsonl"},
    "campaign": {"annotation": "annotations.jsonl"},
}
STATE = "mirror.json"
JOURNAL = ".mirror.journal"

Version = tuple[int, int, "str | None"]


@dataclass(frozen=True)
class Mirrored:
    """``changed`` rows are new or say something else since the last time, ``gone`` ones are no
    more; ``files`` hold what is there now."""

    changed: int
    gone: int
    files: tuple[Path, ...]


def mirror(
    connection: Connection, feed: str, slug: str, folder: Path, progress: Progress | None
) -> Mirrored:
    """Brings the folder up to date.

    What changed is written down first, page by page together with the cursor behind it; only
    then are the files written anew, and the cursor last. Stopped anywhere, the next call goes on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    about = {"server": connection.url, feed: slug}
    kept = _kept(folder, about)
    files = {kind: folder / name for kind, name in FILES[feed].items()}
    path = f"{'corpora' if feed == 'corpus' else 'campaigns'}/{slug}/changes/"
    with closing(_Journal(folder / JOURNAL)) as journal:
        changes = Changes(connection, path, journal.cursor or kept)
        for rows, cursor in changes.pages():
            journal.add([_version(row, files.keys()) for row in rows], cursor)
            if progress:
                progress(journal.count(), None, "changes")
        for kind, file in files.items():
            if journal.count(kind) or not file.exists():
                _rewrite(file, journal.versions(kind))
        state = json.dumps({**about, "cursor": journal.cursor}, indent=1)
        with whole_file(folder / STATE) as written:
            written.write(state.encode() + b"\n")
        gone = journal.count(gone=True)
        told = Mirrored(journal.count() - gone, gone, tuple(files.values()))
    (folder / JOURNAL).unlink()
    return told


class _Journal:
    """The newest version of each row that changed, and the cursor behind them: on disk, so that
    nothing is asked twice and nothing has to fit in memory. Only one mirror at a time has it."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None, timeout=0)
        try:
            self._database.executescript(
                """
                PRAGMA locking_mode = EXCLUSIVE;
                BEGIN EXCLUSIVE;
                CREATE TABLE IF NOT EXISTS version (
                    kind TEXT, id INTEGER, line TEXT, PRIMARY KEY (kind, id)
                ) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS place (cursor TEXT);
                COMMIT;
                """
            )
        except sqlite3.OperationalError as error:
            self.close()
            message = f"{path.parent} is being brought up to date by another process ({error})."
            raise Conflict(message, code="conflict") from None

    def close(self) -> None:
        self._database.close()

    @property
    def cursor(self) -> str | None:
        found = self._database.execute("SELECT cursor FROM place").fetchone()
        return found[0] if found else None

    def add(self, versions: list[tuple[str, int, str | None]], cursor: str) -> None:
        """A page of changes with the cursor behind it: both or neither."""
        self._database.execute("BEGIN")
        self._database.executemany("REPLACE INTO version VALUES (?, ?, ?)", versions)
        self._database.execute("DELETE FROM place")
        self._database.execute("INSERT INTO place VALUES (?)", (cursor,))
        self._database.execute("COMMIT")

    def versions(self, kind: str) -> Iterator[Version]:
        found = self._database.execute(
            "SELECT id, 1, line FROM version WHERE kind = ? ORDER BY id", (kind,)
        )
        yield from found

    def count(self, kind: str | None = None, *, gone: bool = False) -> int:
        count: int
        (count,) = self._database.execute(
            "SELECT count(*) FROM version WHERE (kind = ?1 OR ?1 IS NULL)"
            " AND (line IS NULL OR NOT ?2)",
            (kind, gone),
        ).fetchone()
        return count


def _version(change: Row, kinds: Collection[str]) -> tuple[str, int, str | None]:
    """Kind, id, and the row as its own route shows it; None for one that is no more.

    Raises Interrupted for what is no change of this feed: it would go lost, or into a wrong place.
    """
    kind, id = change.get("kind"), change.get("id")
    row: Any = change.get(kind) if isinstance(kind, str) and kind in kinds else change
    is_row = row is None or (isinstance(row, dict) and type(row.get("id")) is int)
    if type(id) is not int or not 0 < id < 2**63 or not is_row or row is change:
        raise _no_change(change)
    if row is not None and row["id"] != id:
        raise _no_change(change)
    try:
        return kind, id, None if row is None else _line(row)  # type: ignore[return-value]
    except (ValueError, RecursionError):
        raise _no_change(change) from None


def _line(row: Row) -> str:
    """Halves of surrogate pairs, which JSON can say and a file cannot hold, stay escaped."""
    line = json.dumps(row, ensure_ascii=False, allow_nan=False)
    try:
        line.encode()
    except UnicodeEncodeError:
        return json.dumps(row, allow_nan=False)
    return line


def _no_change(said: Row) -> Interrupted:
    message = f"The server sent what is no change of this feed ({repr(said)[:60]} …)."
    return Interrupted(message, code="no_change")


def _rewrite(path: Path, changed: Iterator[Version]) -> None:
    """The file with the changed rows in their place, in the order of the ids."""
    both = heapq.merge(_lines(path), changed, key=lambda version: version[:2])
    with whole_file(path) as file:
        for _, versions in groupby(both, key=lambda version: version[0]):
            *_, (_, _, line) = versions
            if line is not None:
                file.write(line.encode() + b"\n")


def _lines(path: Path) -> Iterator[Version]:
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            yield json.loads(line)["id"], 0, line.rstrip("\n")


def _kept(folder: Path, about: dict[str, str]) -> str | None:
    """The cursor of the last time. Raises Conflict for a folder that mirrors something else."""
    path = folder / STATE
    if not path.exists():
        return None
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        state = None
    cursor = state.pop("cursor", None) if isinstance(state, dict) else None
    if not isinstance(cursor, str):
        raise Conflict(f"{path} is broken: choose another folder.", code="conflict")
    if state != about:
        what = ", ".join(f"{name} {value}" for name, value in state.items())
        raise Conflict(f"{folder} mirrors {what}: choose another folder.", code="conflict")
    return cursor
