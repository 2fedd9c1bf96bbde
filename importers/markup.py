"""HTML to text, the one way for all formats: paragraphs, breaks, quotes and links are kept.

Paragraphs are joined by one empty line, ``<br>`` is a line break, items of lists and rows of
tables are lines, white space runs together as a browser would show it, entities are decoded
once. Blocks tell paragraphs, quotations and rules apart; links keep their addresses. Nothing
else of the markup stays; what the source gave is kept as HTML beside the text.

The markup is read as it comes, without a tree, in time and memory linear in its length: neither
depth nor tags that are never closed cost anything.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from html.entities import html5

from importers.records import MAX_URL, BlockKind, BlockRecord, LinkRecord

PARAGRAPHS = frozenset(
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "details",
        "dialog",
        "div",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "html",
        "legend",
        "main",
        "nav",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "video",
        "audio",
    }
)
LISTS = frozenset({"dir", "dl", "menu", "ol", "ul"})
LINES = frozenset({"dd", "dt", "li", "option", "tbody", "tfoot", "thead", "tr"})
CELLS = frozenset({"td", "th"})
UNSEEN = frozenset(
    {"head", "iframe", "math", "noscript", "object", "script", "style", "svg", "template", "title"}
)
SWALLOWING = frozenset({"iframe", "script", "style", "title"})
QUOTING_CLASSES = frozenset({"quote", "quotetext", "unkfunc"})
QUOTING_COLOURS = frozenset({"#789922", "789922"})
MAY_QUOTE = frozenset({"aside", "blockquote", "font", "span"})
LINK_SCHEMES = frozenset({"", "http", "https", "mailto"})
SECTION_BREAK = "* * *"

_MARKUP = re.compile(r"<(?:(?P<end>/)?(?P<name>[a-zA-Z][^\s/>]*+)|(?P<comment>!--)|[!?/])")
_ATTRIBUTE = re.compile(
    r"[\s/]*+(?:(?P<end>>)|(?P<name>[^\s/>][^\s/>=]*+)"
    r"""(?:\s*+=\s*+(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|(?P<bare>[^\s>]*+)))?+)"""
)
_COMMENT_END = re.compile(r"--!?>")
_SPACE = re.compile(r"[ \t\n\r\f]+")
_EMPTY_LINES = re.compile(r"(?:[ \t\f]*+\n)+")
_LONG_REFERENCE = re.compile(r"&#([0-9]{9,});?")
_ATTRIBUTE_REFERENCE = re.compile(
    r"&(?:#[0-9]++;?|#[xX][0-9a-fA-F]++;?|(?P<name>[A-Za-z0-9]++(?:;|(?!=))))"
)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_WHITE = " \t\n\r\f"


@dataclass(frozen=True, slots=True)
class Quotation:
    """``text[start:end]`` was marked as quoted, by a tag with these ``attributes``."""

    start: int
    end: int
    tag: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Marked:
    """A text out of HTML. Offsets count code points of ``text`` and exclude their end."""

    text: str
    blocks: tuple[BlockRecord, ...] = ()
    links: tuple[LinkRecord, ...] = ()
    quotations: tuple[Quotation, ...] = ()


def html_to_text(html: str) -> Marked:
    """The text of an HTML fragment as a reader would see it, with its blocks and links.

    ``aside`` counts as a quotation only with the class ``quote`` (Discourse); ``span`` with the
    class ``quote`` marks a quoted line (4chan). Never raises, whatever the markup.
    """
    reader = _Reader(html)
    reader.read()
    return reader.text.marked()


class _Reader:
    """Goes through the markup once and tells the text what it meets."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.text = _Text()
        self._lists = 0
        self._opened: defaultdict[str, list[_OpenQuote | None]] = defaultdict(list)
        self._never_ended: set[str] = set()

    def read(self) -> None:
        at, size = 0, len(self.html)
        while at < size:
            found = _MARKUP.search(self.html, at)
            if found is None:
                self.text.add(_decoded(self.html[at:]))
                return
            if found.start() > at:
                self.text.add(_decoded(self.html[at : found.start()]))
            at = self._markup(found)

    def _markup(self, found: re.Match[str]) -> int:
        """Take what begins with ``<``; returns where the markup goes on."""
        if found["comment"]:
            end = _COMMENT_END.search(self.html, found.end() - 2)
            return end.end() if end else len(self.html)
        if found["name"] is None:
            return self._after_bracket(found.end())
        name = found["name"].lower()
        if found["end"]:
            self._end(name)
            return self._after_bracket(found.end())
        return self._start_tag(name, found)

    def _after_bracket(self, at: int) -> int:
        return self.html.find(">", at) + 1 or len(self.html)

    def _start_tag(self, name: str, found: re.Match[str]) -> int:
        attributes: dict[str, str] = {}
        at = found.end()
        while part := _ATTRIBUTE.match(self.html, at):
            at = part.end()
            if part["end"]:
                self._start(name, attributes)
                return self._after_unseen(name, at) if name in UNSEEN else at
            value = part["double"] or part["single"] or part["bare"] or ""
            attributes.setdefault(part["name"].lower(), value)
        if not attributes or "=" not in self.html[found.start() :]:
            self.text.add(_decoded(self.html[found.start() :]))
        return len(self.html)

    def _after_unseen(self, name: str, at: int) -> int:
        """The end of an element that browsers do not show; of the text for a script never ended."""
        if name not in self._never_ended:
            end = re.compile(rf"</{name}[\s/>]", re.IGNORECASE).search(self.html, at)
            if end:
                return end.start()
            self._never_ended.add(name)
        return len(self.html) if name in SWALLOWING else at

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "br":
            self.text.break_line()
        elif name == "hr":
            self.text.add_rule()
        elif name == "img":
            self.text.add(_decoded_attribute(attributes.get("alt", "")))
        elif name == "a":
            self.text.open_link(_address(attributes.get("href", "")))
        elif name in CELLS:
            self.text.next_cell()
        else:
            self._divide(name)
        self._lists += name in LISTS
        if name == "pre":
            self.text.preformatted += 1
        if name in MAY_QUOTE:
            quotes = _is_quoting(name, attributes)
            self._opened[name].append(self.text.open_quote(name, attributes) if quotes else None)

    def _end(self, name: str) -> None:
        self._lists -= name in LISTS and self._lists > 0
        if name == "br":
            self.text.break_line()
        elif name == "a":
            self.text.close_link()
        elif name == "pre":
            self.text.preformatted = max(0, self.text.preformatted - 1)
        self._divide(name)
        if self._opened[name] if name in MAY_QUOTE else ():
            quote = self._opened[name].pop()
            if quote is not None:
                self.text.close_quote(quote)

    def _divide(self, name: str) -> None:
        """Paragraphs stand apart by an empty line, items and rows by a line end."""
        if name in PARAGRAPHS:
            self.text.divide(2)
        elif name in LISTS:
            self.text.divide(1 if self._lists else 2)
        elif name in LINES:
            self.text.divide(1)


@dataclass(slots=True)
class _OpenQuote:
    """A quotation that is not closed yet. ``start`` is None as long as nothing was quoted."""

    tag: str
    attributes: dict[str, str]
    start: int | None = None
    is_open: bool = True


@dataclass(slots=True)
class _Text:
    """The text so far, and what must stand before the next word."""

    preformatted: int = 0
    _parts: list[str] = field(default_factory=list)
    _length: int = 0
    _blocks: list[BlockRecord] = field(default_factory=list)
    _block: tuple[BlockKind, int] | None = None
    _links: list[LinkRecord] = field(default_factory=list)
    _quotations: list[Quotation] = field(default_factory=list)
    _open_quotes: list[_OpenQuote] = field(default_factory=list)
    _unstarted: list[_OpenQuote] = field(default_factory=list)
    _link: str = ""
    _link_start: int | None = None
    _division: int = 0
    _breaks: int = 0
    _has_cell: bool = False
    _has_space: bool = False
    _held: list[str] = field(default_factory=list)

    def add(self, data: str) -> None:
        if self.preformatted:
            self._add_as_it_is(data.replace("\r\n", "\n").replace("\r", "\n"))
            return
        words = data.strip(_WHITE)
        if not words:
            self._has_space |= bool(data)
            return
        self._has_space |= data[0] in _WHITE
        self._write(_SPACE.sub(" ", words))
        self._has_space = data[-1] in _WHITE

    def break_line(self) -> None:
        if self.preformatted:
            self._held.append("\n")
        else:
            self._breaks += 1

    def divide(self, lines: int) -> None:
        self._division = max(self._division, lines)
        self._breaks, self._has_cell, self._has_space = 0, False, False
        self._held.clear()

    def next_cell(self) -> None:
        self._has_cell = True

    def add_rule(self) -> None:
        self.divide(2)
        self._write(SECTION_BREAK, "section_break")
        self.divide(2)

    def open_link(self, address: str) -> None:
        self.close_link()
        self._link = address

    def close_link(self) -> None:
        if self._link and self._link_start is not None:
            self._links.append(LinkRecord(self._link_start, self._length, self._link))
        self._link, self._link_start = "", None

    def open_quote(self, tag: str, attributes: Mapping[str, str]) -> _OpenQuote:
        decoded = {_storable(name): _decoded_attribute(value) for name, value in attributes.items()}
        quote = _OpenQuote(tag, decoded)
        self._open_quotes.append(quote)
        self._unstarted.append(quote)
        return quote

    def close_quote(self, quote: _OpenQuote) -> None:
        """Close it, and those that were opened within and never closed."""
        while quote.is_open:
            closed = self._open_quotes.pop()
            closed.is_open = False
            if closed.start is not None:
                self._quotations.append(
                    Quotation(closed.start, self._length, closed.tag, closed.attributes)
                )

    def marked(self) -> Marked:
        self.close_link()
        if self._open_quotes:
            self.close_quote(self._open_quotes[0])
        self._end_block()
        self._quotations.reverse()  # closed last is around the others
        self._quotations.sort(key=lambda quotation: (quotation.start, -quotation.end))
        return Marked(
            "".join(self._parts), tuple(self._blocks), tuple(self._links), tuple(self._quotations)
        )

    def _add_as_it_is(self, data: str) -> None:
        words = data.strip(_WHITE)
        if not words:
            self._held.append(data)
            return
        start = data.index(words[0])
        self._held.append(data[:start])
        self._write(words)
        self._held.append(data[start + len(words) :])

    def _write(self, words: str, kind: BlockKind = "paragraph") -> None:
        """Add words that neither begin nor end with white space, after what divides them.

        A no-break space that stands alone where a block begins is how editors write an empty
        paragraph: it is no word.
        """
        if words.isspace() and (not self._length or self._division):
            return
        separator = self._separator()
        self._open_block(separator.count("\n"), kind)
        self._parts += (separator, words)
        start = self._length + len(separator)
        self._length = start + len(words)
        for quote in self._unstarted:
            quote.start = start
        self._unstarted.clear()
        if self._link and self._link_start is None:
            self._link_start = start

    def _open_block(self, lines: int, kind: BlockKind) -> None:
        """Begin a block after an empty line, and where quoted lines begin or end."""
        if kind == "paragraph" and self._open_quotes:
            kind = "quote"
        if self._block is not None and (lines < 2 and (lines == 0 or self._block[0] == kind)):
            return
        self._end_block()
        self._block = (kind, self._length + (lines if self._length else 0))

    def _end_block(self) -> None:
        if self._block is not None:
            self._blocks.append(BlockRecord(*self._block, self._length))
            self._block = None

    def _separator(self) -> str:
        held, self._held = "".join(self._held), []
        division, self._division = self._division, 0
        breaks, self._breaks = self._breaks, 0
        cell, self._has_cell = self._has_cell, False
        space, self._has_space = self._has_space, False
        if not self._length:
            return ""
        if division:
            indented = held if self.preformatted else ""
            return "\n" * division + _EMPTY_LINES.sub("", indented, count=1)
        if held or breaks:
            return held + "\n" * breaks
        return "\t" if cell else " " if space else ""


def _decoded(text: str) -> str:
    return _storable(unescape(_LONG_REFERENCE.sub(_short_reference, text)))


def _short_reference(found: re.Match[str]) -> str:
    digits = found[1].lstrip("0")
    return f"&#{digits or 0};" if len(digits) < 8 else "\ufffd"


def _decoded_attribute(value: str) -> str:
    """An attribute's value: in addresses, ``&copy=`` is no copyright sign."""
    return _storable(_ATTRIBUTE_REFERENCE.sub(_reference, value))


def _reference(found: re.Match[str]) -> str:
    name = found["name"]
    return html5.get(name, found[0]) if name else _decoded(found[0])


def _storable(text: str) -> str:
    return _UNSTORABLE.sub("\ufffd", text)


def _address(href: str) -> str:
    """The address of a link, or nothing for one that leads nowhere or cannot be kept."""
    address = re.sub(r"[\t\n\r]", "", _decoded_attribute(href).strip("".join(map(chr, range(33)))))
    scheme = _SCHEME.match(address)
    is_followed = (scheme[1].lower() if scheme else "") in LINK_SCHEMES
    return address if is_followed and len(address) <= MAX_URL else ""


def _is_quoting(tag: str, attributes: Mapping[str, str]) -> bool:
    if tag == "font":
        return attributes.get("color", "").strip().lower() in QUOTING_COLOURS
    classes = attributes.get("class", "").lower().split()
    return tag == "blockquote" or not QUOTING_CLASSES.isdisjoint(classes)
