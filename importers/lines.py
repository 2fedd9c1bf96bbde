"""The lines of a file, counted from 1, none of them longer than memory allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from importers.records import RecordError

LINE_LIMIT = 4 * 1024 * 1024
BOM = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """One line with its line end; ``number`` is where it stands in the file, from 1."""

    number: int
    text: str


def numbered_lines(file: BinaryIO, first: int = 1) -> Iterator[Line | RecordError]:
    """Yield every line, or a refusal for one that is too long, binary or not UTF-8.

    ``first`` is the number of the first one, where the file is a piece of another.
    """
    number = first - 1
    while line := file.readline(LINE_LIMIT + 1):
        number += 1
        if len(line) > LINE_LIMIT:
            _skip_line(file, line)
            yield RecordError(number, f"The line is longer than {LINE_LIMIT:,} bytes.")
        else:
            yield _decoded(number, line.removeprefix(BOM) if number == 1 else line)


def _skip_line(file: BinaryIO, piece: bytes) -> None:
    while piece and not piece.endswith(b"\n"):
        piece = file.readline(LINE_LIMIT)


def _decoded(number: int, line: bytes) -> Line | RecordError:
    if b"\x00" in line:
        return RecordError(number, "The line holds a NUL byte, which is no text.")
    try:
        return Line(number, line.decode())
    except UnicodeDecodeError as error:
        return RecordError(
            number, f"The line is not UTF-8 text: its byte {error.start + 1} is not."
        )
