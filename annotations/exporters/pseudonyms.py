"""Names that stand for names: the same under one key, of no relation under another."""

from __future__ import annotations

import hmac

AUTHOR_DIGITS = 12
ID_DIGITS = 16


class Pseudonyms:
    """Keyed hashes (HMAC-SHA256): without the key nobody tells whose they are.

    They are as long as it takes that among millions no two are the same.
    """

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def author(self, author: str) -> str:
        return self._hashed("P", "author", author, AUTHOR_DIGITS)

    def handle(self, name: str) -> str:
        """That of somebody who is not among the authors."""
        return self._hashed("P", "handle", name.casefold(), AUTHOR_DIGITS)

    def thread(self, thread: str) -> str:
        return self._hashed("t", "thread", thread, ID_DIGITS)

    def comment(self, comment: str) -> str:
        return self._hashed("c", "comment", comment, ID_DIGITS)

    def _hashed(self, letter: str, sort: str, name: str, digits: int) -> str:
        """Nobody has no pseudonym."""
        if not name:
            return ""
        digest = hmac.digest(self._key, f"{sort}:{name}".encode(), "sha256")
        return letter + digest.hex()[:digits]
