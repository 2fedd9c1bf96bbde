"""What a reader yields: threads, comments and refusals, before any database.

Records are frozen and check themselves, so that a reader cannot hand on what the
rows would refuse. All ids are the source's own, as strings; all times are aware;
all offsets count Unicode code points of ``text`` and exclude their end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import msgspec

Kind = Literal["article", "post", "comment"]
Status = Literal[
    "visible",
    "deleted_by_author",
    "removed_by_moderator",
    "spam",
    "unapproved",
    "blocked",
    "dead",
    "missing",
]
Basis = Literal["given", "inferred"]
BlockKind = Literal["paragraph", "caption", "section_break", "quote"]
RelationKind = Literal["quote", "mention"]

KINDS: frozenset[str] = frozenset(Kind.__args__)  # type: ignore[attr-defined]
STATUSES: frozenset[str] = frozenset(Status.__args__)  # type: ignore[attr-defined]
MAX_ID = 500
MAX_NAME = 300
MAX_TITLE = 2_000
MAX_URL = 2_000
MAX_TEXT = 200_000

_SURROGATE = re.compile("[\ud800-\udfff]")


def _check_text(name: str, value: str, limit: int) -> None:
    if len(value) > limit:
        raise ValueError(f"{name} has {len(value):,} characters; at most {limit:,} are taken.")
    if "\x00" in value:
        raise ValueError(f"{name} holds a NUL character, which databases refuse.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name} holds half of a surrogate pair, which is no text.") from None


def _sentence(text: str) -> str:
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return shown if shown.endswith(".") else f"{shown}."


def _is_good(text: str) -> bool:
    return (
        len(text) <= MAX_TEXT
        and "\x00" not in text
        and (text.isascii() or not _SURROGATE.search(text))
    )


def _check_id(name: str, value: str) -> None:
    if not value:
        raise ValueError(f"{name} is empty.")
    _check_text(name, value, MAX_ID)


def _check_time(name: str, value: datetime) -> None:
    if value.tzinfo is None:
        raise ValueError(f"{name} has no time zone.")


@dataclass(frozen=True, slots=True)
class BlockRecord:
    """A paragraph, caption, section break or quotation: ``text[start:end]``.

    ``gap_before`` says that the source had more than one empty line in front, which
    is where a link, picture or quotation mark was lost.
    """

    kind: BlockKind
    start: int
    end: int
    gap_before: bool = False


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """``text[start:end]`` leads to the address ``url``."""

    start: int
    end: int
    url: str

    def __post_init__(self) -> None:
        _check_text("The address of a link", self.url, MAX_URL)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationRecord:
    """What one comment says of another comment, of the opening, or of an author.

    ``target_id`` is the comment quoted, ``target_author_id`` the author named.
    ``start:end`` lies in this comment's text, ``target_start:target_end`` in the target's.
    """

    kind: RelationKind
    basis: Basis
    start: int
    end: int
    target_id: str | None = None
    target_author_id: str | None = None
    target_start: int | None = None
    target_end: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadRecord:
    """One conversation. ``missing`` counts comments that the source says exist elsewhere."""

    id: str
    title: str = ""
    url: str = ""
    platform: str = ""
    missing: int = 0
    raw: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_id("The thread's id", self.id)
        _check_text("The title", self.title, MAX_TITLE)
        _check_text("The URL", self.url, MAX_URL)
        _check_text("The platform", self.platform, 50)
        if self.missing < 0:
            raise ValueError("A thread cannot miss a negative number of comments.")


class CommentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One message. ``reply_to`` is the id of the comment answered, or None.

    ``evidence`` says in words why an inferred reply is believed. ``raw`` is the source's
    own record; the article or post that opens a thread is a comment of that kind. Where
    that is JSON that databases take (an object, without NUL), ``raw_json`` may be its text, and
    is kept as it is. A Struct, not a dataclass, because files have millions: it is made three
    times as fast.
    """

    id: str
    thread_id: str
    text: str
    kind: Kind = "comment"
    author_id: str = ""
    author_name: str = ""
    reply_to: str | None = None
    basis: Basis = "given"
    evidence: str = ""
    status: Status = "visible"
    html: str = ""
    posted_at: datetime | None = None
    posted_at_estimated: bool = False
    edited_at: datetime | None = None
    score: int | None = None
    blocks: tuple[BlockRecord, ...] = ()
    links: tuple[LinkRecord, ...] = ()
    relations: tuple[RelationRecord, ...] = ()
    raw: Mapping[str, Any] = msgspec.field(default_factory=dict)
    raw_json: str = ""
    line: int | None = None

    def __post_init__(self) -> None:
        if not self._is_plainly_good():
            self._check_strings()
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is no kind of comment.")
        if self.status not in STATUSES:
            raise ValueError(f"{self.status!r} is no status of a comment.")
        if self.posted_at is not None:
            _check_time("The time of posting", self.posted_at)
        if self.edited_at is not None:
            _check_time("The time of editing", self.edited_at)
        if not (self.blocks or self.links or self.relations):
            return
        parts: tuple[BlockRecord | LinkRecord | RelationRecord, ...]
        parts = (*self.blocks, *self.links, *self.relations)
        for part in parts:
            if not 0 <= part.start < part.end <= len(self.text):
                raise ValueError(f"{part.start}:{part.end} lies outside the text.")

    def _is_plainly_good(self) -> bool:
        """Whether a quick look at all strings finds nothing: nearly always."""
        ids = f"{self.id}{self.thread_id}{self.reply_to}{self.author_id}{self.author_name}"
        return (
            len(ids) <= MAX_NAME
            and ids.isascii()
            and "\x00" not in ids
            and bool(self.id and self.thread_id and (self.author_id or not self.author_name))
            and self.reply_to != ""
            and _is_good(self.text)
            and _is_good(self.html)
        )

    def _check_strings(self) -> None:
        _check_id("The comment's id", self.id)
        _check_id("The comment's thread id", self.thread_id)
        if self.reply_to is not None:
            _check_id("The id of the comment answered", self.reply_to)
        if self.author_name and not self.author_id:
            raise ValueError("An author with a name needs an id.")
        _check_text("The author's id", self.author_id, MAX_ID)
        _check_text("The author's name", self.author_name, MAX_NAME)
        _check_text("The text", self.text, MAX_TEXT)
        _check_text("The HTML", self.html, 4 * MAX_TEXT)


@dataclass(frozen=True, slots=True)
class RecordError:
    """A piece of the source that was refused; ``line`` counts from 1.

    ``message`` is a sentence on one line, whatever the source says in it.
    """

    line: int | None
    message: str

    def __post_init__(self) -> None:
        if not self.message.isprintable() or not self.message.endswith("."):
            object.__setattr__(self, "message", _sentence(self.message))


@dataclass(frozen=True, slots=True)
class Note:
    """Something counted that is neither a comment nor an error: left out, dropped or replaced.

    ``what`` names it in the plural, as the report shows it: "retweets left out".
    """

    what: str
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldRecord:
    """A label that came with the data, of a comment that the source gives before or after it.

    ``codebook`` is the key of one in the library, ``question`` and ``label`` keys in it.
    """

    comment_id: str
    codebook: str
    question: str
    label: str
    line: int | None = None

    def __post_init__(self) -> None:
        _check_id("The id of the comment labeled", self.comment_id)


Record = ThreadRecord | CommentRecord | GoldRecord | Note | RecordError
