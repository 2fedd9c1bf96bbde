"""Where an exporter of many files writes them: a ZIP that has the same bytes each time."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from annotations.exporters.zip_entries import keep_entries_on_disk

BEFORE_ALL_TIMES = (1980, 1, 1, 0, 0, 0)
READABLE_BY_ALL = 0o100644 << 16


class Folder:
    """A ZIP archive at ``path`` as a folder to fill.

    Files stand in it unpacked, so that each is a stretch of the archive and no compressor can
    give other bytes elsewhere; they carry no time. Their order is that in which they were
    written. Use it as a context manager: it is whole only afterwards. ``beside`` is a place for
    what is not ready yet.
    """

    def __init__(self, path: Path) -> None:
        self._archive = zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True)
        self._entries = keep_entries_on_disk(self._archive)
        self.beside = path.parent

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._archive.close()
        self._entries.close()

    def add(self, name: str, content: bytes) -> None:
        """A whole file, for those that are small."""
        self._archive.writestr(_entry(name), content)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """A file to write to, which can seek; several may be open at once.

        It comes into the folder when it is closed, and not at all after an error.
        """
        with tempfile.TemporaryFile(dir=self.beside) as file:
            yield file
            file.seek(0)
            with self._archive.open(_entry(name), "w", force_zip64=True) as target:
                shutil.copyfileobj(file, target, 1024 * 1024)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, BEFORE_ALL_TIMES)
    entry.create_system = 3
    entry.external_attr = READABLE_BY_ALL
    return entry
