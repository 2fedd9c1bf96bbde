"""Rows put aside until they are read again: in memory while they are few, else in a file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

import msgspec

from annotations.exporters.rows import Row

IN_MEMORY_BYTES = 4 * 1024 * 1024
SIZE_BYTES = 4


class Spool:
    """Close it: nothing of it is left afterwards."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Row)

    def close(self) -> None:
        self._file.close()

    def put(self, row: Row) -> None:
        content = self._encoder.encode(row)
        self._file.write(len(content).to_bytes(SIZE_BYTES) + content)

    def take(self) -> Iterator[Row]:
        """All rows in their order; it is empty afterwards."""
        self._file.seek(0)
        while size := self._file.read(SIZE_BYTES):
            yield self._decoder.decode(self._file.read(int.from_bytes(size)))
        self._file.seek(0)
        self._file.truncate()
