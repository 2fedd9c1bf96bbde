"""Discourse topics as its API gives them: `/t/ID.json`, pages of posts, one document a line.

Posts answer by their number within the topic. A topic's first answer holds only some of its
posts: those that it names beyond them are counted as missing, unless another file of the same
folder or ZIP brings them.
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec

from annotations.errors import UnreadableFile
from importers.guards import refuse_unreadable
from importers.json_fields import Notes
from importers.json_text import REPLACED, Decoded, decode_json, read_document
from importers.markup import Marked, Quotation, html_to_text
from importers.options import read_options
from importers.privacy import without_private
from importers.records import (
    CommentRecord,
    Record,
    RecordError,
    RelationRecord,
    Status,
    ThreadRecord,
)
from importers.source import Source

TITLE = "Discourse topics (JSON)"
COLLECTIONS = True
MEMBERS_LOOKED_AT = 20
SMALL_ACTION = 3
LIKE = 2
TOPIC_LEFT_OUT = frozenset(
    {"post_stream", "suggested_topics", "related_topics", "details", "timeline_lookup"}
)
POST_SIGNS = frozenset({"post_number", "topic_id"})
TEXTS = frozenset({"cooked", "raw"})

_AVATAR = re.compile(r"/user_avatar/([a-z0-9.-]+\.[a-z]+)/", re.IGNORECASE)
_HIDDEN = re.compile(r"\s*(?:this )?post was flagged|.*temporarily hidden", re.IGNORECASE)


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``site`` is the forum's host: numbers of topics and posts are its own."""

    site: Annotated[str, msgspec.Meta(pattern=r"^[\w.:/-]{0,200}$")] = ""
    keep_private: bool = False


def detect(source: Source) -> float:
    """Whether the file, or most of the first files of a collection, hold posts of Discourse."""
    if not source.is_collection:
        return _likeness(source)
    scores = [_likeness(member) for member in _readable(source.members[:MEMBERS_LOOKED_AT])]
    return sum(scores) / len(scores) if scores else 0.0


def propose(source: Source) -> dict[str, Any]:
    """The site is read from the address of an avatar, where one tells it."""
    members = _readable(source.members[:MEMBERS_LOOKED_AT])
    heads = (member.head.replace(rb"\/", b"/").decode(errors="replace") for member in members)
    found = next(filter(None, map(_AVATAR.search, heads)), None)
    return {"site": found[1].lower() if found else "", "keep_private": False}


def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    """Yield each topic that the source describes, and its posts.

    Raises InvalidInput for options, UnreadableFile for a file that is no JSON.
    """
    chosen = read_options(options, Options, TITLE)
    with closing(sqlite3.connect("")) as database:
        reader = _Reader(chosen, _Held(database))
        yield from reader.records(source)
    yield from reader.notes.records()


class _Held:
    """The posts that all files of a collection hold, on disk."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.execute("CREATE TABLE post (topic INT, id INT, PRIMARY KEY (topic, id))")

    def add(self, topic: int, posts: list[int]) -> None:
        rows = ((topic, post) for post in posts)
        self._database.executemany("INSERT OR IGNORE INTO post VALUES (?, ?)", rows)

    def ids(self, topic: int) -> set[int]:
        found = self._database.execute("SELECT id FROM post WHERE topic = ?", (topic,))
        return {post for (post,) in found}


@dataclass(slots=True)
class _Reader:
    options: Options
    held: _Held
    notes: Notes = field(default_factory=Notes)

    def records(self, source: Source) -> Iterator[Record]:
        """All files three times: which posts there are, then the topics, then the posts."""
        if source.is_collection:
            members: list[Source] = []
            yield from self._known_members(source, members)
        else:
            members = [source]
            yield from self._survey(source)
        for part in (self._thread_records, self._post_records):
            for member in members:
                for line, decoded in _documents(member):
                    for number, topic, posts in _topics(decoded):
                        yield from part(number, topic, posts, line)

    def _known_members(self, source: Source, known: list[Source]) -> Iterator[RecordError]:
        """Find the files that can be read; what goes wrong with one costs that one."""
        for member in source.members:
            try:
                refuse_unreadable(member)
                if not _likeness(member):
                    self.notes[f"files left out that are no {TITLE}"] += 1
                    continue
                for error in self._survey(member):
                    yield RecordError(error.line, f"{member.name}: {error.message}")
                known.append(member)
            except UnreadableFile as error:
                yield RecordError(error.line, error.message)

    def _survey(self, source: Source) -> Iterator[RecordError]:
        """Note which posts a file holds; yields what is wrong with its lines."""
        for line, decoded in _documents(source):
            if isinstance(decoded, str):
                yield RecordError(line, decoded)
                continue
            self.notes[REPLACED] += decoded.replaced
            topics = list(_topics(decoded))
            if not topics and line is None:
                raise UnreadableFile(
                    f"{source.name} holds no posts of Discourse. Fetch the topic's own file, "
                    "`/t/ID.json`."
                )
            if not topics:
                yield RecordError(line, "The line holds no posts of Discourse.")
            for number, _, posts in topics:
                self.held.add(number, _post_ids(posts))

    def _thread_records(
        self, number: int, topic: dict[str, Any], posts: list[Any], line: int | None
    ) -> Iterator[Record]:
        """The topic, if the document describes it; pages of posts do not."""
        if _text(topic, "title"):
            try:
                yield self._thread(number, topic, posts)
            except ValueError as error:
                yield RecordError(line, f"The topic {number} was left out. {error}")

    def _post_records(
        self, number: int, topic: dict[str, Any], posts: list[Any], line: int | None
    ) -> Iterator[Record]:
        for post in posts:
            shown = _whole(post.get("post_number")) if isinstance(post, dict) else 0
            if not shown:
                yield RecordError(line, f"A post of the topic {number} has no number.")
            elif post.get("post_type") == SMALL_ACTION:
                self.notes["small actions left out"] += 1
            else:
                try:
                    yield self._post(number, post, line)
                except ValueError as error:
                    yield RecordError(
                        line, f"The post {shown} of the topic {number} was left out. {error}"
                    )

    @property
    def _site(self) -> str:
        site = self.options.site.lower()
        return site.removeprefix("https://").removeprefix("http://").strip("/")

    def _id(self, *numbers: int) -> str:
        return ":".join((self._site or "discourse", *map(str, numbers)))

    def _thread(self, number: int, topic: dict[str, Any], posts: list[Any]) -> ThreadRecord:
        slug = _text(topic, "slug") or "-"
        return ThreadRecord(
            id=self._id(number),
            title=_text(topic, "title"),
            url=f"https://{self._site}/t/{slug}/{number}" if self._site else "",
            platform="discourse",
            missing=self._missing(number, topic, posts),
            raw=self._raw({n: v for n, v in topic.items() if n not in TOPIC_LEFT_OUT}),
        )

    def _missing(self, number: int, topic: dict[str, Any], posts: list[Any]) -> int:
        """Posts that the topic's stream names, or else that it counts, and no file holds."""
        here = self.held.ids(number).union(_post_ids(posts))
        stream = topic.get("post_stream")
        named = stream.get("stream") if isinstance(stream, dict) else None
        if isinstance(named, list) and named:
            return len({_whole(post) for post in named} - here - {0})
        return max(0, _whole(topic.get("posts_count")) - max(len(here), len(posts)))

    def _post(self, topic: int, post: dict[str, Any], line: int | None) -> CommentRecord:
        number, answered = _whole(post["post_number"]), _whole(post.get("reply_to_post_number"))
        html, marked = _said(post)
        status = _status(post)
        if status == "deleted_by_author" or (status != "visible" and _is_hint(post, marked)):
            html, marked = "", Marked("")
        is_deleted = bool(post.get("user_deleted") or post.get("deleted_at"))
        name = "" if is_deleted else _text(post, "username")
        return CommentRecord(
            id=self._id(topic, number),
            thread_id=self._id(topic),
            kind="post" if number == 1 else "comment",
            reply_to=self._id(topic, answered) if answered and answered != number else None,
            text=marked.text,
            html=html,
            blocks=marked.blocks,
            links=marked.links,
            relations=tuple(self._quotes(topic, marked)),
            author_id=f"{self._site or 'discourse'}:{name}" if name else "",
            author_name=name,
            status=status,
            posted_at=self.notes.time(post.get("created_at"))[0],
            edited_at=self.notes.time(post.get("updated_at"))[0] if _is_edited(post) else None,
            score=_likes(post),
            raw=self._raw(post),
            line=line,
        )

    def _quotes(self, topic: int, marked: Marked) -> Iterator[RelationRecord]:
        """What was quoted by its post number; a quotation that only names somebody stays text."""
        for quotation in marked.quotations:
            quoted = _whole(quotation.attributes.get("data-post"))
            elsewhere = _whole(quotation.attributes.get("data-topic"))
            if quotation.tag == "aside" and quoted:
                words = _words(quotation, marked)
                yield RelationRecord(
                    kind="quote",
                    basis="given",
                    start=words.start,
                    end=words.end,
                    target_id=self._id(elsewhere or topic, quoted),
                )

    def _raw(self, own: dict[str, Any]) -> dict[str, Any]:
        raw, dropped = without_private(own, keep=self.options.keep_private)
        self.notes.take(dropped)
        return raw


def _documents(source: Source) -> Iterator[tuple[int | None, Decoded | str]]:
    """The JSON texts of a file with their lines, or a sentence that says what is wrong."""
    if source.outline.shape != "lines":
        yield None, read_document(source)
        return
    for line in source.lines():
        if isinstance(line, RecordError):
            yield line.line, line.message
        elif line.text.strip():
            try:
                yield line.number, decode_json(line.text)
            except ValueError as error:
                yield line.number, str(error)


def _topics(document: Decoded | str) -> Iterator[tuple[int, dict[str, Any], list[Any]]]:
    """Number, fields and posts of each topic in a document, which may be a list of them."""
    value = None if isinstance(document, str) else document.value
    loose: defaultdict[int, list[Any]] = defaultdict(list)
    for part in value if isinstance(value, list) else [value]:
        if not isinstance(part, dict):
            continue
        stream = part.get("post_stream")
        posts = stream.get("posts") if isinstance(stream, dict) else None
        if isinstance(posts, list):
            if number := _whole(part.get("id")) or _topic_of(posts):
                yield number, part, posts
            continue
        listed = part.get("latest_posts", part.get("posts"))
        for post in listed if isinstance(listed, list) else [part]:
            if _is_post(post):
                loose[_whole(post["topic_id"])].append(post)
    for number, posts in loose.items():
        named = {"title": _text(posts[0], "topic_title"), "slug": _text(posts[0], "topic_slug")}
        yield number, named, posts


def _topic_of(posts: list[Any]) -> int:
    found = (_whole(post.get("topic_id")) for post in posts if isinstance(post, dict))
    return next(filter(None, found), 0)


def _post_ids(posts: list[Any]) -> list[int]:
    return [post_id for p in posts if isinstance(p, dict) and (post_id := _whole(p.get("id")))]


def _is_post(post: Any) -> bool:
    return (
        isinstance(post, dict)
        and post.keys() >= POST_SIGNS
        and not TEXTS.isdisjoint(post)
        and _whole(post["topic_id"]) > 0
    )


def _likeness(source: Source) -> float:
    outline = source.outline
    values = outline.objects[:10]
    known = [v for v in values if isinstance(v.get("post_stream"), dict) or any(_loose(v))]
    return 0.97 * len(known) / len(values) if values else 0.0


def _loose(value: dict[str, Any]) -> Iterator[bool]:
    listed = value.get("latest_posts", value.get("posts"))
    return map(_is_post, listed[:10] if isinstance(listed, list) else [value])


def _readable(members: tuple[Source, ...]) -> Iterator[Source]:
    for member in members:
        try:
            refuse_unreadable(member)
        except UnreadableFile:
            continue
        yield member


def _whole(value: Any) -> int:
    """A number of a topic or post, also where it is written as text; 0 where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return 0
    return int(value) if re.fullmatch(r"[0-9]{1,18}", str(value)[:20]) else 0


def _text(record: dict[str, Any], name: str) -> str:
    value = record.get(name)
    return value.strip() if isinstance(value, str) else ""


def _said(post: dict[str, Any]) -> tuple[str, Marked]:
    """The HTML and its text; without HTML, the Markdown as it was written."""
    cooked, written = post.get("cooked"), post.get("raw")
    if isinstance(cooked, str):
        return cooked, html_to_text(cooked)
    return "", Marked(written if isinstance(written, str) else "")


def _words(aside: Quotation, marked: Marked) -> Quotation:
    """What was quoted, without the line above it that says whom."""
    for inner in marked.quotations:
        if inner.tag == "blockquote" and aside.start <= inner.start and inner.end <= aside.end:
            return inner
    return aside


def _status(post: dict[str, Any]) -> Status:
    if post.get("user_deleted"):
        return "deleted_by_author"
    return "removed_by_moderator" if post.get("deleted_at") or post.get("hidden") else "visible"


def _is_hint(post: dict[str, Any], marked: Marked) -> bool:
    """Whether the text is what Discourse shows in place of a hidden post."""
    return bool(post.get("cooked_hidden")) or _HIDDEN.match(marked.text) is not None


def _is_edited(post: dict[str, Any]) -> bool:
    """``updated_at`` changes with every rebuild of the page; the version with edits only."""
    return _whole(post.get("version")) > 1


def _likes(post: dict[str, Any]) -> int | None:
    """Likes: the list leaves out actions that nobody took. ``score`` is a rank, no count."""
    actions = post.get("actions_summary")
    if isinstance(actions, list):
        likes = (a for a in actions if isinstance(a, dict) and a.get("id") == LIKE)
        return min(_whole(next(likes, {}).get("count")), 2**31 - 1)
    return min(_whole(post["like_count"]), 2**31 - 1) if "like_count" in post else None
