"""WordPress exports (WXR): RSS with the articles of a site and the comments in each of them.

The namespace comes in versions 1.0 to 1.2, with http and https; only its name is looked at.
Comments are given one by one as they end, so an article may have any number of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from importers.json_fields import Notes
from importers.markup import Marked, html_to_text
from importers.options import PrivacyOptions, read_options
from importers.privacy import without_private
from importers.records import CommentRecord, Record, RecordError, Status, ThreadRecord
from importers.source import Source
from importers.xml_text import Element, check_document, read_elements, root_tag

TITLE = "WordPress export (WXR)"
SITE = ("channel/base_blog_url", "channel/base_site_url", "channel/link")
AUTHOR, ITEM, COMMENT = "channel/author", "channel/item", "item/comment"
EXPORT = "wordpress.org/export/"
CONTENT = "purl.org/rss/1.0/modules/content"
HAS_NAMESPACE = re.compile(r"https?://wordpress\.org/export/")
STATUSES: dict[str, Status] = {
    "0": "unapproved",
    "hold": "unapproved",
    "spam": "spam",
    "trash": "removed_by_moderator",
    "post-trashed": "removed_by_moderator",
}
PINGS = frozenset({"pingback", "trackback"})
ITEM_FIELDS_LEFT_OUT = frozenset({"encoded"})

_NUMBERED = re.compile(r"[?&](?:p|page_id)=(\d+)")
_PREFORMATTED = re.compile(r"(<pre\b|</pre\b)", re.IGNORECASE)
_EMPTY_LINES = re.compile(r"\n[ \t]*\n\s*")
_LINE_END = re.compile(r"(?:<br\s*/?>)?\n", re.IGNORECASE)


def detect(source: Source) -> float:
    """Whether the root element is ``rss`` with the namespace of WordPress's export."""
    name, tag = root_tag(source)
    return 0.98 if name == "rss" and HAS_NAMESPACE.search(tag) else 0.0


def propose(source: Source) -> dict[str, Any]:
    return {"keep_private": False}


def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    """Yield each item that has comments as a thread: its article, then its comments.

    Raises InvalidInput for options, UnreadableFile for XML that is not well-formed.
    """
    reader = _Reader(source, read_options(options, PrivacyOptions, TITLE).keep_private)
    check_document(source)
    yield from reader.records()
    yield from reader.notes.records()


@dataclass(slots=True)
class _Reader:
    source: Source
    keep_private: bool
    urls: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, tuple[str, str]] = field(default_factory=dict)
    notes: Notes = field(default_factory=Notes)

    def records(self) -> Iterator[Record]:
        waiting: list[Element] = []
        opened: Element | None = None
        for element in read_elements(self.source, (*SITE, AUTHOR, ITEM, COMMENT), self.notes):
            if element.name == "comment":
                item = element.within
                if item is None or EXPORT not in element.namespace:
                    continue
                if not item.value("post_id"):
                    waiting.append(element)
                    continue
                if opened is not item:
                    opened = item
                    yield from self._thread(item)
                yield self._comment(item, element)
            elif element.name == "item":
                if waiting:
                    yield from self._late(element, waiting, is_opened=opened is element)
                elif opened is not element:
                    self.notes["items without comments left out"] += 1
                waiting, opened = [], None
            else:
                self._about_site(element)

    def _late(self, item: Element, comments: list[Element], *, is_opened: bool) -> Iterator[Record]:
        """Comments that stood in front of the number of their article."""
        if not is_opened:
            yield from self._thread(item)
        for comment in comments:
            yield self._comment(item, comment)

    def _about_site(self, element: Element) -> None:
        if element.name == "author":
            login = element.value("author_login")
            name = element.value("author_display_name") or login
            self.accounts[login] = (element.value("author_id"), name)
        elif "Atom" not in element.namespace and element.text.strip():
            self.urls.setdefault(element.name, element.text.strip())

    def _site(self, item: Element) -> str:
        """The blog by its address: numbers of posts and comments are its own."""
        for name in ("base_blog_url", "link", "base_site_url"):
            if site := _bare_address(self.urls.get(name, "")):
                return site
        return _host(item.value("link")) or "wordpress"

    def _thread_id(self, item: Element) -> str:
        if post := _post(item):
            return f"{self._site(item)}:post:{post}"
        raise ValueError("The article has neither wp:post_id nor a link.")

    def _thread(self, item: Element) -> Iterator[Record]:
        try:
            thread = ThreadRecord(
                id=self._thread_id(item),
                title=html_to_text(item.value("title")).text,
                url=item.value("link"),
                platform="wordpress",
                raw=self._raw(item, ITEM_FIELDS_LEFT_OUT),
            )
            yield thread
            yield self._article(item, thread.id)
        except ValueError as error:
            shown = _post(item) or item.value("title")
            yield RecordError(item.line, f"The article {shown} was left out. {error}")

    def _article(self, item: Element, thread: str) -> CommentRecord:
        content = item.child("encoded", CONTENT)
        html = content.text.strip() if content else ""
        marked = _marked(html)
        author_id, author_name = self._writer(item)
        posted_at, is_estimated = self._time(item, "post_date", "pubDate")
        edited_at, _ = self._time(item, "post_modified")
        is_removed = item.value("status") == "trash"
        return CommentRecord(
            id=thread,
            thread_id=thread,
            kind="article",
            text=marked.text,
            html=html,
            blocks=marked.blocks,
            links=marked.links,
            author_id=author_id,
            author_name=author_name,
            status="removed_by_moderator" if is_removed else "visible",
            posted_at=posted_at,
            posted_at_estimated=is_estimated,
            edited_at=edited_at if posted_at and edited_at and edited_at > posted_at else None,
            raw=self._raw(item, ITEM_FIELDS_LEFT_OUT),
            line=item.line,
        )

    def _comment(self, item: Element, element: Element) -> Record:
        number = element.value("comment_id")
        if not number:
            return RecordError(element.line, "The comment has no wp:comment_id.")
        try:
            return self._said(self._thread_id(item), self._site(item), element, number)
        except ValueError as error:
            return RecordError(element.line, f"The comment {number} was left out. {error}")

    def _said(self, thread: str, site: str, element: Element, number: str) -> CommentRecord:
        parent = element.value("comment_parent")
        content = element.child("comment_content")
        html = content.text.strip() if content else ""
        marked = _marked(html)
        author_id, author_name = _commenter(site, element)
        posted_at, is_estimated = self._time(element, "comment_date")
        if element.value("comment_type").lower() in PINGS:
            self.notes["pingbacks and trackbacks taken as comments"] += 1
        return CommentRecord(
            id=f"{thread}:comment:{number}",
            thread_id=thread,
            reply_to=f"{thread}:comment:{parent}" if parent.strip("0") else None,
            text=marked.text,
            html=html,
            blocks=marked.blocks,
            links=marked.links,
            author_id=author_id,
            author_name=author_name,
            status=STATUSES.get(element.value("comment_approved").lower(), "visible"),
            posted_at=posted_at,
            posted_at_estimated=is_estimated,
            raw=self._raw(element),
            line=element.line,
        )

    def _writer(self, item: Element) -> tuple[str, str]:
        login = item.value("creator")
        number, name = self.accounts.get(login, ("", login))
        if not login:
            return "", ""
        return f"{self._site(item)}:{f'user:{number}' if number else f'login:{login}'}", name

    def _time(self, element: Element, name: str, rss: str = "") -> tuple[datetime | None, bool]:
        """The time in UTC; else the local one, estimated, because its zone is not told."""
        for written, zone in (
            (element.value(f"{name}_gmt"), "+00:00"),
            (_rss_time(element.value(rss)) if rss else "", ""),
            (element.value(name), ""),
        ):
            if written and not written.startswith("0000"):
                return self.notes.time(written + zone)
        return None, False

    def _raw(self, element: Element, left_out: frozenset[str] = frozenset()) -> dict[str, Any]:
        whole = {name: value for name, value in element.raw().items() if name not in left_out}
        raw, dropped = without_private(whole, keep=self.keep_private)
        self.notes.take(dropped)
        return raw


def _post(item: Element) -> str:
    """The number of an article; else its address, in which the number may stand."""
    address = item.value("link") or item.value("guid")
    numbered = _NUMBERED.search(address)
    return item.value("post_id") or (numbered[1] if numbered else address)


def _commenter(site: str, comment: Element) -> tuple[str, str]:
    """An account of the site by its number; a guest by the name given."""
    name, account = unescape(comment.value("comment_author")), comment.value("comment_user_id")
    if account.strip("0"):
        return f"{site}:user:{account}", name
    return (f"{site}:guest:{name}", name) if name else ("", "")


def _marked(html: str) -> Marked:
    """WordPress keeps line ends, and makes paragraphs and breaks of them when it shows a text."""
    parts = _PREFORMATTED.split(html.replace("\r\n", "\n").replace("\r", "\n"))
    is_kept = False
    for number, part in enumerate(parts):
        if number % 2:
            is_kept = part.lower() == "<pre"
        elif not is_kept:
            parts[number] = _LINE_END.sub("<br>", _EMPTY_LINES.sub("<p>", part))
    return html_to_text("".join(parts))


def _rss_time(written: str) -> str:
    try:
        time = parsedate_to_datetime(written)
        return (time.astimezone(UTC) if time.tzinfo else time).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def _bare_address(url: str) -> str:
    """Host and path: ``http://Example.org/blog/`` is ``example.org/blog``."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}" if parts.netloc else ""


def _host(url: str) -> str:
    return _bare_address(url).partition("/")[0]
