"""A text as the words of whoever wrote it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# Scripts that put no spaces between words: each of their characters counts as a word.
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Japanese kana
    (0x3400, 0x4DBF),  # Chinese characters
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
# A link ends where Chinese or Japanese goes on without a space. Each alternative begins at what
# cannot be the middle of another, so that a long text without spaces takes no longer.
_ADDRESS = re.compile(
    r"(?i:https?://|www\.)[^\s\u2e80-\uffef]+"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w.-]+"
    r"|(?<!\w)@[\w.@-]+"
)
_MAY_HOLD_ADDRESS = re.compile(r"@|(?i:://|www\.)")


def without_quoted(text: str, quoted: Iterable[tuple[int, int]]) -> str:
    """The text without the ranges that quote others, each ``start:end`` in code points."""
    kept, place = [], 0
    for start, end in sorted(quoted):
        kept.append(text[place : max(start, place)])
        place = max(place, end)
    return " ".join([*kept, text[place:]])


def without_addresses(text: str) -> str:
    """The text without links, e-mail addresses and @names."""
    return _ADDRESS.sub(" ", text) if _MAY_HOLD_ADDRESS.search(text) else text


def words(text: str) -> list[str]:
    """The words without case, punctuation, symbols, addresses and invisible characters."""
    folded = unicodedata.normalize("NFKC", without_addresses(text)).casefold()
    return folded.translate(_FOLDING).split()


class _Folding(dict[int, str | None]):
    """What becomes of each character, looked up once."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        category = unicodedata.category(character)
        if any(first <= code <= last for first, last in _UNSPACED):
            kept: str | None = f" {character} "
        elif category[0] in "LMN":
            kept = character
        else:
            kept = None if category == "Cf" else " "
        self[code] = kept
        return kept


_FOLDING = _Folding()
