"""Keyed hashes: a number for each source id that is the same on every machine and database.

The smallest keys are a random sample without replacement. Since the key of one unit says nothing
of the others, a larger sample with the same seed holds the smaller one, and units that come
later move nobody.
"""

from __future__ import annotations

from hashlib import blake2b

DRAW, ORDER, MORE, STRATUM = "draw", "order", "more", "stratum"
LARGEST_KEY = 2**64 - 1


def keyed_hash(seed: int, purpose: str, *ids: str) -> int:
    """BLAKE2b of the ids, keyed with the seed and made for a ``purpose``: 0 to 2**64 - 1.

    RFC 7693. The ids are joined by NUL, which no id holds.
    """
    told = "\0".join(ids).encode(errors="surrogatepass")
    digest = blake2b(told, digest_size=8, key=str(seed).encode(), person=purpose.encode())
    return int.from_bytes(digest.digest(), "big")
