"""Names of people, and where they stand in texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

SHORTEST_NAME = 3
LONGEST_NAME = 300
NOTHING: frozenset[int] = frozenset()

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
        self._caseless: dict[str, str] = {}
        self._lengths: dict[str, set[int]] = {}

    def learn(self, author: str, name: str) -> None:
        name = name.strip()[:LONGEST_NAME]
        if not name or name in self._authors:
            return
        self._authors[name] = author
        self._folded.setdefault(name.lstrip("@＠").casefold(), author)
        first = _TOKEN.match(name)
        if len(name) >= SHORTEST_NAME and first:
            self._caseless.setdefault(name.casefold(), author)
            self._lengths.setdefault(first[0].casefold(), set()).add(len(name))

    def within(self, text: str) -> Iterator[NamedAt]:
        """Every name in the text as whole words, also with the s of a genitive; they may overlap.

        Capitals do not matter, but for one word of letters that the text writes small and its
        bearer does not: that reads like any word.
        """
        if not self._lengths:
            return
        for token in _TOKEN.finditer(text):
            start, first = token.start(), token[0].casefold()
            lengths = self._lengths.get(first, NOTHING)
            if first[-1] == "s":
                lengths = lengths | self._lengths.get(first[:-1], NOTHING)
            for length in lengths:
                end = start + length
                author = self._authors.get(text[start:end])
                if _cuts_word(text, end):
                    end += 1
                    if not _is_genitive(text, start, end):
                        continue
                elif author is None:
                    author = self._in_other_capitals(text[start:end])
                if author is not None:
                    yield NamedAt(start, end, author)

    def _in_other_capitals(self, written: str) -> str | None:
        if written.isalpha() and written.islower():
            return None
        return self._caseless.get(written.casefold())

    def called(self, handle: str) -> tuple[str, int] | None:
        """Whom the handle calls, in whatever capitals, and how much of it is their name."""
        cuts = [cut.start() for cut in _CUTS.finditer(handle[:LONGEST_NAME])]
        for end in (len(handle), *reversed(cuts)):
            if author := self._folded.get(handle[:end].casefold()):
                names_server = handle[end : end + 1] in ("@", "＠")
                return author, len(handle) if names_server else end
        return None


def _is_genitive(text: str, start: int, end: int) -> bool:
    """Of a name that is written with a capital, as names are."""
    return text[end - 1] == "s" and text[start].isupper() and not _cuts_word(text, end)


def _cuts_word(text: str, end: int) -> bool:
    return end < len(text) and _is_word(text[end - 1]) and _is_word(text[end])


def _is_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_"
