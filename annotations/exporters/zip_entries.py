"""The list of a ZIP's files on the disk instead of in memory: there may be a million."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from typing import Any
from zipfile import ZipFile, ZipInfo

import msgspec

KEPT = (
    *("filename", "date_time", "create_system", "create_version", "extract_version", "flag_bits"),
    *("external_attr", "CRC", "compress_size", "file_size", "header_offset"),
)
SIZE_BYTES = 4


class ZipEntries(list[ZipInfo]):
    """What an archive that is being written appends to, and reads once when it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self._file = tempfile.TemporaryFile()  # noqa: SIM115
        self._count = 0

    def append(self, entry: ZipInfo) -> None:
        content = msgspec.msgpack.encode([getattr(entry, name) for name in KEPT])
        self._file.seek(0, os.SEEK_END)
        self._file.write(len(content).to_bytes(SIZE_BYTES) + content)
        self._count += 1

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[ZipInfo]:
        self._file.seek(0)
        while size := self._file.read(SIZE_BYTES):
            values = msgspec.msgpack.decode(self._file.read(int.from_bytes(size)))
            entry = ZipInfo(values[0], tuple(values[1]))
            for name, value in zip(KEPT[2:], values[2:], strict=True):
                setattr(entry, name, value)
            yield entry

    def close(self) -> None:
        self._file.close()


class EntriesByName(dict[str, ZipInfo]):
    """The same for one who asks for a file by its name while the archive is written, which is
    rare: the list is read through."""

    def __init__(self, entries: ZipEntries) -> None:
        super().__init__()
        self._entries = entries

    def __setitem__(self, name: str, entry: ZipInfo) -> None:
        pass

    def get(self, name: str, default: Any = None) -> Any:
        return next((one for one in self._entries if one.filename == name), default)


def keep_entries_on_disk(archive: ZipFile) -> ZipEntries:
    """For a new archive, still empty. Close what is returned after the archive."""
    entries = ZipEntries()
    archive.filelist = entries
    archive.NameToInfo = EntriesByName(entries)
    return entries
