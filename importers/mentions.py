"""Names of earlier authors that a text uses, where they cannot be prose.

A name counts where it stands as whole words, in its own capitals, after its bearer has
written, and
- carries a mark that prose lacks: a digit, an underscore, or a capital beyond the first
  letter (`buzzsaw99`, `HopefulCynic`, `Pinto Currency`); one word all in capitals is an
  acronym and does not count;
- or begins with its only capital (`Blankone`) and does not begin a sentence, where any
  word would have one;
- or follows an `@`, which makes any name count.
A name that the page used before its bearer first wrote is the page's word (an author who
calls himself `Putin`), and so is a name in small letters (`laser`, `not dead yet`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MIN_NAME = 3

_WORD = re.compile(r"\w+")
_BEFORE_SENTENCE = ".!?…:\n"
_AROUND = " \u00a0\"'“”‘’([*>"
_LOOK_BACK = 20


@dataclass(frozen=True, slots=True)
class Mention:
    """``name`` stands at ``start:end``."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Names:
    """Names by their first word and length, so that a text is scanned once for all."""

    all: frozenset[str]
    lengths: dict[str, list[int]]

    @classmethod
    def of(cls, names: Sequence[str]) -> Names:
        lengths: dict[str, set[int]] = defaultdict(set)
        usable = frozenset(name for name in names if len(name) >= MIN_NAME)
        for name in usable:
            if first := _WORD.match(name):
                lengths[first[0]].add(len(name))
        return cls(usable, {word: sorted(found, reverse=True) for word, found in lengths.items()})

    def within(self, text: str) -> Iterator[Mention]:
        """Every name in the text as whole words, the longest where several begin."""
        for word in _WORD.finditer(text):
            for length in self.lengths.get(word[0], ()):
                start, end = word.start(), word.start() + length
                if text[start:end] in self.all and not _WORD.match(text, end):
                    yield Mention(start, end, text[start:end])
                    break


def find_mentions(authors: Sequence[str], texts: Sequence[str]) -> list[list[Mention]]:
    """For each text, in reading order, the earlier authors that it names; never its own.

    Text 0 is the opening: its author is not among those who can be named.
    """
    names = Names.of(authors[1:])
    present: set[str] = set()
    prose: set[str] = set()
    found: list[list[Mention]] = []
    for number, (author, text) in enumerate(zip(authors, texts, strict=True)):
        mentions = list(names.within(text))
        prose.update(mention.name for mention in mentions if mention.name not in present)
        meant = [m for m in mentions if m.name != author and m.name not in prose]
        found.append([mention for mention in meant if _counts(mention, text)])
        if number:
            present.add(author)
    return found


def _counts(mention: Mention, text: str) -> bool:
    name, start = mention.name, mention.start
    if text[max(0, start - 1) : start] == "@" or _is_marked(name):
        return True
    is_capitalised = name[0].isupper() and name == name.capitalize()
    return is_capitalised and not _begins_sentence(text, start)


def _is_marked(name: str) -> bool:
    if any(sign.isdigit() or sign == "_" for sign in name):
        return True
    is_acronym = name.isupper() and name.isalpha()
    return any(sign.isupper() for sign in name[1:]) and not is_acronym


def _begins_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - _LOOK_BACK) : start].rstrip(_AROUND)
    return not before or before[-1] in _BEFORE_SENTENCE
