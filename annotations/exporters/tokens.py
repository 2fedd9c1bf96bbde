"""Texts cut into words, numbers, signs and emoji, each at its place."""

from __future__ import annotations

import re
import sys
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cache
from itertools import groupby
from typing import NamedTuple

# Scripts without spaces between words: each of their characters is a token.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
JOINERS = "\u00ad\u200c\u200d"
MODIFIERS = "\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f"
FLAGS = "\U0001f1e6-\U0001f1ff"


class Token(NamedTuple):
    """``start:end`` of the text, in code points."""

    start: int
    end: int


class Aligned(NamedTuple):
    """Tokens ``first:last``; ``grown`` says that they hold more than the span did."""

    first: int
    last: int
    grown: bool


def tokens(text: str) -> list[Token]:
    """All of ``text`` but its white space.

    A word keeps its apostrophes, a number its points and commas, an emoji what is joined to it;
    any other sign stands alone.
    """
    return [Token(*found.span()) for found in _pattern().finditer(text)]


def aligned(cut: Sequence[Token], start: int, end: int) -> Aligned | None:
    """The tokens that the span ``start:end`` touches; None if there is none."""
    first = bisect_right(cut, start, key=lambda token: token.end)
    last = bisect_left(cut, end, key=lambda token: token.start)
    if first >= last:
        return None
    return Aligned(first, last, cut[first].start < start or cut[last - 1].end > end)


@cache
def _pattern() -> re.Pattern[str]:
    marks = _marks()
    letter = rf"(?:[^\W{UNSPACED}]|[{marks}{JOINERS}])"
    word = rf"[^\W{UNSPACED}]{letter}*"
    inner = rf"(?:['’][^\W{UNSPACED}]{letter}*|(?<=\d)[.,](?=\d){letter}+)*"
    sign = rf"[^\s][{marks}{MODIFIERS}]*"
    return re.compile(rf"{word}{inner}|[{FLAGS}]{{2}}|{sign}(?:\u200d{sign})*")


def _marks() -> str:
    """All combining marks as ranges for a character class."""
    marks = (
        point
        for point in range(sys.maxunicode + 1)
        if unicodedata.category(chr(point)).startswith("M")
    )
    runs = (
        [point for _, point in run]
        for _, run in groupby(enumerate(marks), key=lambda pair: pair[1] - pair[0])
    )
    return "".join(f"{chr(run[0])}-{chr(run[-1])}" for run in runs)
