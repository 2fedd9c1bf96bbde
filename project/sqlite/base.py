"""One writer at a time, in the order in which they came.

SQLite lets the threads of a process try again and again, with longer and longer pauses: whoever
has waited longest waits longest, and nobody writes meanwhile. Here they queue before they ask the
database for its lock. Other processes are waited for as ever.
"""

from __future__ import annotations

import os
from collections import defaultdict
from threading import Lock
from typing import Any

from django.db.backends.sqlite3 import base

IMMEDIATE = "IMMEDIATE"

_writing: defaultdict[str, Lock] = defaultdict(Lock)
# A copy of this process has none of its threads: whoever wrote there does not write here.
os.register_at_fork(after_in_child=_writing.clear)


class DatabaseWrapper(base.DatabaseWrapper):
    """A transaction of IMMEDIATE mode holds the file's place from its beginning to its end."""

    _place: Lock | None = None

    def _start_transaction_under_autocommit(self) -> None:
        if self.transaction_mode == IMMEDIATE and self._place is None:  # type: ignore[attr-defined]
            place = _writing[str(self.settings_dict["NAME"])]
            # As long as SQLite itself would wait; then that says why not.
            patience = float(self.settings_dict["OPTIONS"].get("timeout", 5))
            if place.acquire(timeout=patience):
                self._place = place
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._leave()
            raise

    def _commit(self) -> Any:
        try:
            return super()._commit()  # type: ignore[misc]
        finally:
            if not self._in_transaction():
                self._leave()

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            if not self._in_transaction():
                self._leave()

    def _close(self) -> Any:
        try:
            return super()._close()  # type: ignore[misc]
        finally:
            self._leave()

    def _in_transaction(self) -> bool:
        """Where a commit fails, as on a full disk, the transaction goes on until the rollback."""
        return self.connection is not None and bool(self.connection.in_transaction)

    def _leave(self) -> None:
        place, self._place = self._place, None
        if place is not None:
            place.release()
