"""A zlib stream that is not packed, for formats whose readers ask for one."""

from __future__ import annotations

import struct
import zlib

HEADER = b"\x78\x01"
LARGEST_BLOCK = 0xFFFF


def stored(content: bytes) -> bytes:
    """``content`` in a zlib stream (RFC 1950) of stored blocks (RFC 1951).

    A compressor gives other bytes in its next version; these are the same for ever.
    """
    blocks = []
    for start in range(0, len(content) or 1, LARGEST_BLOCK):
        block = content[start : start + LARGEST_BLOCK]
        is_last = start + LARGEST_BLOCK >= len(content)
        blocks.append(struct.pack("<BHH", is_last, len(block), len(block) ^ 0xFFFF) + block)
    return HEADER + b"".join(blocks) + struct.pack(">I", zlib.adler32(content))
