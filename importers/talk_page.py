"""The comments of a wiki's talk page, found as MediaWiki's own DiscussionTools finds them.

A comment ends with a signature: a link to its author (page, talk page or contributions) and, in
the same paragraph and at most a hundred letters on, a time. It begins where the one before
ended, or after the heading; it ends with its paragraph. How many list items and definitions
stand around it is its level, and it answers the last comment of a lower level. Nothing is
looked for in headings, quotations, references and the table of contents.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from importers.html_tree import VOID, classes, opening_tag
from importers.wiki_time import Signed, find_time
from importers.wiki_user import USER, title_of, user_of

SCAN_LIMIT = 100

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | {
    "div",
    "p",
    "table",
    "tbody",
    "thead",
    "tfoot",
    "caption",
    "th",
    "tr",
    "td",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "hgroup",
    "article",
    "aside",
    "body",
    "nav",
    "section",
    "footer",
    "header",
    "figure",
    "figcaption",
    "fieldset",
    "details",
    "blockquote",
    "hr",
    "button",
    "canvas",
    "center",
    "col",
    "colgroup",
    "embed",
    "map",
    "object",
    "pre",
    "progress",
    "video",
}
_WITHOUT_COMMENTS = frozenset({"blockquote", "cite", "q"})
_LEAVES = {
    "area",
    "embed",
    "iframe",
    "img",
    "input",
    "param",
    "source",
    "textarea",
    "track",
    "video",
    "wbr",
}
_SEPARATORS = frozenset({"br", "hr"})
_SEPARATING_CLASSES = frozenset({"outdent-template", "mw-trackedTemplate", "mw-notalk"})
_UNREAD = frozenset({"head", "link", "meta", "noscript", "script", "style", "template", "title"})
_UNREAD_CLASSES = frozenset(
    {
        "mw-editsection",
        "ext-discussiontools-init-replylink-buttons",
        "ext-discussiontools-init-section-bar",
        "ext-discussiontools-init-section-subscribe",
        "ext-discussiontools-init-section-overflowMenuButton",
    }
)
_STARTS_WITH_COMMENT = {
    "a",
    "abbr",
    "b",
    "big",
    "blockquote",
    "code",
    "del",
    "em",
    "font",
    "i",
    "ins",
    "pre",
    "s",
    "small",
}
_WHITE = " \t\n\r\f"


@dataclass(frozen=True, slots=True)
class Heading:
    """Where a section begins. ``level`` is that of h1 to h6; 0 for the top of the page."""

    title: str = ""
    anchor: str = ""
    level: int = 0


@dataclass(frozen=True, slots=True)
class TalkComment:
    """``html`` is all of it, ``body`` what is left without its signature. ``parent`` counts
    the comments of its section from 0; ``level`` is 1 for a comment that stands at the margin."""

    author: str
    time: Signed
    level: int
    html: str
    body: str
    parent: int | None = None


@dataclass(slots=True)
class Section:
    """A heading with the comments below it, up to the next heading of any level."""

    heading: Heading
    comments: list[TalkComment] = field(default_factory=list)
    unsigned: int = 0


@dataclass(slots=True)
class _Event:
    """A tag that opens or closes (``partner`` is the other one), or a piece of text.

    ``level`` counts the list items and definitions around it and of it.
    """

    kind: str
    element: etree._Element
    level: int
    is_searched: bool
    text: str = ""
    partner: int = -1

    @property
    def is_block(self) -> bool:
        return self.kind != "text" and self.element.tag in _BLOCKS


def find_sections(
    root: etree._Element, page: str = "", languages: tuple[str, ...] = ()
) -> list[Section]:
    """The sections of a talk page in their order, those without comments as well.

    ``page`` is the title of the page, where links of a page to itself lead.
    """
    return _Finder(_events(root), page, languages).sections()


def content_of(root: etree._Element) -> etree._Element:
    """What the writers of a page wrote, without what the wiki puts around it."""
    for element in root.find_class("mw-parser-output"):
        return element
    body = root.find("body")
    return root if body is None else body


class _Finder:
    """Goes through the events once; ``end`` is where the last comment or heading ended."""

    def __init__(self, events: list[_Event], page: str, languages: tuple[str, ...]) -> None:
        self.events, self.page, self.languages = events, page, languages
        self.namespaces = USER
        self.last_signature = -1

    def sections(self) -> list[Section]:
        sections = [Section(Heading())]
        end, at = 0, 0
        while at < len(self.events):
            event = self.events[at]
            if event.kind == "open" and event.element.tag in _HEADINGS and event.is_searched:
                sections[-1].unsigned += self._leaf(end, at) is not None
                sections.append(Section(self._heading(at)))
                at = end = event.partner + 1
                continue
            time = self._time(at)
            author, link = self._signature(at) if time else ("", at)
            if time and author:
                stop = self._paragraph_end(at)
                sections[-1].comments.append(self._comment(end, at, stop, link, author, time))
                at = end = stop
                continue
            at += 1
        sections[-1].unsigned += self._leaf(end, len(self.events)) is not None
        for section in sections:
            section.comments = list(_with_parents(section.comments))
        return sections

    def _heading(self, at: int) -> Heading:
        element = self.events[at].element
        headline = next(iter(element.find_class("mw-headline")), element)
        inside = self.events[at : self.events[at].partner]
        words = "".join(event.text for event in inside).split()
        numbers = element.find_class("mw-headline-number")
        if numbers and words and words[0] == (numbers[0].text or "").strip():
            words = words[1:]
        anchor = headline.get("id") or element.get("id") or ""
        return Heading(" ".join(words), anchor, int(element.tag[1]))

    def _time(self, at: int) -> Signed | None:
        event = self.events[at]
        if event.kind != "text" or not event.is_searched:
            return None
        return find_time(event.text, self.languages)

    def _signature(self, at: int) -> tuple[str, int]:
        """Who signed before the time at ``at``, and where the signature begins."""
        author, begin, length, position = "", at, 0, at
        until, self.last_signature = self.last_signature, at
        while position > 0 and length < SCAN_LIMIT:
            position -= 1
            event = self.events[position]
            if position <= until or event.is_block:
                break
            if event.kind == "text":
                length += len(event.text.strip(_WHITE))
            elif event.kind == "open" and event.element.tag == "a":
                user = self._user(event.element)
                author = author or user
                if user and user == author:
                    begin = position
        return author, self._with_siblings(begin, at)

    def _with_siblings(self, begin: int, at: int) -> int:
        """Where the element begins that holds the first link, but not the time."""
        outermost = begin
        position = begin + 1
        while position < at:
            event = self.events[position]
            if event.kind == "close" and event.partner < outermost:
                outermost = event.partner
            position += 1
        return outermost

    def _user(self, link: etree._Element) -> str:
        if classes(link) & {"mw-selflink"}:
            return user_of(self.page, self.namespaces)
        return user_of(title_of(link.get("href") or ""), self.namespaces)

    def _paragraph_end(self, at: int) -> int:
        """The first event behind the paragraph in which the time stands."""
        while at < len(self.events) and not self.events[at].is_block:
            at += 1
        return at

    def _comment(
        self, begin: int, at: int, stop: int, link: int, author: str, time: Signed
    ) -> TalkComment:
        leaf = self._leaf(begin, at + 1)
        start = at if leaf is None else leaf
        level = min(self.events[start].level, self.events[at].level) + 1
        while start > begin and self.events[start - 1].kind == "open":
            if self.events[start - 1].element.tag not in _STARTS_WITH_COMMENT:
                break
            start -= 1
        whole = _written(self.events[start:stop])
        after = self.events[at].text[time.end :]
        body = _written(self.events[start:link]) + html.escape(after, quote=False)
        body += _written(self.events[at + 1 : stop])
        return TalkComment(author, time, level, whole, body)

    def _leaf(self, begin: int, end: int) -> int | None:
        """The first word or picture from there on; breaks, rules and marks of outdents are none."""
        at = begin
        while at < end:
            event = self.events[at]
            if event.kind == "open":
                tag = event.element.tag
                if tag in _SEPARATORS or classes(event.element) & _SEPARATING_CLASSES:
                    at = max(at, event.partner)
                elif tag in _LEAVES:
                    return at
            elif event.kind == "text" and event.text.strip(_WHITE):
                return at
            at += 1
        return None


def _with_parents(comments: list[TalkComment]) -> Iterator[TalkComment]:
    """Each with the last comment of a lower level; a level that was skipped counts as taken."""
    last: list[int | None] = [None]
    for number, comment in enumerate(comments):
        while len(last) < comment.level:
            last.append(last[-1])
        del last[comment.level :]
        parent = last[comment.level - 1]
        last.append(number)
        yield TalkComment(
            comment.author, comment.time, comment.level, comment.html, comment.body, parent
        )


def _events(root: etree._Element) -> list[_Event]:
    events: list[_Event] = []
    opened: list[int] = []
    level, unread, unsearched = 0, 0, 0
    for action, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else "script"
        if action == "start":
            unread += unread > 0 or _is_unread(tag, element)
            if unread:
                continue
            unsearched += unsearched > 0 or _is_without_comments(tag, element)
            level += tag in {"li", "dd"}
            if _is_entity(element):
                opened.append(-1)
            else:
                opened.append(len(events))
                events.append(_Event("open", element, level, not unsearched))
            in_heading = tag in _HEADINGS
            _add_text(events, element, element.text, level, not unsearched and not in_heading)
            continue
        if unread:
            unread -= 1
            is_read = unread == 0
        else:
            is_read = True
            begin = opened.pop()
            if begin >= 0:
                events[begin].partner = len(events)
                events.append(_Event("close", element, level, not unsearched, partner=begin))
            level -= tag in {"li", "dd"}
            unsearched -= unsearched > 0
        if is_read and element is not root:
            _add_text(events, element, element.tail, level, not unsearched)
    return events


def _add_text(
    events: list[_Event], element: etree._Element, text: str | None, level: int, searched: bool
) -> None:
    if not text:
        return
    if events and events[-1].kind == "text":  # around an entity that Parsoid marks
        events[-1].text += text
    else:
        events.append(_Event("text", element, level, searched, text))


def _is_unread(tag: str, element: etree._Element) -> bool:
    return (
        tag in _UNREAD
        or element.get("id") in {"toc", "mw-toc-heading"}
        or bool(classes(element) & _UNREAD_CLASSES)
    )


def _is_without_comments(tag: str, element: etree._Element) -> bool:
    parent = element.getparent()
    return (
        tag in _WITHOUT_COMMENTS
        or (tag == "ol" and "references" in classes(element))
        or "mw-notalk" in classes(element)
        or (parent is not None and parent.tag in _HEADINGS)
    )


def _is_entity(element: etree._Element) -> bool:
    return "mw:Entity" in (element.get("typeof") or "").split()


def _written(events: list[_Event]) -> str:
    """The events as HTML again; what closes there without having been opened is left out."""
    parts: list[str] = []
    opened: list[etree._Element] = []
    for event in events:
        if event.kind == "text":
            parts.append(html.escape(event.text, quote=False))
        elif event.kind == "open":
            parts.append(opening_tag(event.element))
            if event.element.tag not in VOID:
                opened.append(event.element)
        elif opened and opened[-1] is event.element:
            parts.append(f"</{opened.pop().tag}>")
    parts += (f"</{element.tag}>" for element in reversed(opened))
    return "".join(parts)
