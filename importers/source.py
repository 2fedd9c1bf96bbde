"""What a reader is given: a file, packed or not, or a collection of files (a folder, a ZIP)."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from annotations.errors import UnreadableFile
from importers.archives import ZipFolder, is_zip_folder
from importers.lines import Line, numbered_lines
from importers.outline import Outline, outline_of
from importers.packed import packing_of, unpacked
from importers.records import RecordError

HEAD_BYTES = 1024 * 1024
BLOCK_BYTES = 1024 * 1024
HIDDEN = ("__MACOSX", "Thumbs.db", "desktop.ini")


class Source:
    """A file or folder on disk with the name that its owner gave it.

    ``open``, ``lines`` and ``head`` give unpacked bytes: a reader never sees gzip or Zstandard.
    ``size`` and ``position`` count bytes on disk, for progress. Files can be opened as often as
    needed, one at a time.
    """

    first_line = 1

    def __init__(self, path: Path, name: str | None = None) -> None:
        self.path = path
        self.name = name or path.name
        self._file: BinaryIO | None = None
        self._reading: Source | None = None

    @cached_property
    def is_collection(self) -> bool:
        """Whether this is a folder or a ZIP of files; such a source has members, but no bytes."""
        return self.path.is_dir() or is_zip_folder(self.path)

    @cached_property
    def members(self) -> tuple[Source, ...]:
        """The files of a collection by their names in it, without hidden ones; else the source.

        Raises UnreadableFile for an archive that is broken, too large, or has paths that lead
        out of it.
        """
        if not self.is_collection:
            return (self,)
        if self.path.is_dir():
            return tuple(_folder_members(self))
        archive = ZipFolder(self.path, self.name)
        entries = [entry for entry in archive.entries if not _is_hidden(entry.name)]
        return tuple(
            Member(self, archive, entry.name, entry.size, entry.before) for entry in entries
        )

    def member(self, *names: str) -> Source | None:
        """The first member whose path ends in one of these names, whatever their case."""
        wanted = [PurePosixPath(name.lower()).parts for name in names]
        for parts in wanted:
            for member in self.members:
                if PurePosixPath(member.name.lower()).parts[-len(parts) :] == parts:
                    return member
        return None

    def open(self) -> BinaryIO:
        """Open the file anew, for reading its unpacked bytes; raises UnreadableFile.

        So does reading, where the packed bytes are broken or grow beyond belief.
        """
        if self.is_collection:
            raise UnreadableFile(f"{self.name} holds several files; this format reads one.")
        self._reading = None
        self._file = self._open_packed()
        return unpacked(self._file, self.name, self.packing)

    def lines(self) -> Iterator[Line | RecordError]:
        """The lines, numbered from ``first_line`` (see ``importers.lines``)."""
        with self.open() as file:
            yield from numbered_lines(file, first=self.first_line)

    def read(self, limit: int) -> bytes:
        """All bytes; raises UnreadableFile if there are more than ``limit``."""
        with self.open() as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise UnreadableFile(
                f"{self.name} has more than {limit:,} bytes, which this format has to read in one "
                "piece. Split it."
            )
        return data

    @cached_property
    def packing(self) -> str:
        """gzip, zstd, bzip2, xz, or nothing."""
        return packing_of(self._packed_head)

    @property
    def position(self) -> int:
        """How many bytes on disk a reader has taken so far, for progress."""
        if self._reading is not None:
            return self._reading.position
        if self._file is None:
            return 0
        return self.size if self._file.closed else self._file.tell()

    @cached_property
    def size(self) -> int:
        if self.path.is_dir():
            return sum(member.size for member in self.members)
        return self.path.stat().st_size

    @cached_property
    def head(self) -> bytes:
        """The first MiB unpacked: enough to tell a format. Empty for a collection."""
        if self.is_collection:
            return b""
        with self._open_packed() as file, unpacked(file, self.name, self.packing) as opened:
            return opened.read(HEAD_BYTES)

    @cached_property
    def outline(self) -> Outline:
        """What the head is as JSON: its shape and first values (see ``importers.outline``)."""
        return outline_of(self.head, is_cut=len(self.head) == HEAD_BYTES)

    @cached_property
    def sha256(self) -> str:
        """The digest of the file as it is kept, as 64 hex digits; of a folder, that of its list."""
        if self.path.is_dir():
            listing = "".join(f"{member.sha256}  {member.name}\n" for member in self.members)
            return hashlib.sha256(listing.encode()).hexdigest()
        with self._open_packed() as file:
            return hashlib.file_digest(cast(io.BufferedReader, file), "sha256").hexdigest()

    @cached_property
    def path_on_disk(self) -> Path | None:
        """Where the unpacked bytes lie as a file of their own, for libraries that need one."""
        return None if self.is_collection or self.packing else self.path

    def verify(self, tick: Callable[[], None] = lambda: None) -> None:
        """Read all that is packed to its end, so that nothing of a broken file is stored.

        Raises UnreadableFile. Costs nothing for files that are not packed.
        """
        for member in self.members:
            if member.packing or isinstance(member, Member):
                with member.open() as file:
                    while file.read(BLOCK_BYTES):
                        tick()

    def _turn_to(self, member: Source) -> None:
        """Let go of what is remembered of the member read before: memory is for one."""
        before, self._reading = self._reading, member
        if before is not None and before is not member:
            before._file = None
            for name in ("head", "outline", "_packed_head"):
                before.__dict__.pop(name, None)

    def _open_packed(self) -> BinaryIO:
        return self.path.open("rb")

    @cached_property
    def _packed_head(self) -> bytes:
        with self._open_packed() as file:
            return file.read(16)


class FolderFile(Source):
    """A file of a folder; ``before`` is the size of the members in front of it."""

    is_collection = False

    def __init__(self, folder: Source, path: Path, name: str, before: int) -> None:
        super().__init__(path, name)
        self._folder = folder
        self._before = before

    def _open_packed(self) -> BinaryIO:
        self._folder._turn_to(self)
        return super()._open_packed()

    @property
    def position(self) -> int:
        return self._before + super().position


class Member(Source):
    """A file of a ZIP. ``size`` is what it takes in the archive."""

    is_collection = False
    path_on_disk = None

    def __init__(
        self, folder: Source, archive: ZipFolder, name: str, size: int, before: int
    ) -> None:
        super().__init__(folder.path, name)
        self._folder = folder
        self._archive = archive
        self._before = before
        self.size = size

    def _open_packed(self) -> BinaryIO:
        self._folder._turn_to(self)
        return self._archive.open(self.name)

    @property
    def position(self) -> int:
        is_read = self._file is not None and self._file.closed
        return self._before + (self.size if is_read else 0)


class Piece(Source):
    """The lines of a file from byte ``start`` to byte ``end``, as unpacked, as a source of its own.

    It has the head, digest and name of the whole; ``first_line`` is the number of its first line.
    """

    is_collection = False
    packing = ""
    path_on_disk = None

    def __init__(self, whole: Source, start: int, end: int, first_line: int) -> None:
        super().__init__(whole.path, whole.name)
        self.start, self.end, self.first_line = start, end, first_line
        self._whole = whole

    head = property(lambda self: self._whole.head)
    outline = property(lambda self: self._whole.outline)
    sha256 = property(lambda self: self._whole.sha256)
    size = property(lambda self: self.end - self.start)

    def _open_packed(self) -> BinaryIO:
        file = self._whole.open()
        if self._whole.packing:
            _pass_over(file, self.start)
        else:
            file.seek(self.start)
        return cast(BinaryIO, _Range(file, self.size))

    @property
    def position(self) -> int:
        if self._file is None:
            return 0
        return self.size if self._file.closed else self._file.tell()


def _pass_over(file: BinaryIO, length: int) -> None:
    while length and (block := file.read(min(length, BLOCK_BYTES))):
        length -= len(block)


class _Range(io.BufferedReader):
    """A buffered reader of the next bytes of a file; ``tell`` counts from the first of them."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        super().__init__(_RawRange(file, length), BLOCK_BYTES)


class _RawRange(io.RawIOBase):
    def __init__(self, file: BinaryIO, length: int) -> None:
        self._file = file
        self._taken, self._length = 0, length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(min(len(buffer), self._length - self._taken))
        buffer[: len(data)] = data
        self._taken += len(data)
        return len(data)

    def tell(self) -> int:
        return self._taken

    def close(self) -> None:
        self._file.close()
        super().close()


def _folder_members(folder: Source) -> Iterator[Source]:
    """Files below the folder, without those that a symbolic link would fetch from elsewhere."""
    before = 0
    for path in sorted(folder.path.rglob("*")):
        name = path.relative_to(folder.path).as_posix()
        if path.is_symlink() or not path.is_file() or _is_hidden(name):
            continue
        member = FolderFile(folder, path, name, before)
        before += member.size
        yield member


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") or part in HIDDEN for part in PurePosixPath(name).parts)
