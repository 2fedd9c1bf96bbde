"""Threads of Bluesky as its API gives them: ``getPostThread`` (a tree) and its second version (a
list with depths), one, a list or a map of them in a file, or one a line.

A post is known by its ``at://`` address, its thread by that of the thread's first post, which
every reply names itself. Posts that were not found or are blocked keep their places, empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from importers.json_fields import Notes, id_in, number_in, object_in, objects_in, text_in
from importers.json_values import json_values
from importers.options import PrivacyOptions, read_options
from importers.privacy import without_private
from importers.records import (
    CommentRecord,
    LinkRecord,
    Record,
    RecordError,
    RelationRecord,
    Status,
    ThreadRecord,
)
from importers.source import Source
from importers.values import moment

TITLE = "Bluesky threads (JSON)"
PLATFORM = "bluesky"
POST = "app.bsky.feed.post"
PLACEHOLDERS: dict[str, Status] = {
    "app.bsky.feed.defs#notFoundPost": "missing",
    "app.bsky.feed.defs#blockedPost": "blocked",
    "app.bsky.unspecced.defs#threadItemNotFound": "missing",
    "app.bsky.unspecced.defs#threadItemBlocked": "blocked",
    "app.bsky.unspecced.defs#threadItemNoUnauthenticated": "blocked",
}
QUOTES = ("app.bsky.embed.record", "app.bsky.embed.recordWithMedia")
NODES_LOOKED_AT = 300

Fields = Mapping[str, Any]


def detect(source: Source) -> float:
    """Whether a post of Bluesky stands among the first values of the file."""
    waiting: list[Any] = list(reversed(source.outline.values[:20]))
    for _ in range(NODES_LOOKED_AT):
        if not waiting:
            break
        value = waiting.pop()
        if isinstance(value, dict):
            if _is_post(value) or _placeholder(value):
                return 0.97
            waiting.extend(reversed(value.values()))
        elif isinstance(value, list):
            waiting.extend(reversed(value[:20]))
    return 0.0


def propose(source: Source) -> dict[str, Any]:
    return {"keep_private": False}


def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    """Yield each thread and its posts: parents first, then the replies, depth first.

    Raises InvalidInput for options, UnreadableFile for a document that is no whole JSON.
    """
    chosen = read_options(options, PrivacyOptions, TITLE)
    notes = Notes()
    for line, value in json_values(source, notes):
        if isinstance(value, RecordError):
            yield value
            continue
        threads = list(_threads(value))
        for thread in threads:
            yield from _Thread(thread, line, notes, chosen.keep_private).records()
        if not threads:
            yield RecordError(line, _no_thread(value))
    yield from notes.records()


@dataclass(frozen=True, slots=True)
class _Place:
    """A post or what stands for one, the address above it, and replies that it does not show."""

    value: dict[str, Any]
    above: str
    more: int = 0

    @property
    def post(self) -> dict[str, Any]:
        post = object_in(self.value.get("post"))
        return post if _is_post(post) else {}

    @property
    def uri(self) -> str:
        return text_in(self.post.get("uri")) or text_in(self.value.get("uri"))

    @property
    def answered(self) -> str:
        """What the post itself says that it answers, else what stands above it."""
        reply = object_in(object_in(self.post.get("record")).get("reply"))
        return text_in(object_in(reply.get("parent")).get("uri")) or self.above

    @property
    def root(self) -> str:
        """The first post of the thread, which is this one unless it answers another."""
        reply = object_in(object_in(self.post.get("record")).get("reply"))
        return text_in(object_in(reply.get("root")).get("uri")) or (self.post and self.uri) or ""


class _Thread:
    """One answer of the API: its places in reading order, and what is missing between them."""

    def __init__(self, value: Any, line: int | None, notes: Notes, keep_private: bool) -> None:
        self._line, self._notes, self._keep_private = line, notes, keep_private
        self._places: dict[str, _Place] = {}
        for place in _listed(value) if isinstance(value, list) else _nested(value):
            self._places.setdefault(place.uri, place)

    def records(self) -> Iterator[Record]:
        roots = [place.root for place in self._places.values() if place.root]
        thread_id = next(iter([*roots, *(place.uri for place in self._places.values())]), "")
        try:
            yield ThreadRecord(id=thread_id, platform=PLATFORM, missing=self._missing())
        except ValueError as error:
            yield self._refusal("A thread", error)
            return
        for place in self._places.values():
            try:
                yield self._post(place) if place.post else self._gap(place, thread_id)
            except ValueError as error:
                yield self._refusal(f"The post {place.uri!r:.300}", error)

    def _missing(self) -> int:
        """Replies that posts count, or the API says it kept back, beyond those that are here."""
        here: dict[str, int] = {}
        for place in self._places.values():
            here[place.answered] = here.get(place.answered, 0) + 1
        return sum(
            max(0, place.more, (number_in(place.post.get("replyCount")) or 0) - here.get(uri, 0))
            for uri, place in self._places.items()
        )

    def _post(self, place: _Place) -> CommentRecord:
        post, record = place.post, object_in(place.post.get("record"))
        author = object_in(post.get("author"))
        author_id = text_in(author.get("did"))
        text = text_in(record.get("text"))
        posted_at, is_estimated = self._posted_at(post, record)
        self._notes["quoted posts kept in the raw record only"] += _quotes(record)
        return CommentRecord(
            id=place.uri,
            thread_id=place.root,
            text=text,
            author_id=author_id,
            author_name=text_in(author.get("handle")) if author_id else "",
            reply_to=place.answered or None,
            posted_at=posted_at,
            posted_at_estimated=is_estimated,
            score=number_in(post.get("likeCount")),
            links=tuple(_links(record, text)),
            relations=tuple(_mentions(record, text)),
            raw=self._raw(post),
            line=self._line,
        )

    def _gap(self, place: _Place, thread_id: str) -> CommentRecord:
        """An empty comment where a post was not found or is not shown."""
        status = _placeholder(place.value)
        if status is None:
            raise ValueError("It is no post with a text.")
        return CommentRecord(
            id=place.uri,
            thread_id=thread_id,
            text="",
            reply_to=place.above or None,
            status=status,
            raw=self._raw(place.value),
            line=self._line,
        )

    def _posted_at(self, post: Fields, record: Fields) -> tuple[datetime | None, bool]:
        """The author's own time, unless it lies after that of the server, which saw the post."""
        indexed_at, _ = self._notes.time(post.get("indexedAt"))
        try:
            created_at, is_estimated = moment(record.get("createdAt"))
        except ValueError:
            created_at, is_estimated = None, False
        if created_at is None or (indexed_at and created_at > indexed_at):
            return indexed_at, False
        return created_at, is_estimated

    def _raw(self, value: Fields) -> dict[str, Any]:
        own = {key: part for key, part in value.items() if key not in ("parent", "replies")}
        try:
            raw, dropped = without_private(own, keep=self._keep_private)
        except RecursionError:
            raise ValueError("It nests deeper than can be read.") from None
        self._notes.take(dropped)
        return raw

    def _refusal(self, what: str, error: ValueError) -> RecordError:
        return RecordError(self._line, f"{what} was left out. {error}")


def _threads(value: Any) -> Iterator[Any]:
    """The threads of a value: a tree of posts, or the list of the second version.

    What holds them may be an answer of the API, a list of posts or of threads, or a map.
    """
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            if any("depth" in item for item in objects_in(value)):
                yield value
            else:
                waiting.extend(reversed(value))
        elif not isinstance(value, dict):
            continue
        elif _is_post(value):
            yield {"post": value}
        elif _is_post(object_in(value.get("post"))) or _placeholder(value):
            yield from _answered_in_feed(value)
            yield value
        else:
            waiting.extend(reversed(value.values()))


def _answered_in_feed(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The first post and the one answered, which a feed gives beside an answer."""
    reply = object_in(value.get("reply"))
    given = [object_in(reply.get("root")), object_in(reply.get("parent"))]
    for post in {text_in(post.get("uri")): post for post in given if _is_post(post)}.values():
        yield {"post": post}


def _no_thread(value: Any) -> str:
    """Why nothing could be taken; the API answers a request that fails with a name and a reason."""
    answer = object_in(value)
    if error := text_in(answer.get("error")):
        return (
            f"The API answered with an error: {error:.100}. {text_in(answer.get('message')):.200}"
        )
    return "A value was left out: it holds no thread and no post of Bluesky."


def _nested(anchor: dict[str, Any]) -> Iterator[_Place]:
    """The posts above the one that was asked for, itself, and all replies below."""
    chain = [anchor]
    while parent := object_in(chain[-1].get("parent")):
        chain.append(parent)
    above = ""
    for value in reversed(chain[1:]):
        place = _Place(value, above)
        yield place
        above = place.uri
    waiting = [_Place(anchor, above)]
    while waiting:
        place = waiting.pop()
        yield place
        replies = objects_in(place.value.get("replies"))
        waiting.extend(_Place(reply, place.uri) for reply in reversed(replies))


def _listed(items: list[Any]) -> Iterator[_Place]:
    """The second version: each item lies under the nearest one before it that is less deep."""
    path: dict[int, str] = {}
    for item in objects_in(items):
        depth = number_in(item.get("depth")) or 0
        value = object_in(item.get("value"))
        place = _Place(
            {"uri": item.get("uri"), **value},
            path.get(depth - 1, ""),
            number_in(value.get("moreReplies")) or 0,
        )
        path[depth] = place.uri
        yield place


def _is_post(value: Fields) -> bool:
    record = object_in(value.get("record"))
    if not id_in(value.get("uri")) or not isinstance(record.get("text"), str):
        return False
    return record.get("$type") == POST or text_in(value.get("uri")).startswith("at://")


def _placeholder(value: Fields) -> Status | None:
    """What stands in the place of a post that the API does not give."""
    known = PLACEHOLDERS.get(text_in(value.get("$type")))
    is_at = text_in(value.get("uri")).startswith("at://")
    if known or not is_at:
        return known
    if value.get("notFound") is True:
        return "missing"
    return "blocked" if value.get("blocked") is True else None


def _quotes(record: Fields) -> int:
    return object_in(record.get("embed")).get("$type") in QUOTES


def _links(record: Fields, text: str) -> Iterator[LinkRecord]:
    for start, end, feature in _facets(record, text):
        if uri := text_in(feature.get("uri")):
            try:
                yield LinkRecord(start, end, uri)
            except ValueError:
                continue


def _mentions(record: Fields, text: str) -> Iterator[RelationRecord]:
    for start, end, feature in _facets(record, text):
        if did := text_in(feature.get("did")):
            yield RelationRecord(
                kind="mention", basis="given", start=start, end=end, target_author_id=did
            )


def _facets(record: Fields, text: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Where the features stand: their offsets count bytes of UTF-8, ours code points."""
    facets = objects_in(record.get("facets"))
    if not facets:
        return
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        return
    for facet in facets:
        index = object_in(facet.get("index"))
        first, last = number_in(index.get("byteStart")), number_in(index.get("byteEnd"))
        if first is None or last is None or not 0 <= first < last <= len(encoded):
            continue
        try:
            start = len(encoded[:first].decode())
            end = start + len(encoded[first:last].decode())
        except UnicodeDecodeError:
            continue
        for feature in objects_in(facet.get("features")):
            yield start, end, feature
