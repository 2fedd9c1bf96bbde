"""A JSON object written entry by entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any

import msgspec


class JsonObject:
    """The object in ``file``; it is whole after ``close``. Each key is to be given once."""

    def __init__(
        self, file: IO[bytes], encode: Callable[[Any], bytes] = msgspec.json.encode
    ) -> None:
        self._file = file
        self._encode = encode
        self._is_empty = True
        file.write(b"{")

    def add(self, key: str, value: Any) -> None:
        between = b"\n" if self._is_empty else b",\n"
        self._is_empty = False
        self._file.write(between + self._encode(key) + b": " + self._encode(value))

    def close(self) -> None:
        self._file.write(b"\n}\n")
