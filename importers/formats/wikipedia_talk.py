"""A talk page of a wiki as MediaWiki shows it: HTML of its parser or of Parsoid, or a saved page.

Comments, their authors, times and levels are found as MediaWiki's DiscussionTools finds them
(``importers.talk_page``). Each heading with comments below it, whatever its level, is a thread;
what is signed above the first heading is the thread of the page itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from lxml import etree

from annotations.errors import UnreadableFile
from importers.html_tree import PAGE_LIMIT, decode_page, parse_page
from importers.markup import Marked, html_to_text
from importers.options import refuse_options
from importers.records import (
    CommentRecord,
    Note,
    Record,
    RecordError,
    RelationRecord,
    ThreadRecord,
)
from importers.source import Source
from importers.talk_page import Section, TalkComment, content_of, find_sections
from importers.wiki_time import find_times
from importers.wiki_user import title_of, user_of

TITLE = "Wikipedia talk page (HTML)"
NAME_LENGTH = 80
ANCHOR_LENGTH = 200
SIGNATURE_LENGTH = 1_500
VARIANTS = {"sr": ("sr_Cyrl", "sr_Latn"), "no": ("nb",), "simple": ("en",), "zh-yue": ("yue",)}

_MARKS = re.compile(
    rb"mw-parser-output|mw-headline|mw-heading|data-mw-section-id|mw:PageProp|mw:WikiLink"
    rb"""|name="generator" content="MediaWiki|mw-content-text"""
)
_PAGE_NAME = re.compile(r'"wgPageName"\s*:\s*"((?:[^"\\]|\\.)*)"')
_HREF = re.compile(r"""href=["']([^"']+)["']""")
_HOST_LANGUAGE = re.compile(r"([a-z][a-z-]+)\.(?:m\.)?(?:wikipedia|wiktionary|wiki\w+)\.org")


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says of itself: ``address`` is its own, as far as it is known."""

    title: str
    host: str
    address: str
    languages: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.host}/{self.title}" if self.title else ""


def detect(source: Source) -> float:
    """Whether the page is MediaWiki's and has a time with a link to a user in front of it."""
    if not source.head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return 0.0
    if not _MARKS.search(source.head):
        return 0.0
    page = re.sub("&#160;|&nbsp;", "\xa0", decode_page(source.head))
    for signed in find_times(page):
        before = page[max(0, signed.start - SIGNATURE_LENGTH) : signed.start]
        if any(user_of(title_of(href.replace("&amp;", "&"))) for href in _HREF.findall(before)):
            return 0.97
    return 0.0


def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    """Yield a thread and its comments for each section; takes no options.

    Raises UnreadableFile for a page of more than 16 MiB, one that nests too deep, or one
    without any signed comment.
    """
    refuse_options(options, TITLE)
    root = parse_page(decode_page(source.read(PAGE_LIMIT)), source.name)
    page = _page(root)
    sections = find_sections(content_of(root), page.title, page.languages)
    if not any(section.comments for section in sections):
        raise UnreadableFile(
            f"{source.name} holds no comment that is signed with a link to its author and a time, "
            "as comments on talk pages are."
        )
    ids = _Ids(page)
    for number, section in enumerate(sections):
        if section.comments:
            yield from _thread(page, section, ids)
        elif number:
            yield Note("sections without comments left out")
        if section.unsigned and section.comments:
            yield Note("unsigned passages left out", section.unsigned)


class _Ids:
    """Ids that a later version of the page gives again, each at most once."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._given: Counter[str] = Counter()

    def of_thread(self, section: Section) -> str:
        anchor = section.heading.anchor[:ANCHOR_LENGTH]
        if self.page.key:
            return self._once(f"{self.page.key}#{anchor}" if anchor else self.page.key)
        started = min(comment.time.time for comment in section.comments)
        return self._once(f"{self.page.host or 'wiki'}#h-{anchor}-{_written(started)}")

    def of_comment(self, comment: TalkComment, thread_id: str) -> str:
        author = comment.author[:NAME_LENGTH].replace(" ", "_")
        scope = self.page.key or thread_id
        return self._once(f"{scope}#c-{author}-{_written(comment.time.time)}")

    def _once(self, wanted: str) -> str:
        self._given[wanted] += 1
        count = self._given[wanted]
        return wanted if count == 1 else f"{wanted}-{count - 1}"


def _thread(page: Page, section: Section, ids: _Ids) -> Iterator[Record]:
    heading = section.heading
    thread_id = ids.of_thread(section)
    fragment = f"#{quote(heading.anchor)}" if heading.anchor and page.address else ""
    try:
        yield ThreadRecord(
            id=thread_id,
            title=heading.title or page.title,
            url=page.address + fragment,
            platform="wikipedia",
            raw={"page": page.title, "anchor": heading.anchor, "heading_level": heading.level},
        )
    except ValueError as error:
        yield RecordError(None, f"The section “{heading.title[:80]}” was left out. {error}")
        return
    given: list[str] = []
    for comment in section.comments:
        given.append(ids.of_comment(comment, thread_id))
        parent = None if comment.parent is None else given[comment.parent]
        yield _comment(comment, given[-1], thread_id, parent)


def _comment(
    comment: TalkComment, comment_id: str, thread_id: str, parent: str | None
) -> CommentRecord | RecordError:
    marked = html_to_text(comment.body)
    try:
        return CommentRecord(
            id=comment_id,
            thread_id=thread_id,
            text=marked.text,
            author_id=comment.author,
            author_name=comment.author,
            reply_to=parent,
            html=comment.html,
            posted_at=comment.time.time,
            posted_at_estimated=comment.time.is_estimated,
            blocks=marked.blocks,
            links=marked.links,
            relations=tuple(_mentions(marked, comment.author)),
            raw={"level": comment.level},
        )
    except ValueError as error:
        return RecordError(None, f"The comment {comment_id} was left out. {error}")


def _mentions(marked: Marked, author: str) -> Iterator[RelationRecord]:
    """Links to other users, by which they are told of the comment."""
    for link in marked.links:
        user = user_of(title_of(link.url))
        if user and user != author:
            yield RelationRecord(
                kind="mention",
                basis="given",
                start=link.start,
                end=link.end,
                target_author_id=user,
            )


def _page(root: etree._Element) -> Page:
    """The page's title, wiki and languages by what it says in its head, or by its links."""
    address = ""
    for rel in ("canonical", "dc:isVersionOf"):
        for link in root.iterfind(f".//link[@rel='{rel}']"):
            address = address or (link.get("href") or "").partition("#")[0]
    if address.startswith("//"):
        address = f"https:{address}"
    title = title_of(address) or _named_in_script(root)
    host = urlsplit(address).hostname or _commonest_host(root) if _is_address(address) else ""
    host = host or _commonest_host(root)
    return Page(title, host, address if title else "", _languages(root, host))


def _is_address(address: str) -> bool:
    try:
        return bool(urlsplit(address).hostname)
    except ValueError:
        return False


def _named_in_script(root: etree._Element) -> str:
    for script in root.iter("script"):
        found = _PAGE_NAME.search(script.text or "")
        if found:
            return found[1].replace("\\/", "/").replace("_", " ")
    return ""


def _commonest_host(root: etree._Element) -> str:
    """The wiki to whose pages most links lead, where the links name it."""
    hosts: Counter[str] = Counter()
    for element in root.iter("a", "base"):
        found = re.match(r"(?:https?:)?//([\w.-]+)/(?:wiki/|w/)", element.get("href") or "")
        if found:
            hosts[found[1]] += 1
    return hosts.most_common(1)[0][0] if hosts else ""


def _languages(root: etree._Element, host: str) -> tuple[str, ...]:
    """The languages of the page, the likeliest first, with the scripts that they have."""
    named = [
        (element.get("lang") or "").lower()
        for element in (content_of(root), root.find("body"), root)
        if element is not None
    ]
    found = _HOST_LANGUAGE.fullmatch(host)
    names = [*named, *(name.partition("-")[0] for name in named), found[1] if found else ""]
    languages: list[str] = []
    for name in names:
        languages += (name, *VARIANTS.get(name, ()))
    return tuple(dict.fromkeys(language for language in languages if language))


def _written(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%S}.000Z"
