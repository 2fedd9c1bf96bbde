"""What stands for a source's ids outside: keyed hashes, plain functions."""

from __future__ import annotations

import base64
import hashlib
import hmac

ERASED = "erased:"
"""What the source ids of those who were erased begin with, in place of the ids themselves."""


def pseudonym_of(key: str, source_id: str) -> str:
    """Ten letters and digits (50 bits of an HMAC) that only the corpus's key leads to."""
    return _hashed(key, source_id.encode(), 10)


def erased_id(key: str, source_id: str) -> str:
    """What is kept of the source id of something erased: enough to know it again, and no more.

    Twenty-six letters and digits (130 bits). Whoever has the id and the corpus's key finds what
    was erased; nobody finds the id.
    """
    return ERASED + _hashed(key, b"erased\0" + source_id.encode(), 26)


def _hashed(key: str, message: bytes, digits: int) -> str:
    """So many letters and digits of the HMAC: five of its bytes make eight, and no more of it is
    written than that takes."""
    digest = hmac.digest(bytes.fromhex(key), message, hashlib.sha256)
    return base64.b32encode(digest[: -(-digits // 8) * 5])[:digits].decode().lower()
