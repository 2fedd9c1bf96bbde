"""The file that a reader is given: opened as often as needed, never read whole by itself."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

HEAD_BYTES = 1024 * 1024


class Source:
    """A file on disk with the name that its owner gave it."""

    def __init__(self, path: Path, name: str | None = None) -> None:
        self.path = path
        self.name = name or path.name
        self._file: BinaryIO | None = None

    def open(self) -> BinaryIO:
        """Open the file anew for reading bytes; ``position`` follows the last one opened."""
        self._file = self.path.open("rb")
        return self._file

    @property
    def position(self) -> int:
        """How many bytes a reader has taken so far, for progress."""
        if self._file is None:
            return 0
        return self.size if self._file.closed else self._file.tell()

    @cached_property
    def size(self) -> int:
        return self.path.stat().st_size

    @cached_property
    def head(self) -> bytes:
        """The first MiB: enough to tell a format, and never more than that in memory."""
        with self.path.open("rb") as file:
            return file.read(HEAD_BYTES)

    @cached_property
    def sha256(self) -> str:
        """The digest of the whole file as 64 hex digits."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
