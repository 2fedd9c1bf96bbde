"""ZIP archives as folders, their promises checked before anything is unpacked."""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

from annotations.errors import UnreadableFile
from importers.packed import GROWTH_FREE_BYTES, GROWTH_LIMIT

SIGNS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
OFFICE = ("[Content_Types].xml", "mimetype", "META-INF/manifest.xml")
ENTRY_LIMIT = 200_000
UNPACKED_LIMIT = 20 * 1024**3
BUFFER_BYTES = 256 * 1024
DIRECTORY_LIMIT = 64 * 1024 * 1024
ENTRY_SIGN = b"PK\x01\x02"
# The others grow by gigabytes at once, whatever the archive promises.
PACKINGS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
DRIVE = re.compile(r"[A-Za-z]:")

BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in the archive; ``size`` packed, ``before`` the packed bytes in front of it."""

    name: str
    size: int
    before: int


def is_zip_folder(path: Path) -> bool:
    """Whether the file is a ZIP of files, and no Office document, which is one inside."""
    with path.open("rb") as file:
        if not file.read(4).startswith(SIGNS):
            return False
    try:
        with _opened(path) as archive:
            names = set(archive.namelist()[:20])
    except (*BROKEN, ValueError, UnreadableFile):
        return True
    return not names.intersection(OFFICE)


def _opened(path: Path) -> zipfile.ZipFile:
    """The archive; its list of files is looked at first, because opening takes it into memory.

    Raises UnreadableFile for too long a list, without the archive's name; else what zipfile does.
    """
    with path.open("rb") as file:
        end = zipfile._EndRecData(file)  # type: ignore[attr-defined]
        if end:
            size, begins = end[zipfile._ECD_SIZE], end[zipfile._ECD_LOCATION]  # type: ignore[attr-defined]
            file.seek(max(begins - size, 0))
            if size > DIRECTORY_LIMIT or file.read(size).count(ENTRY_SIGN) > ENTRY_LIMIT:
                raise UnreadableFile(f"it holds too many files; at most {ENTRY_LIMIT:,} are read")
    return zipfile.ZipFile(path)


class ZipFolder:
    """An archive whose entries are known to stay inside, and to be of a size to be believed."""

    def __init__(self, path: Path, name: str) -> None:
        self._name = name
        try:
            self._archive = _opened(path)
        except UnreadableFile as error:
            raise UnreadableFile(f"{name} cannot be taken: {error.message}.") from None
        except (*BROKEN, ValueError) as error:
            raise UnreadableFile(
                f"{name} is a broken ZIP archive ({error}). Fetch the file again."
            ) from None

    @cached_property
    def entries(self) -> list[Entry]:
        """The files by their names, without links to others.

        Raises UnreadableFile for an archive that is not believed.
        """
        infos = [info for info in self._archive.infolist() if _is_file(info)]
        self._check(infos)
        entries, before = [], 0
        for info in sorted(infos, key=lambda info: info.filename):
            entries.append(Entry(info.filename, info.compress_size, before))
            before += info.compress_size
        return entries

    def open(self, name: str) -> BinaryIO:
        """The unpacked bytes of an entry; reading raises UnreadableFile where they are broken."""
        try:
            opened = self._archive.open(name)
        except (*BROKEN, KeyError) as error:
            raise self._unreadable(name, error) from None
        return cast(BinaryIO, io.BufferedReader(_Entry(self, name, opened), BUFFER_BYTES))

    def _unreadable(self, name: str, error: Exception) -> UnreadableFile:
        return UnreadableFile(f"{name} in {self._name} cannot be unpacked: {error}.")

    def _check(self, infos: list[zipfile.ZipInfo]) -> None:
        unpacked = sum(info.file_size for info in infos)
        packed = sum(info.compress_size for info in infos)
        if unpacked > UNPACKED_LIMIT:
            raise UnreadableFile(
                f"{self._name} unpacks to {unpacked / 1024**3:,.0f} GiB; at most "
                f"{UNPACKED_LIMIT // 1024**3} are read."
            )
        if unpacked > GROWTH_FREE_BYTES and unpacked > GROWTH_LIMIT * max(packed, 1):
            raise UnreadableFile(
                f"{self._name} grows more than {GROWTH_LIMIT}-fold when it is unpacked, which no "
                "archive of texts does."
            )
        self._refuse_shared(infos)
        for info in infos:
            path = PurePosixPath(info.filename.replace("\\", "/"))
            if path.is_absolute() or ".." in path.parts or DRIVE.match(info.filename):
                raise UnreadableFile(
                    f"{self._name} holds a file named {info.filename!r}, which leads out of the "
                    "archive. Nothing of it was read."
                )
            if info.flag_bits & 1:
                raise UnreadableFile(
                    f"{info.filename!r} in {self._name} is locked with a password. Unpack it first."
                )
            if info.compress_type not in PACKINGS:
                raise UnreadableFile(
                    f"{info.filename!r} in {self._name} is packed in a way that is rare and is not "
                    "read here. Unpack the archive, and pack its files as an ordinary ZIP."
                )

    def _refuse_shared(self, infos: list[zipfile.ZipInfo]) -> None:
        """Entries that lie in each other: a few kilobytes that are unpacked again and again."""
        placed = sorted((info.header_offset, info.compress_size) for info in infos)
        for (start, size), (following, _) in pairwise(placed):
            if start + size > following or start == following:
                raise UnreadableFile(
                    f"{self._name} holds files that share their bytes, as no program packs them. "
                    "Nothing of it was read."
                )


def _is_file(info: zipfile.ZipInfo) -> bool:
    has_name = bool(info.filename)  # zipfile itself takes for granted that all have
    return has_name and not info.is_dir() and not stat.S_ISLNK(info.external_attr >> 16)


class _Entry(io.RawIOBase):
    def __init__(self, folder: ZipFolder, name: str, opened: IO[bytes]) -> None:
        self._folder, self._name, self._opened = folder, name, opened

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        try:
            data = self._opened.read(len(buffer))
        except BROKEN as error:
            raise self._folder._unreadable(self._name, error) from None
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._opened.close()
        super().close()
