"""A JSON object written entry by entry."""

from __future__ import annotations

from typing import IO, Any

import msgspec


class JsonObject:
    """The object in ``file``; it is whole after ``close``. Each key is to be given once."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._encoder = msgspec.json.Encoder()
        self._is_empty = True
        file.write(b"{")

    def add(self, key: str, value: Any) -> None:
        between = b"\n" if self._is_empty else b",\n"
        self._is_empty = False
        encode = self._encoder.encode
        self._file.write(between + encode(key) + b": " + encode(value))

    def close(self) -> None:
        self._file.write(b"\n}\n")
