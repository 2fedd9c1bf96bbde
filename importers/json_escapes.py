"""Escapes that JSON may hold, though no text can: NUL, and halves of surrogate pairs."""

from __future__ import annotations

import re
from typing import BinaryIO

# Escapes whose backslash is not itself escaped.
_ESCAPE = re.compile(
    rb"(?<!\\)((?:\\\\)*)"
    rb"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\u0000)"
)
_SUSPECT = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")
# The beginning of an escape, or the first half of a pair and perhaps some of the second.
_BEGUN = re.compile(
    rb"\\(?:u[0-9a-fA-F]{0,3}|u[dD][89abAB][0-9a-fA-F]{2}(?:\\(?:u[0-9a-fA-F]{0,3})?)?)?\Z"
)
_BEGUN_WITHIN = 12


def mended(text: bytes) -> tuple[bytes, int]:
    """The JSON text with U+FFFD in their place, and how many there were."""
    replaced = 0
    if not _SUSPECT.search(text):
        return text, replaced

    def mend(found: re.Match[bytes]) -> bytes:
        nonlocal replaced
        if len(found[2]) > 6:  # both halves of a pair
            return found[0]
        replaced += 1
        return found[1] + rb"\ufffd"

    return _ESCAPE.sub(mend, text), replaced


class MendedFile:
    """A JSON text that is mended as it is read; ``replaced`` counts what was."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = b""
        self.replaced = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes, a few more or less than ``size``; none at the end, or for a size of 0."""
        data = b""
        while not data and size:
            block = self._file.read(size)
            data, self._left = self._left + block, b""
            if not block:
                break
            begun = _begun(data)
            data, self._left = data[:begun], data[begun:]
        text, replaced = mended(data)
        self.replaced += replaced
        return text


def _begun(data: bytes) -> int:
    """Where an escape begins that may go on in the next block."""
    start = max(len(data) - _BEGUN_WITHIN, 0)
    found = _BEGUN.search(data, start)
    while found:
        at = found.start()
        if (at - len(data[:at].rstrip(b"\\"))) % 2 == 0:
            return at
        found = _BEGUN.search(data, at + 1)
    return len(data)
