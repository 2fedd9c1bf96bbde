"""Several uploaded files as one: a ZIP of them, so that one import takes them together."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO

from importers.files import shown_name

BLOCK_BYTES = 1024 * 1024


@contextmanager
def packed_together(files: Iterable[tuple[str, IO[bytes]]]) -> Iterator[IO[bytes]]:
    """An archive of the files, each a path and its bytes, as an open temporary file.

    Nothing is compressed, and no file is held in memory. The folders that the files came in
    stay; a path that occurs twice gets a number.
    """
    taken: set[str] = set()
    with tempfile.TemporaryFile() as archive:
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED, allowZip64=True) as packed:
            for path, file in files:
                with packed.open(_free_name(_inside(path), taken), "w", force_zip64=True) as member:
                    file.seek(0)
                    shutil.copyfileobj(file, member, BLOCK_BYTES)
        yield archive


def common_name(paths: Sequence[str]) -> str:
    """How several files are called as one: by their folder, or by the first of them."""
    folders = {PurePosixPath(_inside(path)).parts[0] for path in paths}
    if len(folders) == 1 and len(paths) > 1:
        return f"{folders.pop()}.zip"
    others = len(paths) - 1
    return f"{shown_name(paths[0])} and {others} other{'s' if others > 1 else ''}"


def _inside(path: str) -> str:
    """The path without anything that leads out of the archive."""
    parts = path.replace("\\", "/").split("/")
    return "/".join(shown_name(part) for part in parts if part not in ("", ".", "..")) or "file"


def _free_name(path: str, taken: set[str]) -> str:
    name, number = path, 1
    while name in taken:
        number += 1
        parent, _, last = path.rpartition("/")
        name = f"{parent}/{number} {last}" if parent else f"{number} {last}"
    taken.add(name)
    return name
