"""The file of an export on its way into the storage: whole under its name, or not there."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import default_storage

FOLDER = "exports"


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file on this machine's disk, complete and synced. ``size`` is in bytes."""

    path: Path
    size: int
    sha256: str


class _Movable(File):  # type: ignore[type-arg]  # Django's File takes no type at run time
    """Lets a storage on the same disk rename the file instead of copying it."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(path.open("rb"), name=name)
        self._path = path

    def temporary_file_path(self) -> str:
        return str(self._path)


def write_file(path: Path, chunks: Iterable[bytes]) -> WrittenFile:
    """Write ``chunks`` to ``path`` and sync them to the disk."""
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        file.flush()
        os.fsync(file.fileno())
    return WrittenFile(path, size, digest.hexdigest())


def measured(path: Path) -> WrittenFile:
    """The file at ``path``, synced to the disk."""
    with path.open("rb+") as file:
        digest = hashlib.file_digest(file, "sha256")
        os.fsync(file.fileno())
    return WrittenFile(path, path.stat().st_size, digest.hexdigest())


def store(written: WrittenFile, name: str) -> str:
    """Move the file into the storage as ``name``; returns the name that it got there."""
    with _Movable(written.path, name) as file:
        try:
            stored = default_storage.save(name, file)
        except OSError:  # a full disk, to which the file was copied: half of it would stay
            default_storage.delete(name)
            raise
    written.path.unlink(missing_ok=True)
    _sync_folder(stored)
    return stored


def unfinished_path(name: str) -> Path:
    """Where the file called ``name`` is written: in the storage's own folder if it has one, else
    in one that nobody else may read."""
    return (_folder_of(name) or _own_folder()) / f".{Path(name).name}.part"


def discard(name: str) -> None:
    """Remove what an attempt left behind under ``name``, finished or not."""
    unfinished_path(name).unlink(missing_ok=True)
    default_storage.delete(name)


def _own_folder() -> Path:
    """Raises PermissionError where somebody else holds it."""
    folder = Path(tempfile.gettempdir()) / f"threadmark-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(
            f"{folder} belongs to somebody else: set TMPDIR to a folder of yours."
        )
    return folder


def _folder_of(name: str) -> Path | None:
    try:
        folder = Path(default_storage.path(name)).parent
    except NotImplementedError:
        return None
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _sync_folder(name: str) -> None:
    """A rename survives a power cut once its folder is synced."""
    folder = _folder_of(name)
    if folder is not None:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
