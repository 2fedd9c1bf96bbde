"""Cutting a large file into pieces whose lines stand for themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from importers.source import Source

WHOLE_UP_TO = 64 * 1024 * 1024
PIECE_BYTES = 32 * 1024 * 1024
PIECES_OF_A_PACKED = 16
BLOCK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cut:
    """The bytes from ``start`` to ``end``; ``first_line`` is the number of their first line."""

    start: int
    end: int
    first_line: int


def cut_lines(source: Source, tick: Callable[[], None] = lambda: None) -> list[Cut]:
    """Pieces of about PIECE_BYTES, as unpacked, that end with a line.

    A packed file is cut into PIECES_OF_A_PACKED at most, because each is unpacked from the start
    of the file to its own end. Raises UnreadableFile for one that is cut off or broken.
    """
    cuts: list[Cut] = []
    start, first_line, here, lines = 0, 1, 0, 0
    with source.open() as file:
        while block := file.read(BLOCK_BYTES):
            here, lines = here + len(block), lines + block.count(b"\n")
            if here - start >= PIECE_BYTES:
                if not block.endswith(b"\n"):
                    here, lines = here + _rest_of_line(file), lines + 1
                cuts.append(Cut(start, here, first_line))
                start, first_line = here, 1 + lines
            tick()
    if here > start:
        cuts.append(Cut(start, here, first_line))
    return _joined(cuts, PIECES_OF_A_PACKED) if source.packing and cuts else cuts


def _joined(cuts: list[Cut], most: int) -> list[Cut]:
    size = -(-len(cuts) // most)
    groups = [cuts[at : at + size] for at in range(0, len(cuts), size)]
    return [Cut(group[0].start, group[-1].end, group[0].first_line) for group in groups]


def _rest_of_line(file: BinaryIO) -> int:
    """How long the rest of this line is; read in blocks, for a line may be of any length."""
    length = 0
    while block := file.readline(BLOCK_BYTES):
        length += len(block)
        if block.endswith(b"\n"):
            break
    return length
