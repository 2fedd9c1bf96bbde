"""JSON that may be hostile: decoded with its limits, whole or piece by piece.

What no database keeps as text (NUL, halves of surrogate pairs) becomes U+FFFD and is counted.
Of a key that comes twice the last one holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ijson
import msgspec

from annotations.errors import UnreadableFile
from importers.json_escapes import MendedFile, mended
from importers.nesting import Nesting
from importers.outline import json_start
from importers.source import Source

DOCUMENT_LIMIT = 32 * 1024 * 1024
STREAM_DEPTH_LIMIT = 100
STRING_LIMIT = 4 * 1024 * 1024
ADVICE = "Fetch or export it again, or mend that place."
REPLACED = "characters replaced that no database keeps"


@dataclass(frozen=True, slots=True)
class Decoded:
    """A JSON value, and how many characters of its strings were replaced by U+FFFD."""

    value: Any
    replaced: int = 0


def decode_json(data: bytes | str) -> Decoded:
    """The value of a JSON text. Raises ValueError with a sentence that says what is wrong."""
    raw = data.encode(errors="surrogatepass") if isinstance(data, str) else data
    if b"\\u0000" not in raw:
        try:
            return Decoded(msgspec.json.decode(raw))
        except (RecursionError, UnicodeDecodeError, msgspec.MsgspecError):
            pass
    raw, replaced = mended(raw)
    try:
        return Decoded(msgspec.json.decode(raw), replaced)
    except RecursionError:
        raise ValueError("It nests deeper than can be read.") from None
    except UnicodeDecodeError:
        raise ValueError(f"It is not UTF-8 text: its byte {_not_utf8(raw) + 1} is not.") from None
    except msgspec.MsgspecError as error:
        raise ValueError(f"It is not valid JSON: {error}.") from None


def read_document(source: Source, limit: int = DOCUMENT_LIMIT) -> Decoded:
    """The value of a file that is one JSON text. Raises UnreadableFile."""
    data = source.read(limit)[json_start(source.head) :]
    try:
        return decode_json(data)
    except ValueError as error:
        line = _line_of(data, str(error))
        where = f" near line {line}" if line else ""
        raise UnreadableFile(
            f"{source.name} cannot be read{where}. {error} Nothing of it was imported. {ADVICE}",
            line=line,
        ) from None


def stream_items(source: Source, path: str) -> Iterator[Any]:
    """The values at ``path`` of one JSON text of any size, one by one: ``messages.item``.

    ``item`` stands for the elements of an array, as in the library ijson. The text is checked to
    its end before the first value is given, so a file that is cut off gives nothing. Raises
    UnreadableFile.
    """
    check_document(source)
    with open_document(source) as file:
        yield from ijson.items(file, path, use_float=True)


def check_document(source: Source) -> int:
    """Read one JSON text of any size to its end; gives how many characters will be replaced.

    Raises UnreadableFile if it is not whole, nests deep or holds a string beyond belief.
    """
    with open_document(source) as file:
        for _ in ijson.basic_parse(_Shallow(file, source.name), use_float=True):
            pass
        return file.replaced


@contextmanager
def open_document(source: Source) -> Iterator[MendedFile]:
    """The file for the library ijson, mended; its errors become UnreadableFile."""
    with source.open() as file:
        file.read(json_start(source.head))
        try:
            yield MendedFile(file)
        except UnicodeDecodeError:
            raise UnreadableFile(
                f"{source.name} is not UTF-8 text. Nothing of it was imported. Save it as UTF-8."
            ) from None
        except (ijson.JSONError, ValueError, RecursionError) as error:
            raise UnreadableFile(
                f"{source.name} is not a whole JSON text: {_first_line(error)}. Nothing of it was "
                f"imported. {ADVICE}"
            ) from None


def _not_utf8(raw: bytes) -> int:
    """The index of the first byte that is not; msgspec counts from the string that it is in."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return error.start
    return len(raw)


class _Shallow:
    """A file that is counted as it is read: the parser's memory grows with depth and strings."""

    def __init__(self, file: MendedFile, name: str) -> None:
        self._file, self._name = file, name
        self._nesting = Nesting()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._nesting.add(data)
        if self._nesting.string_size > STRING_LIMIT:
            raise UnreadableFile(
                f"{self._name} holds a string of more than {STRING_LIMIT:,} bytes. Nothing of it "
                "was imported."
            )
        if self._nesting.deepest > STREAM_DEPTH_LIMIT:
            raise UnreadableFile(
                f"{self._name} nests deeper than {STREAM_DEPTH_LIMIT} levels, which no file of "
                "comments does. Nothing of it was imported."
            )
        return data


def _line_of(data: bytes, message: str) -> int | None:
    found = re.search(r"byte (\d+)", message)
    return data.count(b"\n", 0, int(found[1])) + 1 if found else None


def _first_line(error: Exception) -> str:
    cause = error.args[0] if error.args else ""  # bytes, where the text around it is no UTF-8
    reason = cause.decode(errors="replace") if isinstance(cause, bytes) else str(error)
    return reason.strip().partition("\n")[0].rstrip(".")
