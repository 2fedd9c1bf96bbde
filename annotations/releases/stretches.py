"""Where each file of an archive lies in it, so that it can be given out without unpacking."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

LOCAL_HEADER_BYTES = 30
LENGTHS_AT = 26
BLOCK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Stretch:
    """The file ``name`` is ``size`` bytes of the archive from ``offset`` on."""

    name: str
    offset: int
    size: int


def stretches(archive: IO[bytes]) -> list[Stretch]:
    """Each file of a ZIP whose files are stored unpacked, in the order of their names."""
    with zipfile.ZipFile(archive) as opened:
        entries = sorted(opened.infolist(), key=lambda entry: entry.filename)
    return [
        Stretch(entry.filename, _content_at(archive, entry.header_offset), entry.file_size)
        for entry in entries
    ]


def pieces(archive: IO[bytes], stretch: Stretch) -> Iterator[bytes]:
    """The bytes of a file, in pieces."""
    archive.seek(stretch.offset)
    left = stretch.size
    while left and (piece := archive.read(min(left, BLOCK_BYTES))):
        left -= len(piece)
        yield piece


def _content_at(archive: IO[bytes], header: int) -> int:
    """Behind the file's own header, whose name and extra field have lengths of their own."""
    archive.seek(header + LENGTHS_AT)
    name, extra = struct.unpack("<HH", archive.read(4))
    return int(header + LOCAL_HEADER_BYTES + name + extra)
