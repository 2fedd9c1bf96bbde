"""Disqus exports: one XML file with the threads (pages) of a site and the posts under them.

``dsq:id`` is the key of threads and posts all over Disqus; the element ``id`` is the publisher's
own word and often empty. Posts may stand before their thread, so the file is read three times:
once to its end, to know that it is whole and which threads have posts, then for the threads, then
for the posts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import msgspec

from importers.json_fields import Notes
from importers.markup import html_to_text
from importers.options import read_options
from importers.privacy import without_private
from importers.records import CommentRecord, Record, RecordError, Status, ThreadRecord
from importers.source import Source
from importers.xml_text import Element, read_elements, root_tag

TITLE = "Disqus export (XML)"
THREAD, POST = "disqus/thread", "disqus/post"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``merge_by_link`` makes the threads of one address one thread."""

    merge_by_link: bool = False
    keep_private: bool = False


def detect(source: Source) -> float:
    """Whether the root element is ``disqus`` of disqus.com."""
    name, tag = root_tag(source)
    return 0.98 if name == "disqus" and "disqus.com" in tag else 0.0


def propose(source: Source) -> dict[str, Any]:
    return {"merge_by_link": False, "keep_private": False}


def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    """Yield the threads that have posts, then all posts.

    Raises InvalidInput for options, UnreadableFile for XML that is not well-formed.
    """
    reader = _Reader(source, read_options(options, Options, TITLE))
    reader.survey()
    yield from reader.threads()
    yield from reader.posts()
    yield from reader.notes.records()


@dataclass(slots=True)
class _Reader:
    source: Source
    options: Options
    with_posts: set[str] = field(default_factory=set)
    canonical: dict[str, str] = field(default_factory=dict)
    notes: Notes = field(default_factory=Notes)

    def survey(self) -> None:
        """Which threads have posts, and which of them share a link."""
        links: dict[str, list[str]] = {}
        for element in read_elements(self.source, (THREAD, POST)):
            if element.name == "post":
                self.with_posts.add(_thread_id(element))
            elif (thread := element.attributes.get("id", "")) and (link := _link_key(element)):
                links.setdefault(link, []).append(thread)
        for threads in links.values():
            if len(threads) > 1 and self.with_posts.intersection(threads):
                self._share(threads)

    def _share(self, threads: list[str]) -> None:
        if not self.options.merge_by_link:
            self.notes["threads that share their link with another"] += len(threads)
            return
        oldest = min(threads, key=lambda thread: (len(thread), thread))
        self.canonical.update(dict.fromkeys(threads, oldest))
        self.notes["threads merged into another of the same link"] += len(threads) - 1
        if not self.with_posts.isdisjoint(threads):
            self.with_posts.add(oldest)

    def threads(self) -> Iterator[Record]:
        for element in read_elements(self.source, (THREAD,)):
            thread = element.attributes.get("id", "")
            if self.canonical.get(thread, thread) != thread:
                continue
            if thread not in self.with_posts:
                self.notes["threads without posts left out"] += 1
                continue
            try:
                yield self._thread(thread, element)
                if element.value("message"):
                    yield self._opening(thread, element)
            except ValueError as error:
                yield RecordError(element.line, f"The thread {thread} was left out. {error}")

    def posts(self) -> Iterator[Record]:
        for element in read_elements(self.source, (POST,), self.notes):
            try:
                yield self._post(element)
            except ValueError as error:
                post = element.attributes.get("id", "without an id")
                yield RecordError(element.line, f"The post {post} was left out. {error}")

    def _thread(self, thread: str, element: Element) -> ThreadRecord:
        return ThreadRecord(
            id=f"disqus:{thread}",
            title=element.value("title"),
            url=element.value("link"),
            platform="disqus",
            raw=self._raw(element),
        )

    def _opening(self, thread: str, element: Element) -> CommentRecord:
        return self._message(
            element, id=f"disqus:thread:{thread}", thread_id=f"disqus:{thread}", kind="article"
        )

    def _post(self, element: Element) -> CommentRecord:
        post, thread = element.attributes.get("id", ""), _thread_id(element)
        if not post or not thread:
            raise ValueError("It names no dsq:id of its own, or none of its thread.")
        parent = element.child("parent")
        answered = parent.attributes.get("id", "") if parent else ""
        return self._message(
            element,
            id=f"disqus:{post}",
            thread_id=f"disqus:{self.canonical.get(thread, thread)}",
            reply_to=f"disqus:{answered}" if answered else None,
            status=_status(element),
        )

    def _message(self, element: Element, **fields: Any) -> CommentRecord:
        child = element.child("message")
        html = child.text.strip() if child else ""
        marked = html_to_text(html)
        is_deleted = fields.get("status") == "deleted_by_author"
        author_id, author_name = ("", "") if is_deleted else _author(element)
        return CommentRecord(
            text=marked.text,
            html=html,
            blocks=marked.blocks,
            links=marked.links,
            author_id=author_id,
            author_name=author_name,
            posted_at=self.notes.time(_utc(element.value("createdAt")))[0],
            raw=self._raw(element),
            line=element.line,
            **fields,
        )

    def _raw(self, element: Element) -> dict[str, Any]:
        raw, dropped = without_private(element.raw(), keep=self.options.keep_private)
        self.notes.take(dropped)
        return raw


def _thread_id(post: Element) -> str:
    thread = post.child("thread")
    return thread.attributes.get("id", "") if thread else ""


def _utc(written: str) -> str:
    """Disqus writes UTC; old exports leave out its sign."""
    return written if not written or written.endswith("Z") else f"{written}Z"


def _status(post: Element) -> Status:
    """Disqus does not say who deleted a post."""
    if post.value("isSpam").lower() == "true":
        return "spam"
    if post.value("isDeleted").lower() == "true":
        return "deleted_by_author"
    return "unapproved" if post.value("isApproved").lower() == "false" else "visible"


def _author(element: Element) -> tuple[str, str]:
    """An account by its user name; a guest, who has none, by the name given."""
    author = element.child("author")
    if author is None:
        return "", ""
    name, account = author.value("name"), author.value("username")
    if account and author.value("isAnonymous").lower() != "true":
        return account, name or account
    return (f"guest:{name}", name) if name else ("", "")


def _link_key(thread: Element) -> str:
    """The address without its scheme, letter case of the host, fragment and last slash."""
    link = thread.value("link")
    try:
        parts = urlsplit(link)
    except ValueError:
        return link
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}{query}" if link else ""
