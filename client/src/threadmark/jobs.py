"""Imports, exports and releases: work that the server does by and by."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Any

from threadmark.connection import Connection, Row, stranger
from threadmark.errors import Conflict, JobFailed
from threadmark.files import Progress, download

FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 2.0
TRIES = 6
SHA256 = re.compile(r"[0-9a-f]{64}")
ENDING = re.compile(r"\.([A-Za-z0-9]{1,10})\"?\s*\Z")
NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


class Job:
    """An import, export or release on the server.

    ``row`` is all that the server says of it (docs/api.md), as it was when it was last asked;
    ``kind`` is `imports`, `exports` or `releases`.
    """

    def __init__(self, connection: Connection, kind: str, row: Row) -> None:
        self._connection = connection
        self.kind = kind
        self.row = _job(row)

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
        self.row = _job(self._connection.get(f"{self.kind}/{self.id}/"))
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
                progress(*_far(self.row))
            if deadline is not None and time.monotonic() > deadline:
                raise JobFailed(self._said(f"is {self.state} still"), code="still_running")
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
            self.refresh()
        if self.state != "done":
            reason = self.row.get("error") or "Nobody said why."
            raise JobFailed(self._said(f"{self.state}: {reason}"), code=self.state)
        return self

    def cancel(self) -> Job:
        """Stops it. Raises Conflict where it has ended already."""
        path = f"{self.kind}/{self.id}/cancel/"
        self.row = _job(self._connection.post(path, repeatable=True))
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
        sha256, size = self.row.get("sha256"), self.row.get("bytes")
        if not (isinstance(sha256, str) and SHA256.fullmatch(sha256)):
            raise stranger("it gives no checksum (SHA-256) of the file")
        if type(size) is not int or size < 0:
            raise stranger("it gives no size of the file")
        place = Path(path)
        return download(
            self._connection,
            f"{self.kind}/{self.id}/file/",
            place / self._file_name() if place.is_dir() else place,
            sha256=sha256,
            size=size,
            tries=TRIES,
            progress=progress,
        )

    def _file_name(self) -> str:
        """The campaign, the export's number or the release's version, and the server's ending.

        Whatever the server says, it is a plain name: no folder, no hidden file.
        """
        answer = self._connection.ask("HEAD", f"{self.kind}/{self.id}/file/")
        found = ENDING.search(answer.headers.get("Content-Disposition", ""))
        ending = found[1].lower() if found else "bin"
        campaign, version = self.row.get("campaign"), self.row.get("version", self.id)
        name = NOT_IN_NAMES.sub("-", f"{campaign}-{version}").lstrip(".-")[:100]
        return f"{name}.{ending}"

    def _said(self, what: str) -> str:
        return f"The {self.kind[:-1]} {self.id} {what}"


def _job(said: Any) -> Row:
    """What the server says of a job. Raises Unreachable for anything else."""
    if not isinstance(said, dict) or type(said.get("id")) is not int or said["id"] < 1:
        raise stranger("it sent no job")
    if not {"state", "finished"} <= said.keys():
        raise stranger("it does not say how far the job is")
    return said


def _far(row: Row) -> tuple[int, int | None, str]:
    done, total = row.get("done"), row.get("total")
    return (
        done if isinstance(done, int) else 0,
        total if isinstance(total, int) else None,
        str(row.get("measure", "")),
    )
