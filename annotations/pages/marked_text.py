"""A comment's text cut into paragraphs, quotations and links, for templates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

FOLLOWED = ("http", "https", "mailto")
_EMPTY_LINES = re.compile(r"\n[^\S\n]*\n\s*")

Marks = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Piece:
    """Some of the text, with the address behind it, if any.

    ``href`` is the address where a browser may follow it; ``host`` says where it leads, unless
    the text says so itself.
    """

    text: str
    url: str = ""
    href: str = ""
    host: str = ""


@dataclass(frozen=True)
class Part:
    """A paragraph, quote, caption or section break."""

    kind: str
    pieces: list[Piece]

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


def parts_of(text: str, blocks: Marks, links: Marks = ()) -> list[Part]:
    """The text by its blocks, or by its empty lines where it has none.

    Blocks and links are ranges of code points, as ``Comment`` keeps them.
    """
    ranges = [(b["kind"], b["start"], b["end"]) for b in blocks] or list(_paragraphs(text))
    return [Part(kind, list(_pieces(text, start, end, links))) for kind, start, end in ranges]


def _paragraphs(text: str) -> Iterator[tuple[str, int, int]]:
    start = 0
    for gap in [*_EMPTY_LINES.finditer(text), None]:
        end = gap.start() if gap else len(text)
        if text[start:end].strip():
            yield "paragraph", start, end
        start = gap.end() if gap else end


def _pieces(text: str, start: int, end: int, links: Marks) -> Iterator[Piece]:
    at = start
    for link in sorted(links, key=lambda link: int(link["start"])):
        first, last = max(link["start"], at), min(link["end"], end)
        if first < last:
            if first > at:
                yield Piece(text[at:first])
            yield _link(text[first:last], link["url"])
            at = last
    if at < end:
        yield Piece(text[at:end])


def _link(words: str, url: str) -> Piece:
    try:
        address = urlsplit(url)
        host = (address.hostname or "").removeprefix("www.")
    except ValueError:
        return Piece(words, url=url)
    href = url if address.scheme.lower() in FOLLOWED else ""
    return Piece(words, url=url, href=href, host="" if host in words.lower() else host)
