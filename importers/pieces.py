"""Cutting a large file into pieces whose lines stand for themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from importers.source import Source

WHOLE_UP_TO = 64 * 1024 * 1024
PIECE_BYTES = 32 * 1024 * 1024
BLOCK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cut:
    """The bytes from ``start`` to ``end``; ``first_line`` is the number of their first line."""

    start: int
    end: int
    first_line: int


def cut_lines(source: Source, tick: Callable[[], None] = lambda: None) -> list[Cut]:
    """Pieces of about PIECE_BYTES that end with a line, of a file that is not packed."""
    cuts: list[Cut] = []
    start, first_line, lines = 0, 1, 0
    with source.open() as file:
        while block := file.read(BLOCK_BYTES):
            if file.tell() - start >= PIECE_BYTES:
                block += _to_line_end(file, block)
                cuts.append(Cut(start, file.tell(), first_line))
                start, first_line = file.tell(), first_line + lines + block.count(b"\n")
                lines = 0
                tick()
            else:
                lines += block.count(b"\n")
        if file.tell() > start:
            cuts.append(Cut(start, file.tell(), first_line))
    return cuts


def _to_line_end(file: BinaryIO, block: bytes) -> bytes:
    """What is left of the line that ``block`` ends in; no line is longer than memory allows."""
    if block.endswith(b"\n"):
        return b""
    rest = file.readline(BLOCK_BYTES)
    while piece := b"" if rest.endswith(b"\n") else file.readline(BLOCK_BYTES):
        rest = piece  # only its last part is looked at
    return rest
