"""4chan threads as its API gives them: a thread, a catalog, an index page, or one thread a line.

A post may answer any number of posts by `>>123`. All of these are kept as quotes; the tree needs
one parent, which is the first earlier post of the same thread that is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Annotated, Any

import msgspec

from annotations.errors import UnreadableFile
from importers.json_fields import Notes
from importers.json_text import REPLACED, decode_json, read_document
from importers.markup import Marked, html_to_text
from importers.options import read_options
from importers.privacy import without_private
from importers.records import (
    CommentRecord,
    Record,
    RecordError,
    RelationRecord,
    ThreadRecord,
)
from importers.source import Source

TITLE = "4chan threads (JSON)"
BOARD = re.compile(r"[a-z0-9]{1,10}")
OPENING_LEFT_OUT = frozenset({"last_replies"})

_QUOTELINK = re.compile(
    r"(?:https?:)?(?://boards\.4chan(?:nel)?\.org)?"
    r"(?:/(?P<board>\w+)/(?:thread|res)/)?(?P<thread>[0-9]{1,18})?(?:/[\w-]+)?(?:#p(?P<post>[0-9]{1,18}))?"
)
_NUMBER = re.compile(r"[0-9]{1,18}")
_DEADLINK = re.compile(r"""<span class=["']deadlink["']""")


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``board`` is the one that all posts are of, where the file does not say so: ``po``."""

    board: Annotated[str, msgspec.Meta(pattern=r"^/?[a-z0-9]{0,10}/?$")] = ""
    keep_private: bool = False


def detect(source: Source) -> float:
    """Whether the first values hold posts with the fields that 4chan's have."""
    outline = source.outline
    posts = [post for value in outline.values for thread in _threads(value) for post in thread]
    known = [_is_post(post) for post in posts[:50]]
    return 0.97 * sum(known) / len(known) if known else 0.0


def propose(source: Source) -> dict[str, Any]:
    return {"board": "", "keep_private": False}


def by_line(source: Source, options: Mapping[str, Any]) -> bool:
    return source.outline.shape == "lines"


def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    """Yield each thread with the posts that the file has of it.

    Raises InvalidInput for options, UnreadableFile for a file that is no JSON.
    """
    reader = _Reader(read_options(options, Options, TITLE))
    if by_line(source, options):
        yield from reader.lines(source)
    else:
        decoded = read_document(source)
        reader.notes[REPLACED] += decoded.replaced
        if not _has_threads(decoded.value):
            raise UnreadableFile(
                f"{source.name} holds no posts of 4chan. Lists of threads only name them: fetch "
                "each thread's own file."
            )
        yield from reader.threads(decoded.value, None)
    yield from reader.notes.records()


@dataclass(slots=True)
class _Reader:
    options: Options
    notes: Notes = field(default_factory=Notes)

    def lines(self, source: Source) -> Iterator[Record]:
        for line in source.lines():
            if isinstance(line, RecordError):
                yield line
            elif line.text.strip():
                try:
                    decoded = decode_json(line.text)
                except ValueError as error:
                    yield RecordError(line.number, str(error))
                    continue
                self.notes[REPLACED] += decoded.replaced
                if not _has_threads(decoded.value):
                    yield RecordError(line.number, "The line holds no posts of 4chan.")
                yield from self.threads(decoded.value, line.number)

    def threads(self, value: Any, line: int | None) -> Iterator[Record]:
        for posts in _threads(value):
            if posts:
                yield from self._posts(posts, line)

    def _posts(self, posts: list[Any], line: int | None) -> Iterator[Record]:
        """One thread. Its number is that of its opening, which every other post names."""
        first = posts[0] if isinstance(posts[0], dict) else {}
        number = _number(first, "resto") or _number(first, "no")
        board = self._board(first)
        if number:
            try:
                yield self._thread(first, number, board, posts)
            except ValueError as error:
                yield RecordError(line, f"The thread {number} was left out. {error}")
        for post in posts:
            try:
                if not isinstance(post, dict) or not _number(post, "no"):
                    raise ValueError("It has no number.")
                yield self._post(post, number or _number(post, "no"), board, line)
            except ValueError as error:
                shown = _number(post, "no") if isinstance(post, dict) else 0
                yield RecordError(
                    line, f"The post {shown or '?'} of the thread {number} was left out. {error}"
                )

    def _board(self, post: dict[str, Any]) -> str:
        """The board, or the word 4chan where it is not known: numbers are a board's own."""
        board = self.options.board.strip("/") or post.get("board")
        return board if isinstance(board, str) and BOARD.fullmatch(board) else "4chan"

    def _thread(
        self, first: dict[str, Any], number: int, board: str, posts: list[Any]
    ) -> ThreadRecord:
        is_opening = not _number(first, "resto")
        return ThreadRecord(
            id=f"{board}:{number}",
            title=_text(first, "sub") if is_opening else "",
            url=f"https://boards.4chan.org/{board}/thread/{number}" if board != "4chan" else "",
            platform="4chan",
            missing=_missing(first, len(posts) - 1) if is_opening else 0,
            raw=self._raw(first) if is_opening else {},
        )

    def _post(
        self, post: dict[str, Any], thread: int, board: str, line: int | None
    ) -> CommentRecord:
        number = _number(post, "no")
        html = post.get("com")
        html = html if isinstance(html, str) else ""
        marked = html_to_text(html)
        quotes = list(_quotes(marked, board, thread, number))
        answered = [target for _, target, is_answer in quotes if is_answer]
        author_id, author_name = _author(post, board, thread)
        self.notes["links to deleted posts kept as text"] += len(_DEADLINK.findall(html))
        self.notes["posts without text, only with a file"] += not marked.text
        return CommentRecord(
            id=f"{board}:{number}",
            thread_id=f"{board}:{thread}",
            kind="post" if number == thread else "comment",
            reply_to=answered[0] if answered else None,
            text=marked.text,
            html=html,
            blocks=marked.blocks,
            links=marked.links,
            relations=tuple(relation for relation, _, _ in quotes),
            author_id=author_id,
            author_name=author_name,
            posted_at=self.notes.time(post.get("time"))[0],
            raw=self._raw(post),
            line=line,
        )

    def _raw(self, post: dict[str, Any]) -> dict[str, Any]:
        own = {name: value for name, value in post.items() if name not in OPENING_LEFT_OUT}
        raw, dropped = without_private(own, keep=self.options.keep_private)
        self.notes.take(dropped)
        return raw


def _threads(value: Any) -> Iterator[list[Any]]:
    """The posts of each thread in a document: a thread, an index page, a catalog, or a list."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, list):
            waiting += [part for part in reversed(found) if isinstance(part, dict)]
        elif not isinstance(found, dict):
            continue
        elif isinstance(found.get("posts"), list):
            yield found["posts"]
        elif isinstance(found.get("threads"), list):
            waiting += [part for part in reversed(found["threads"]) if isinstance(part, dict)]
        elif "no" in found and "resto" in found:
            last = found.get("last_replies")
            yield [found, *(last if isinstance(last, list) else ())]


def _has_threads(value: Any) -> bool:
    return next(_threads(value), None) is not None


def _is_post(post: Any) -> bool:
    return (
        isinstance(post, dict)
        and isinstance(post.get("no"), int)
        and "resto" in post
        and bool({"time", "now"} & post.keys())
    )


def _number(post: dict[str, Any], name: str) -> int:
    """A post's number, also where it is written as text; 0 where there is none."""
    value = post.get(name)
    if isinstance(value, bool) or not isinstance(value, int | str):
        return 0
    return int(value) if _NUMBER.fullmatch(str(value)[:20]) else 0


def _text(post: dict[str, Any], name: str) -> str:
    """Names and subjects are escaped once, as HTML."""
    value = post.get(name)
    return unescape(value).strip() if isinstance(value, str) else ""


def _missing(opening: dict[str, Any], held: int) -> int:
    """Replies that the opening counts, or the page says it left out, beyond those in the file."""
    return max(_number(opening, "replies") - held, _number(opening, "omitted_posts"), 0)


def _author(post: dict[str, Any], board: str, thread: int) -> tuple[str, str]:
    """A tripcode is somebody on all boards, an id somebody in one thread, a name nobody."""
    trip, local, name = _text(post, "trip"), _text(post, "id"), _text(post, "name")
    if trip:
        return trip, name or trip
    return (f"{board}:{thread}:{local}", local) if local else ("", "")


def _quotes(
    marked: Marked, board: str, thread: int, number: int
) -> Iterator[tuple[RelationRecord, str, bool]]:
    """Each `>>123`, the id of its post, and whether it can be the parent: same thread, earlier."""
    for link in marked.links:
        found = _QUOTELINK.fullmatch(link.url)
        shown = marked.text[link.start : link.end]
        if not found or not shown.startswith(">>"):
            continue
        target = int(found["post"] or found["thread"] or 0)
        if not target or (target == number and not found["board"]):
            continue
        is_elsewhere = found["board"] and (shown.startswith(">>>") or board != "4chan")
        target_id = f"{found['board'] if is_elsewhere else board}:{target}"
        is_here = not found["thread"] or int(found["thread"]) == thread
        relation = RelationRecord(
            kind="quote", basis="given", start=link.start, end=link.end, target_id=target_id
        )
        yield relation, target_id, is_here and target < number
