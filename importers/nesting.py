"""How deep a JSON text nests, told from its bytes: parsers' memory and stacks grow with it."""

from __future__ import annotations

import re

# Up to the end of the block, or to a string that does not end in it.
_WHOLE = re.compile(rb'(?:[^"]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_STRING_REST = re.compile(rb"(?:[^\"\\]++|\\.)*+", re.DOTALL)
_NO_BRACKETS = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[^\[\]{}"]++', re.DOTALL)


class Nesting:
    """Counts the brackets of a JSON text that comes in blocks.

    ``deepest`` is how deep it was anywhere. ``string_size`` is what was met of the string in
    which the last block ended, and 0 outside of strings.
    """

    def __init__(self) -> None:
        self.deepest = 0
        self.string_size = 0
        self._depth = 0
        self._is_escaped = False

    def add(self, block: bytes) -> None:
        start = self._string_end(block) if self.string_size else 0
        if self.string_size:
            return
        end = _WHOLE.match(block, start).end()  # type: ignore[union-attr]  # it matches anything
        for bracket in _NO_BRACKETS.sub(b"", block[start:end]):
            self._depth += 1 if bracket in b"[{" else -1
            self.deepest = max(self.deepest, self._depth)
        if end < len(block):
            self.string_size = 1
            self._string_end(block[end + 1 :])

    def _string_end(self, block: bytes) -> int:
        """Where the open string ends, as far as it ends in this block."""
        start = 1 if self._is_escaped and block else 0
        end = _STRING_REST.match(block, start).end()  # type: ignore[union-attr]
        self.string_size += end
        self._is_escaped = block[end:] == b"\\"
        if block[end : end + 1] == b'"':
            self.string_size = 0
        return end + 1


def nests_deeper(text: bytes, limit: int) -> bool:
    """Whether a JSON text, or the beginning of one, nests deeper than ``limit`` levels."""
    if text.count(b"[") + text.count(b"{") <= limit:
        return False
    nesting = Nesting()
    nesting.add(text)
    return nesting.deepest > limit
