"""Names of people, and where they stand in texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

SHORTEST_NAME = 3
LONGEST_NAME = 300

_TOKEN = re.compile(r"\w+|[^\w\s]")
_CUTS = re.compile(r"[.@＠-]")


class NamedAt(NamedTuple):
    """``author`` is named at ``start:end``."""

    start: int
    end: int
    author: str


class Names:
    """Who is called what. Of two with the same name the first one learned bears it."""

    def __init__(self) -> None:
        self._authors: dict[str, str] = {}
        self._folded: dict[str, str] = {}
        self._lengths: dict[str, set[int]] = {}

    def learn(self, author: str, name: str) -> None:
        name = name.strip()[:LONGEST_NAME]
        if not name or name in self._authors:
            return
        self._authors[name] = author
        self._folded.setdefault(name.lstrip("@＠").casefold(), author)
        first = _TOKEN.match(name)
        if len(name) >= SHORTEST_NAME and first:
            self._lengths.setdefault(first[0], set()).add(len(name))

    def within(self, text: str) -> Iterator[NamedAt]:
        """Every name in the text as whole words, in its own capitals; they may overlap."""
        if not self._lengths:
            return
        for token in _TOKEN.finditer(text):
            start = token.start()
            for length in self._lengths.get(token[0], ()):
                end = start + length
                author = self._authors.get(text[start:end])
                if author is not None and not _cuts_word(text, end):
                    yield NamedAt(start, end, author)

    def called(self, handle: str) -> tuple[str, int] | None:
        """Whom the handle calls, in whatever capitals, and how much of it is their name."""
        cuts = [cut.start() for cut in _CUTS.finditer(handle[:LONGEST_NAME])]
        for end in (len(handle), *reversed(cuts)):
            if author := self._folded.get(handle[:end].casefold()):
                names_server = handle[end : end + 1] in ("@", "＠")
                return author, len(handle) if names_server else end
        return None


def _cuts_word(text: str, end: int) -> bool:
    return end < len(text) and _is_word(text[end - 1]) and _is_word(text[end])


def _is_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_"
