"""Packed files (gzip, Zstandard, bzip2, xz) read as if they were not, as far as memory allows.

A file that grows more than 200-fold is refused once it has given 50 MiB: real dumps pack 5 to
30 to 1, a bomb 1,000 to 33,000 to 1. Zstandard frames may have a window of 2 GiB, as the dumps
of Reddit do; such a window is memory that unpacking them takes.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import zlib
from typing import Any, BinaryIO, cast

import zstandard

from annotations.errors import UnreadableFile

UTF16 = "UTF-16"
SIGNS = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\xff\xfe": UTF16,
    b"\xfe\xff": UTF16,
}
UTF32 = b"\xff\xfe\x00\x00"
BUFFER_BYTES = 256 * 1024
ZSTD_BYTES = 2 * 1024  # of zeros, these unpack to 64 MiB at once
WINDOW_BYTES = 2**31
GROWTH_LIMIT = 200
GROWTH_FREE_BYTES = 50 * 1024 * 1024

BROKEN = (
    *(EOFError, OSError, UnicodeDecodeError),
    *(zlib.error, lzma.LZMAError, zstandard.ZstdError),
)


def packing_of(head: bytes) -> str:
    """How a file is packed by its first bytes, empty if it is not. UTF-16 counts as packed."""
    if head.startswith(UTF32):
        return ""
    return next((name for sign, name in SIGNS.items() if head.startswith(sign)), "")


def unpacked(file: BinaryIO, name: str, packing: str) -> BinaryIO:
    """``file`` itself, or what is packed in it. Closing the one closes the other.

    Reading raises UnreadableFile where the packed bytes are cut off, broken or a bomb.
    """
    if not packing:
        return file
    return cast(BinaryIO, io.BufferedReader(_Unpacked(file, name, packing), BUFFER_BYTES))


def _stream(file: BinaryIO, packing: str) -> Any:
    match packing:
        case "gzip":
            return gzip.GzipFile(fileobj=file)
        case "zstd":
            return _Zstd(file)
        case "bzip2":
            return bz2.BZ2File(file)
        case "UTF-16":
            return _Utf16(file)
        case _:
            return lzma.LZMAFile(file)


class _Zstd:
    """Reads frame after frame. The library's own reader takes a frame that is cut off for whole."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._unpacker = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES)
        self._frame: Any = None
        self._packed = b""
        self._unpacked = memoryview(b"")

    def read(self, size: int) -> memoryview:
        while not self._unpacked:
            self._packed = self._packed or self._file.read(ZSTD_BYTES)
            if not self._packed:
                if self._frame is not None:
                    raise EOFError("the last frame has no end")
                break
            self._unpack()
        data, self._unpacked = self._unpacked[:size], self._unpacked[size:]
        return data

    def _unpack(self) -> None:
        self._frame = self._frame or self._unpacker.decompressobj()
        self._unpacked = memoryview(self._frame.decompress(self._packed))
        self._packed = b""
        if self._frame.eof:
            self._packed, self._frame = self._frame.unused_data, None

    def close(self) -> None:
        self._unpacked = memoryview(b"")


class _Utf16:
    """Text in UTF-16, marked so by its first two bytes, as UTF-8, and marked so as well."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-16")()
        self._decoded = memoryview(codecs.BOM_UTF8)

    def read(self, size: int) -> memoryview:
        is_last = False
        while not self._decoded and not is_last:
            data = self._file.read(BUFFER_BYTES)
            is_last = not data
            self._decoded = memoryview(self._decoder.decode(data, is_last).encode())
        given, self._decoded = self._decoded[:size], self._decoded[size:]
        return given

    def close(self) -> None:
        self._decoded = memoryview(b"")


class _Counted(io.RawIOBase):
    """Counts what was taken from the packed file, and remembers whether it came to its end."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self.taken += len(data)
        return len(data)


class _Unpacked(io.RawIOBase):
    def __init__(self, file: BinaryIO, name: str, packing: str) -> None:
        self._file, self._name, self._packing = file, name, packing
        self._packed = _Counted(file)
        self._stream = _stream(cast(BinaryIO, io.BufferedReader(self._packed)), packing)
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        try:
            data = self._stream.read(len(buffer))
        except BROKEN as error:
            raise UnreadableFile(
                f"{self._name} cannot be unpacked: its {self._packing} data are cut off or broken "
                f"after {self._given:,} unpacked bytes ({error}). Fetch the file again."
            ) from None
        buffer[: len(data)] = data
        self._given += len(data)
        self._refuse_bomb()
        return len(data)

    def _refuse_bomb(self) -> None:
        if self._given <= GROWTH_FREE_BYTES:
            return
        if self._given > GROWTH_LIMIT * max(self._packed.taken, 1):
            raise UnreadableFile(
                f"{self._name} grows more than {GROWTH_LIMIT}-fold when it is unpacked, which no "
                "file of texts does. It was not read further."
            )

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            self._file.close()
        super().close()
