"""A dataset in a file: read once where it changes, and from then on the same for ever.

The file is JSON Lines in a Zstandard frame: first the study with what else was known of it, then
the rows. Its bytes are no matter of any promise, what is read from it is.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import IO, Any

import msgspec
import zstandard

from annotations.exporters.dataset import Dataset, Rows, Study
from annotations.exporters.rows import Row

LEVEL = 3
BLOCK_BYTES = 256 * 1024
END = b"end "


class _Head(msgspec.Struct, frozen=True):
    """The first line. ``beside`` is whatever else was frozen with the rows, as JSON."""

    study: Study
    beside: dict[str, Any]


@dataclass(frozen=True)
class Frozen:
    """What a frozen file holds; ``dataset`` reads its rows as often as it is asked."""

    dataset: Dataset
    beside: Mapping[str, Any]


def freeze(dataset: Dataset, beside: Mapping[str, Any]) -> Iterator[bytes]:
    """The bytes of the file, as the rows come."""
    packer = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compressobj()
    encoder = msgspec.json.Encoder()
    block = bytearray(encoder.encode(_Head(dataset.study, dict(beside))) + b"\n")
    count = 0
    with closing(dataset.rows()) as rows:
        for row in rows:
            count += 1
            block += encoder.encode(row) + b"\n"
            if len(block) >= BLOCK_BYTES:
                yield packer.compress(bytes(block))
                block.clear()
    yield packer.compress(bytes(block) + b"%s%d\n" % (END, count))
    yield packer.flush()


def frozen(open_file: Callable[[], IO[bytes]]) -> Frozen:
    """What was frozen. ``open_file`` gives the file anew for each reading, which closes it.

    Raises ValueError for a file that is none, as does reading rows of one that is not whole.
    """
    with closing(_lines(open_file)) as lines:
        first = next(lines, b"")
    try:
        head = msgspec.json.decode(first, type=_Head)
    except msgspec.DecodeError as error:
        raise ValueError(f"It is no frozen dataset: {error}.") from None
    return Frozen(Dataset(head.study, lambda: _rows(open_file)), head.beside)


def _rows(open_file: Callable[[], IO[bytes]]) -> Rows:
    decoder = msgspec.json.Decoder(Row)
    with closing(_lines(open_file)) as lines:
        next(lines)
        count = 0
        for line in lines:
            if line.startswith(END):
                if int(line.removeprefix(END)) == count:
                    return
                break
            count += 1
            yield decoder.decode(line)
    raise ValueError(f"The frozen dataset is not whole: it ends after {count:,} rows.")


def _lines(open_file: Callable[[], IO[bytes]]) -> Generator[bytes]:
    unpacker = zstandard.ZstdDecompressor()
    with open_file() as packed, unpacker.stream_reader(packed, closefd=False) as unpacked:
        try:
            yield from io.BufferedReader(unpacked, BLOCK_BYTES)
        except zstandard.ZstdError as error:
            raise ValueError(f"The frozen dataset is damaged: {error}.") from None
