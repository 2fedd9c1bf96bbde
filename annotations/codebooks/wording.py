"""How a text changed, word by word: for people who read two versions of guidelines."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

WORDS = re.compile(r"\s+|\w+|[^\w\s]")
MOST_WORDS = 1_500
"""Above this a stretch is shown as a whole: comparing word by word takes the square of it."""


MOST_SAME = 240
"""Characters of a stretch that did not change which an excerpt shows, half at each end."""


class Piece(NamedTuple):
    """A stretch of text that both versions have (``same``), or only one; ``skipped`` stands in
    an excerpt for what is left out.
    """

    kind: Literal["same", "deleted", "inserted", "skipped"]
    text: str


def pieces(before: str, after: str) -> list[Piece]:
    """Both texts as stretches in order: the same and deleted ones are ``before``, the same and
    inserted ones ``after``. First by lines, then by words where lines were replaced.
    """
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return list(_joined(_compared(old, new, deeper=True)))


def excerpt(found: Sequence[Piece]) -> list[Piece]:
    """The same without the middle of long stretches that did not change."""
    shown: list[Piece] = []
    for place, piece in enumerate(found):
        if piece.kind != "same" or len(piece.text) <= MOST_SAME:
            shown.append(piece)
            continue
        half = MOST_SAME // 2
        if place > 0:
            shown.append(Piece("same", piece.text[:half].rsplit(None, 1)[0]))
        shown.append(Piece("skipped", ""))
        if place < len(found) - 1:
            shown.append(Piece("same", piece.text[-half:].split(None, 1)[-1]))
    return shown


def _compared(old: Sequence[str], new: Sequence[str], *, deeper: bool) -> Iterator[Piece]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        gone, come = "".join(old[i1:i2]), "".join(new[j1:j2])
        if kind == "equal":
            yield Piece("same", gone)
        elif kind == "replace" and deeper:
            yield from _by_words(gone, come)
        else:
            yield Piece("deleted", gone)
            yield Piece("inserted", come)


def _by_words(old: str, new: str) -> Iterator[Piece]:
    before, after = WORDS.findall(old), WORDS.findall(new)
    if max(len(before), len(after)) <= MOST_WORDS:
        yield from _compared(before, after, deeper=False)
    else:
        yield Piece("deleted", old)
        yield Piece("inserted", new)


def _joined(found: Iterator[Piece]) -> Iterator[Piece]:
    """Neighbours of one kind as one, and nothing empty."""
    last: Piece | None = None
    for piece in found:
        if not piece.text:
            continue
        if last is not None and last.kind == piece.kind:
            last = Piece(last.kind, last.text + piece.text)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last
