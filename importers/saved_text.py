"""The text of a saved page, taken apart: title, opening, comments, and their blocks.

Lines are looked at whole; a line of nothing but spaces is an empty one. Nothing is changed
but line ends: CR LF is read as LF, and a byte-order mark is left out.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from importers.records import BlockKind, BlockRecord

MAX_CAPTION = 300

_HEADER = re.compile(r"(?P<name>\S.{0,59})(?P<sign>'|’|&#0?39;)s [Pp]icture[ \t]*")
_SECTION_BREAK = "* * *"
_SENTENCE_ENDS = tuple(".!?…:;\"'”’»")
_BULLETS = tuple("•*-–·")


@dataclass(frozen=True, slots=True)
class Section:
    """The opening or one comment. ``line`` is its first, ``source`` its verbatim slice.

    ``blocks`` are spans of ``text``, which is the blocks joined by one empty line.
    """

    author: str
    line: int
    source: str
    text: str
    blocks: tuple[BlockRecord, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """``opening`` is None where the page begins with a comment: its front is cut off."""

    title: str
    opening: Section | None
    comments: tuple[Section, ...]


def header_name(line: str) -> str | None:
    """The name in a line like `O'Brien's picture`, or None for any other line."""
    found = _HEADER.fullmatch(line)
    if found is None or not found["name"].strip():
        return None
    is_escaped = found["sign"].startswith("&")
    return html.unescape(found["name"]) if is_escaped else found["name"]


def headers(lines: Sequence[str]) -> dict[int, str]:
    """The names by line index: header lines with an empty line, or nothing, on both sides."""
    last = len(lines) - 1
    return {
        index: name
        for index, line in enumerate(lines)
        if (index == 0 or _is_empty(lines[index - 1]))
        and (index == last or _is_empty(lines[index + 1]))
        and (name := header_name(line)) is not None
    }


def parse_page(text: str) -> Page:
    """Take a page apart by the lines that name a picture; any text is a page."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    names = headers(lines)
    title = next((index for index, line in enumerate(lines) if not _is_empty(line)), len(lines))
    if title in names:
        return Page("", None, _comments(lines, names))
    byline = _byline(lines, names, title)
    author = "" if byline is None else names.pop(byline)
    end = min(names, default=len(lines))
    body = (title if byline is None else byline) + 1
    opening = _section(lines, author, 0, body, end, is_article=True)
    return Page(lines[title] if title < end else "", opening, _comments(lines, names))


def _byline(lines: Sequence[str], names: dict[int, str], title: int) -> int | None:
    """The first header, if nothing but the title stands before it."""
    first = min(names, default=None)
    if first is None or not all(map(_is_empty, lines[title + 1 : first])):
        return None
    return first


def _comments(lines: Sequence[str], names: dict[int, str]) -> tuple[Section, ...]:
    starts = sorted(names)
    ends = [*starts[1:], len(lines)]
    return tuple(
        _section(lines, names[start], start, start + 1, end, is_article=False)
        for start, end in zip(starts, ends, strict=False)
    )


def _section(
    lines: Sequence[str], author: str, start: int, body: int, end: int, *, is_article: bool
) -> Section:
    """``lines[start:end]`` of the page, whose blocks begin at ``body``."""
    texts: list[str] = []
    blocks: list[BlockRecord] = []
    offset = 0
    for block, has_gap in _blocks(lines, body, end):
        texts.append(block)
        kind = _kind(block, is_article=is_article)
        blocks.append(BlockRecord(kind, offset, offset + len(block), has_gap))
        offset += len(block) + 2
    source = "\n".join(lines[start:end]) + ("\n" if end < len(lines) else "")
    return Section(author, start + 1, source, "\n\n".join(texts), tuple(blocks))


def _blocks(lines: Sequence[str], start: int, end: int) -> list[tuple[str, bool]]:
    """Runs of lines with text, each with whether more than one empty line stood before it."""
    found: list[tuple[str, bool]] = []
    run: list[str] = []
    empty = 0
    for line in (*lines[start:end], ""):
        if not _is_empty(line):
            run.append(line)
            continue
        if run:
            found.append(("\n".join(run), empty > 1))
            run, empty = [], 0
        empty += 1
    return found


def _kind(block: str, *, is_article: bool) -> BlockKind:
    """A caption is a short hard-wrapped block of the article that ends no sentence."""
    bare = block.strip()
    if bare == _SECTION_BREAK:
        return "section_break"
    is_wrapped = "\n" in bare and len(bare) <= MAX_CAPTION
    if is_article and is_wrapped and not bare.endswith(_SENTENCE_ENDS):
        has_bullets = any(line.lstrip().startswith(_BULLETS) for line in bare.split("\n"))
        return "paragraph" if has_bullets else "caption"
    return "paragraph"


def _is_empty(line: str) -> bool:
    return not line.strip(" \t\r")
