"""Processes that take pieces of a large import beside the one that was started by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from types import TracebackType

from django.db import transaction

from importers.models import ImportPiece
from importers.source import Source


class HelperProcesses:
    """Starts up to ``count`` helpers when the first piece is shared; waits for them at the end.

    Each is ``manage.py take_pieces``; whatever becomes of it, its pieces are taken up by others.
    """

    def __init__(self, source: Source, count: int) -> None:
        self._source, self._count = source, count
        self._shared = 0
        self._processes: list[subprocess.Popen[bytes]] = []

    def share(self, piece: ImportPiece) -> None:
        """Let a helper take this piece, once it is committed."""
        self._shared += 1
        if self._shared <= self._count:
            transaction.on_commit(lambda: self._start(piece.run_id))

    def __enter__(self) -> HelperProcesses:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for process in self._processes:
            if kind is not None:
                process.terminate()
            process.wait()

    def _start(self, run: int) -> None:
        command = [sys.executable, "-m", "django", "take_pieces", str(run)]
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self._processes.append(
            subprocess.Popen(
                [*command, str(self._source.path.absolute())],
                env={**os.environ, "PYTHONPATH": path},
                stdin=subprocess.DEVNULL,
            )
        )
