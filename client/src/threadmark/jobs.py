"""Imports, exports and releases: work that the server does by and by."""

from __future__ import annotations

import os
import time
from pathlib import Path

from threadmark.connection import Connection, Row
from threadmark.errors import Conflict, JobFailed
from threadmark.files import Progress, download

FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 2.0
TRIES = 6


class Job:
    """An import, export or release on the server.

    ``row`` is all that the server says of it (docs/api.md), as it was when it was last asked;
    ``kind`` is `imports`, `exports` or `releases`.
    """

    def __init__(self, connection: Connection, kind: str, row: Row) -> None:
        self._connection = connection
        self.kind = kind
        self.row = row

    def __repr__(self) -> str:
        return f"<{self.kind[:-1]} {self.id}: {self.state}>"

    @property
    def id(self) -> int:
        """Its number."""
        return int(self.row["id"])

    @property
    def state(self) -> str:
        """`staged`, `queued`, `running`, `done`, `failed` or `cancelled`."""
        return str(self.row["state"])

    @property
    def finished(self) -> bool:
        """Whether it has ended, well or not."""
        return bool(self.row["finished"])

    def refresh(self) -> Job:
        """Asks the server how far it is. Raises ThreadmarkError.

        For example:

            job.refresh().state

        """
        self.row = self._connection.get(f"{self.kind}/{self.id}/")
        return self

    def wait(self, *, progress: Progress | None = None, timeout: float | None = None) -> Job:
        """Waits until it is done, at most ``timeout`` seconds (None: however long it takes).

        ``progress`` is called with what is done, of how much, and what is counted. Raises
        JobFailed where it failed or was cancelled, where no worker runs that would do it, and
        where the time is over; the job goes on then.

            job.wait(progress=print)
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        pause = FIRST_PAUSE_SECONDS
        while not self.finished:
            if progress:
                progress(self.row["done"], self.row["total"], self.row["measure"])
            if deadline is not None and time.monotonic() > deadline:
                raise JobFailed(self._said(f"is {self.state} still"), code="still_running")
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
            self.refresh()
        if self.state != "done":
            reason = self.row["error"] or "Nobody said why."
            raise JobFailed(self._said(f"{self.state}: {reason}"), code=self.state)
        return self

    def cancel(self) -> Job:
        """Stops it. Raises Conflict where it has ended already."""
        self.row = self._connection.post(f"{self.kind}/{self.id}/cancel/", repeatable=True)
        return self

    def download(
        self, path: str | os.PathLike[str] = ".", *, progress: Progress | None = None
    ) -> Path:
        """Fetches the file of a finished export or release; gives its path.

        Into a folder it comes under a name of its own. A broken connection is gone on with, and
        so is an earlier call that was stopped: what it left is beside the file, hidden, as
        ``.NAME.SHA.part``. The checksum (SHA-256) is compared before the file gets its name.
        Raises Interrupted, and Conflict where there is no file.

            server.export("harbour", format="csv").download("labels.csv")
        """
        if self.kind == "imports" or self.state != "done":
            raise Conflict(self._said("has no file to download."), code="conflict")
        place = Path(path)
        return download(
            self._connection,
            f"{self.kind}/{self.id}/file/",
            place / self._file_name() if place.is_dir() else place,
            sha256=self.row["sha256"],
            size=self.row["bytes"],
            tries=TRIES,
            progress=progress,
        )

    def _file_name(self) -> str:
        """The campaign, the export's number or the release's version, and the server's ending."""
        answer = self._connection.ask("HEAD", f"{self.kind}/{self.id}/file/")
        told = answer.headers.get("Content-Disposition", "").rstrip('"')
        ending = told.rpartition(".")[2] if "." in told else "bin"
        return f"{self.row['campaign']}-{self.row.get('version', self.id)}.{ending}"

    def _said(self, what: str) -> str:
        return f"The {self.kind[:-1]} {self.id} {what}"
