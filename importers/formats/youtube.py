"""Comments of videos, as three tools write them: YouTube's Data API (lists of comment threads
or of replies), yt-dlp (``.info.json``), and youtube-comment-downloader (JSON Lines).

A thread is a video with all its comments: what the API calls a comment thread, one comment and
its replies, is a branch of it. The ids of comments are unique everywhere.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from annotations.errors import UnreadableFile
from importers.json_fields import Notes, id_in, number_in, object_in, objects_in, text_in
from importers.json_stream import JsonText
from importers.json_text import REPLACED, decode_json
from importers.markup import Marked, html_to_text
from importers.options import PrivacyOptions, read_options
from importers.privacy import without_private
from importers.records import CommentRecord, Record, RecordError, Status, ThreadRecord
from importers.source import Source
from importers.values import MAX_SCORE

TITLE = "YouTube comments (Data API, yt-dlp, youtube-comment-downloader)"
API = "youtube#comment"
LISTS = ("items", "comments", "entries")
STATUSES: Mapping[str, Status] = {
    "heldForReview": "unapproved",
    "likelySpam": "spam",
    "rejected": "removed_by_moderator",
}
# The addresses of the media tell where the file was loaded.
MEDIA = frozenset({"url", "manifest_url", "fragment_base_url", "filename", "_filename"})
FACTORS = {"": 1, "K": 1_000, "M": 1_000_000, "B": 1_000_000_000}

Convert = Callable[[Mapping[str, Any]], dict[str, Any]]

_VIDEO_ID = re.compile(r"[\w-]{11}")
_CHANNEL_ID = re.compile(r"UC[\w-]{22}")
_HTML = re.compile(r"<(?:br|a|b|i|s)\b|&(?:amp|lt|gt|quot|#\d+);", re.IGNORECASE)
_VOTES = re.compile(r"(\d{1,9})(?:[.,](\d))?\s?([KMB]?)", re.IGNORECASE)


class Options(PrivacyOptions, frozen=True, forbid_unknown_fields=True):
    """``video``: the video's id, for files whose comments do not name it."""

    video: str = ""


def detect(source: Source) -> float:
    """Whether the objects are those of one of the three tools."""
    return max(map(_likeness, source.outline.objects[:20]), default=0.0)


def propose(source: Source) -> dict[str, Any]:
    """The video's id, where it is the file's name and the comments do not tell it."""
    stem = source.name.rpartition("/")[2].partition(".")[0]
    is_needed = any("cid" in value for value in _first_items(source))
    is_named = is_needed and _VIDEO_ID.fullmatch(stem)
    return {"keep_private": False, "video": stem if is_named else ""}


def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    """Yield videos, each with its description as the opening, and their comments.

    The file is read twice: first to count the replies that it lacks. Raises InvalidInput for
    options, UnreadableFile for a file without comments.
    """
    reader = _Reader(source, read_options(options, Options, TITLE), Notes())
    reader.survey()
    text = JsonText(source)
    for group in _groups(source, text, reader.notes):
        if isinstance(group, RecordError):
            yield group
        else:
            yield from reader.records(group)
    if not reader.found:
        raise UnreadableFile(f"{source.name} holds no list of comments.")
    reader.notes[REPLACED] += text.replaced
    yield from reader.notes.records()


@dataclass
class _Group:
    """Comments or comment threads that stand together in an object with the fields ``head``."""

    head: Mapping[str, Any]
    count: int
    items: Iterator[Any]
    line: int | None = None


@dataclass(frozen=True)
class _Place:
    """Where a comment stands: its thread, and the comment that it answers.

    ``scope`` goes in front of ids that are not unique everywhere, as those of other sites.
    """

    thread_id: str
    parent: str | None = None
    line: int | None = None
    scope: str = ""


@dataclass
class _Reader:
    source: Source
    options: Options
    notes: Notes
    found: bool = False
    threads: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    videos: dict[str, str] = field(default_factory=dict)
    missing: Counter[str] = field(default_factory=Counter)

    def survey(self) -> None:
        """Learn the thread of each first-level comment, and how many replies each lacks."""
        replies: set[str] = set()
        for group in _groups(self.source, JsonText(self.source), Notes()):
            if isinstance(group, RecordError) or _video_id(group.head):
                continue
            for item in group.items:
                for top, claimed in self._first_level(object_in(item)):
                    if top not in self.videos:
                        self.videos[top] = self._thread_of(object_in(item))
                        self.missing[self.videos[top]] += claimed
                replies.update(_reply_ids(object_in(item)))
        for reply in replies:
            self.missing[self.videos.get(_top_of(reply), "")] -= 1

    def records(self, group: _Group) -> Iterator[Record]:
        self.found = self.found or "kind" in group.head
        video = _video_id(group.head)
        if video:
            self.found = True
            yield from self._video(video, group)
        for item in group.items:
            if isinstance(item, dict):
                yield from self._item(item, video, group.line)
            else:
                yield RecordError(group.line, "A comment was left out. It is no object.")

    def _item(self, item: dict[str, Any], video: str, line: int | None) -> Iterator[Record]:
        snippet = object_in(item.get("snippet"))
        if "cid" in item:
            place = _Place(self._thread_of(item), _top_of(_name(item)) or None, line)
            yield from self._taken(item, place, self._downloaded)
        elif "topLevelComment" in snippet:
            yield from self._api_thread(item, line)
        elif snippet:
            yield from self._api_reply(item, line)
        elif "parent" in item or video:
            scope = f"{video}:" if ":" in video else ""
            parent = id_in(item.get("parent"))
            answered = None if parent in ("", "root") else f"{scope}{parent}"
            place = _Place(video or self._thread_of(item), answered, line, scope)
            yield from self._taken(item, place, self._from_ytdlp)
        else:
            self.notes["objects left out that are no comments"] += 1

    def _api_thread(self, item: dict[str, Any], line: int | None) -> Iterator[Record]:
        thread_id = self._thread_of(item)
        own = {name: value for name, value in item.items() if name != "replies"}
        yield from self._taken(own, _Place(thread_id, None, line), self._from_api)
        for reply in objects_in(object_in(item.get("replies")).get("comments")):
            parent = id_in(object_in(reply.get("snippet")).get("parentId")) or _name(item)
            yield from self._taken(reply, _Place(thread_id, parent, line), self._from_api)

    def _api_reply(self, item: dict[str, Any], line: int | None) -> Iterator[Record]:
        if text_in(item.get("kind")) not in ("", API):
            self.notes["objects left out that are no comments"] += 1
            return
        parent = id_in(object_in(item.get("snippet")).get("parentId"))
        place = _Place(self._thread_of(item), parent or None, line)
        yield from self._taken(item, place, self._from_api)

    def _taken(self, item: dict[str, Any], place: _Place, convert: Convert) -> Iterator[Record]:
        """The comment, or why it was refused; with its thread in front if that is new."""
        self.found = True
        if f"{place.scope}{_name(item)}" in self.seen:
            self.notes["comments left out that came before with the same id"] += 1
            return
        raw, dropped = without_private(item, keep=self.options.keep_private)
        try:
            comment = CommentRecord(
                id=f"{place.scope}{_name(item)}" if _name(item) else "",
                thread_id=place.thread_id,
                reply_to=place.parent,
                raw=raw,
                line=place.line,
                **convert(item),
            )
        except ValueError as error:
            name = f"Comment {_name(item)[:60] or 'without an id'}"
            yield RecordError(place.line, f"{name} was left out. {error}")
            return
        self.seen.add(comment.id)
        self.notes.take(dropped)
        if place.thread_id not in self.threads:
            self.threads.add(place.thread_id)
            yield self._bare_thread(place.thread_id)
        yield comment

    def _bare_thread(self, thread_id: str) -> ThreadRecord:
        return ThreadRecord(
            id=thread_id,
            url=_address(thread_id),
            platform="youtube",
            missing=max(0, self.missing[thread_id]),
        )

    def _video(self, video: str, group: _Group) -> Iterator[Record]:
        """The thread of one info.json, and the description as its opening."""
        head = group.head
        if video in self.threads:
            return
        self.threads.add(video)
        raw, dropped = without_private(_kept(head), keep=self.options.keep_private)
        self.notes.take(dropped)
        try:
            yield ThreadRecord(
                id=video,
                title=text_in(head.get("title")),
                url=text_in(head.get("webpage_url")) or _address(video),
                platform=_platform(head),
                missing=max(0, (number_in(head.get("comment_count")) or 0) - group.count),
                raw=raw,
            )
            if text_in(head.get("description")) or text_in(head.get("title")):
                yield self._opening(video, group, raw)
        except ValueError as error:
            yield RecordError(group.line, f"The video {video[:60]} was left out. {error}")

    def _opening(self, video: str, group: _Group, raw: Mapping[str, Any]) -> CommentRecord:
        head = group.head
        name = text_in(head.get("channel")) or text_in(head.get("uploader"))
        exact = head.get("timestamp")
        posted_at, _ = self.notes.time(head.get("upload_date") if exact is None else exact)
        return CommentRecord(
            id=f"video:{video}",
            thread_id=video,
            kind="article",
            text=text_in(head.get("description")),
            author_id=id_in(head.get("channel_id")) or id_in(head.get("uploader_id")) or name,
            author_name=name,
            posted_at=posted_at,
            posted_at_estimated=exact is None and posted_at is not None,
            score=number_in(head.get("like_count")),
            raw=raw,
            line=group.line,
        )

    def _from_api(self, item: Mapping[str, Any]) -> dict[str, Any]:
        comment = object_in(object_in(item.get("snippet")).get("topLevelComment")) or item
        snippet = object_in(comment.get("snippet"))
        marked, html = _api_text(snippet)
        name = text_in(snippet.get("authorDisplayName"))
        author = id_in(object_in(snippet.get("authorChannelId")).get("value"))
        posted_at, is_estimated = self.notes.time(snippet.get("publishedAt"))
        updated_at, _ = self.notes.time(snippet.get("updatedAt"))
        status = STATUSES.get(text_in(snippet.get("moderationStatus")))
        return {
            "text": marked.text,
            "html": html,
            "blocks": marked.blocks,
            "links": marked.links,
            "author_id": author or name,
            "author_name": name,
            "status": status or ("visible" if marked.text else "missing"),
            "posted_at": posted_at,
            "posted_at_estimated": is_estimated,
            "edited_at": updated_at if updated_at != posted_at else None,
            "score": number_in(snippet.get("likeCount")),
        }

    def _from_ytdlp(self, item: Mapping[str, Any]) -> dict[str, Any]:
        html = "" if isinstance(item.get("text"), str) else text_in(item.get("html"))
        marked = html_to_text(html) if html else Marked(_plain_text(item.get("text")))
        posted_at, _ = self.notes.time(item.get("timestamp"))
        return {
            "text": marked.text,
            "html": html,
            "blocks": marked.blocks,
            "links": marked.links,
            "author_id": id_in(item.get("author_id")) or text_in(item.get("author")),
            "author_name": text_in(item.get("author")),
            "status": "visible" if marked.text else "missing",
            "posted_at": posted_at,
            "posted_at_estimated": posted_at is not None,
            "score": number_in(item.get("like_count")),
        }

    def _downloaded(self, item: Mapping[str, Any]) -> dict[str, Any]:
        text = _plain_text(item.get("text"))
        posted_at, _ = self.notes.time(item.get("time_parsed"))
        return {
            "text": text,
            "author_id": id_in(item.get("channel")) or text_in(item.get("author")),
            "author_name": text_in(item.get("author")),
            "status": "visible" if text else "missing",
            "posted_at": posted_at,
            "posted_at_estimated": posted_at is not None,
            "score": _votes(item.get("votes")),
        }

    def _thread_of(self, item: Mapping[str, Any]) -> str:
        """The video; else the channel, for comments on one; else what the comment hangs on."""
        snippet = object_in(item.get("snippet"))
        top = object_in(object_in(snippet.get("topLevelComment")).get("snippet"))
        parent = id_in(snippet.get("parentId"))
        return (
            id_in(snippet.get("videoId"))
            or id_in(top.get("videoId"))
            or self.videos.get(parent, "")
            or self.options.video
            or parent
            or id_in(snippet.get("channelId"))
            or self.source.sha256[:32]
        )

    def _first_level(self, item: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
        """The id of a first-level comment, and how many replies it is said to have."""
        snippet = object_in(item.get("snippet"))
        if "topLevelComment" in snippet:
            yield _name(item), max(0, number_in(snippet.get("totalReplyCount")) or 0)
        elif "cid" in item and not _top_of(_name(item)):
            yield _name(item), _votes(item.get("replies")) or 0


def _groups(source: Source, text: JsonText, notes: Notes) -> Iterator[_Group | RecordError]:
    """All lists of comments of a file; one that stands alone is a group of its own."""
    if source.outline.shape == "lines":
        for line in source.lines():
            if isinstance(line, RecordError):
                yield line
            elif line.text.strip():
                try:
                    decoded = decode_json(line.text)
                except ValueError as error:
                    yield RecordError(line.number, str(error))
                else:
                    notes[REPLACED] += decoded.replaced
                    yield from _value_groups(decoded.value, line.number)
    elif text.is_array:
        for value in text.elements():
            yield from _value_groups(value)
    else:
        yield from _document_groups(source, text)


def _document_groups(source: Source, text: JsonText) -> Iterator[_Group]:
    document = source.outline.document
    if document.keys() & {"cid", "snippet", "parent"}:
        yield from _value_groups(dict(text.members()))
        return
    if text_in(document.get("kind")).startswith(API) or "items" in document:
        arrays = text.arrays("items", "")
    else:
        arrays = text.arrays("comments", "", "entries.item")
    for array in arrays:
        yield _Group(array.head, array.count, array.items)


def _value_groups(value: Any, line: int | None = None) -> Iterator[_Group]:
    """The list of a page or video, those of a playlist's videos, or a comment alone."""
    holders = [value, *objects_in(object_in(value).get("entries"))]
    is_list = False
    for holder in holders:
        for name in ("items", "comments"):
            items = object_in(holder).get(name)
            if isinstance(items, list):
                is_list = True
                head = {key: held for key, held in holder.items() if key not in LISTS}
                yield _Group(head, len(items), iter(items), line)
    if not is_list:
        yield _Group({}, 1, iter([value]), line)


def _name(item: Mapping[str, Any]) -> str:
    """The id of a comment, or of the first comment of a comment thread."""
    top = object_in(object_in(item.get("snippet")).get("topLevelComment"))
    return id_in(item.get("cid")) or id_in(top.get("id")) or id_in(item.get("id"))


def _top_of(comment_id: str) -> str:
    """The comment that a reply hangs on, which its id begins with; empty for no reply."""
    return comment_id.rpartition(".")[0]


def _reply_ids(item: Mapping[str, Any]) -> Iterator[str]:
    for reply in (item, *objects_in(object_in(item.get("replies")).get("comments"))):
        if _top_of(_name(reply)):
            yield _name(reply)


def _video_id(head: Mapping[str, Any]) -> str:
    """The id of the video that yt-dlp describes; with its site where that is not YouTube."""
    number = id_in(head.get("id"))
    if "kind" in head or not number:
        return ""
    site = _platform(head)
    return number if site == "youtube" else f"{site}:{number}"


def _platform(head: Mapping[str, Any]) -> str:
    name = (text_in(head.get("extractor_key")) or text_in(head.get("extractor"))).lower()
    return "youtube" if not name or name.startswith("youtube") else name[:50]


def _kept(head: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a video that are words, numbers or lists of them."""
    return {
        name: value
        for name, value in head.items()
        if name not in MEDIA
        and not isinstance(value, dict)
        and not (isinstance(value, list) and any(isinstance(part, dict | list) for part in value))
    }


def _address(thread_id: str) -> str:
    if _VIDEO_ID.fullmatch(thread_id):
        return f"https://www.youtube.com/watch?v={thread_id}"
    is_channel = _CHANNEL_ID.fullmatch(thread_id)
    return f"https://www.youtube.com/channel/{thread_id}" if is_channel else ""


def _api_text(snippet: Mapping[str, Any]) -> tuple[Marked, str]:
    """The words as they were written; else as they are displayed, with the HTML of those."""
    if snippet.get("textOriginal") is not None:
        return Marked(_plain_text(snippet["textOriginal"])), ""
    shown = _plain_text(snippet.get("textDisplay"))
    return (html_to_text(shown), shown) if _HTML.search(shown) else (Marked(shown), "")


def _plain_text(value: Any) -> str:
    if value is not None and not isinstance(value, str):
        raise ValueError("Its text is no text.")
    return value or ""


def _votes(value: Any) -> int | None:
    """A count as YouTube shows it: 12, 1,234, 1.2K; the last one is rounded."""
    written = str(value).strip() if isinstance(value, str | int | float) else ""
    written = re.sub(r"(?<=\d)[.,](?=\d{3}(?:\D|$))", "", written)
    found = _VOTES.fullmatch(written)
    if not found:
        return None
    tenths = int(found[1]) * 10 + int(found[2] or 0)
    return min(tenths * FACTORS[found[3].upper()] // 10, MAX_SCORE)


def _first_items(source: Source) -> list[dict[str, Any]]:
    first = source.outline.objects[:20]
    return [*first, *(item for value in first for item in objects_in(value.get("comments"))[:20])]


def _likeness(value: Mapping[str, Any]) -> float:
    items = [value, *(item for name in LISTS for item in objects_in(value.get(name))[:5])]
    if any(text_in(item.get("kind")).startswith(API) for item in items):
        return 0.98
    if any("topLevelComment" in object_in(item.get("snippet")) for item in items):
        return 0.97
    if any("cid" in item and "text" in item and "author" in item for item in items):
        return 0.97
    comments = [c for item in items for c in objects_in(item.get("comments"))[:5]]
    if any({"id", "parent", "text"} <= c.keys() and "author" in c for c in comments):
        return 0.97
    # A head that is cut in the middle of the many media formats.
    is_video = any("format_id" in form for form in objects_in(value.get("formats"))[:5])
    return 0.9 if is_video and isinstance(value.get("comments", []), list) else 0.0
