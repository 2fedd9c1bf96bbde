"""Hacker News: items of the Firebase interface, and Algolia's items and search results.

JSON Lines, a list, or a document in which the items nest; or a folder of such files, often with
an item in each, which is read as one. Which story a comment belongs to is
found by walking up its parents, so the file is read twice. Where a parent is not in the file and
the story is not told, the topmost parent that is named stands for the story.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from itertools import islice
from typing import Any

import msgspec

from annotations.errors import UnreadableFile
from importers.guards import refuse_unreadable
from importers.hackernews import Item, item_of, likeness, objects_of
from importers.json_fields import Notes, number_in, text_in
from importers.json_stream import JsonText
from importers.json_text import DOCUMENT_LIMIT, REPLACED, decode_json
from importers.lines import BOM
from importers.markup import html_to_text
from importers.options import refuse_options
from importers.privacy import without_private
from importers.records import CommentRecord, Record, RecordError, Status, ThreadRecord
from importers.source import Source
from importers.table_rows import Row
from importers.tables import rows_of, sample
from importers.values import YES_WORDS

TITLE = "Hacker News (Firebase or Algolia JSON)"
COLLECTIONS = True
SITE = "https://news.ycombinator.com/item?id="
AUTHOR = ("by", "author", "user")
TEXT = ("text", "comment_text", "story_text", "content")
TIME = ("time", "created_at_i", "created_at", "timestamp")
LOOKED_AT = 20
CSV_COLUMNS = frozenset({"id", "parent", "by", "type", "time", "text"})
BOILERPLATE: Mapping[str, Status] = {
    "[deleted]": "deleted_by_author",
    "[dead]": "dead",
    "[flagged]": "dead",
    "[flagged] [dead]": "dead",
    "[flagged][dead]": "dead",
}


def detect(source: Source) -> float:
    """0.97 if at least half of the first items have the marks of Hacker News, else their share."""
    values = [value for member in source.members[:LOOKED_AT] for value in _first_values(member)]
    found = [likeness(data) for data, _ in islice(objects_of(values), LOOKED_AT)]
    share = sum(found) / len(found) if found else 0.0
    return 0.97 if share >= 0.5 else share


def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    """Yield stories, each with its opening, and comments: siblings as they are ranked.

    Of a file with more than 32 MiB of items memory holds the ids only, and the comments come as
    they stand in it. Raises InvalidInput for options, UnreadableFile for a file without items.
    """
    refuse_options(options, TITLE)
    survey = _Survey()
    for found in _found(source, Notes()):
        if isinstance(found, _Found):
            survey.take(found.item)
    if not survey.is_found:
        raise UnreadableFile(f"{source.name} holds no items of Hacker News.")
    reader = _Reader(survey)
    waiting: list[_Found] = []
    for part in _found(source, reader.notes):
        if isinstance(part, RecordError):
            yield part
        elif survey.is_small:
            waiting.append(part)
        else:
            yield from reader.records(part)
    for part in survey.ranked(waiting):
        yield from reader.records(part)
    yield from reader.notes.records()


def _first_values(member: Source) -> list[Any]:
    try:
        if _is_csv(member):
            rows = sample(member, "csv")[:LOOKED_AT]
            return [_item_of_row(row) for row in rows]
        return list(member.outline.values[:LOOKED_AT])
    except UnreadableFile:
        return []


@dataclass(frozen=True, slots=True)
class _Found:
    item: Item
    line: int | None


def _found(source: Source, notes: Notes) -> Iterator[_Found | RecordError]:
    for line, value in _values(source, notes):
        if isinstance(value, RecordError):
            yield value
            continue
        if value is None:
            notes["empty items left out"] += 1
            continue
        is_empty = True
        for data, around in objects_of(value):
            is_empty = False
            try:
                yield _Found(item_of(data, around), line)
            except ValueError as error:
                yield RecordError(line, f"{_name(data)} was left out. {error}")
        if is_empty and line is not None:
            yield RecordError(line, "The line was left out. It holds no item of Hacker News.")


def _values(source: Source, notes: Notes) -> Iterator[tuple[int | None, Any]]:
    """The values of all files; what is wrong with one file of a folder costs this file alone."""
    if not source.is_collection:
        yield from _values_of_file(source, notes)
        return
    for member in source.members:
        try:
            refuse_unreadable(member)
            if member.outline.shape == "none" and not _is_csv(member):
                notes["files left out that are no JSON"] += 1
                continue
            for line, value in _values_of_file(member, notes):
                is_refused = isinstance(value, RecordError)
                yield line, _named(member, value) if is_refused else value
        except UnreadableFile as error:
            yield error.line, RecordError(error.line, f"{member.name}: {error.message}")


def _named(member: Source, refusal: RecordError) -> RecordError:
    return RecordError(refusal.line, f"{member.name}: {refusal.message}")


def _values_of_file(source: Source, notes: Notes) -> Iterator[tuple[int | None, Any]]:
    """The values of the lines with their numbers, or those of a document in pieces."""
    if _is_csv(source):
        for row in rows_of(source, "csv"):
            if isinstance(row, RecordError):
                yield row.line, row
            elif isinstance(row, Row):
                yield row.line, _item_of_row(row.cells)
        return
    if source.outline.shape != "lines":
        text = JsonText(source)
        if source.outline.shape == "array":
            for value in text.elements():
                yield None, value
        else:
            yield None, dict(text.members())
        notes[REPLACED] += text.replaced
        return
    for line in source.lines():
        if isinstance(line, RecordError):
            yield line.line, line
        elif not line.text.isspace():
            try:
                decoded = decode_json(line.text)
            except ValueError as error:
                yield line.number, RecordError(line.number, f"The line was left out. {error}")
                continue
            notes[REPLACED] += decoded.replaced
            yield line.number, decoded.value


def _is_csv(source: Source) -> bool:
    """Whether it is a table of items, as BigQuery exports its copy of Hacker News."""
    header = source.head.removeprefix(BOM).partition(b"\n")[0].decode(errors="replace")
    return {name.strip(' "\r').lower() for name in header.split(",")} >= CSV_COLUMNS


def _item_of_row(cells: Mapping[str, Any]) -> dict[str, Any]:
    """A row as Firebase would give it: without what is not told, and with yes and no as such."""
    item = {name.lower(): value for name, value in cells.items() if value not in ("", "null")}
    for name in ("deleted", "dead"):
        item[name] = str(item.get(name, "")).lower() in YES_WORDS
    return item


@dataclass
class _Survey:
    """What hangs together: ids only."""

    size: int = 0
    posts: set[int] = field(default_factory=set)
    parents: dict[int, int] = field(default_factory=dict)
    stories: dict[int, int] = field(default_factory=dict)
    kids: dict[int, array[int]] = field(default_factory=dict)
    totals: dict[int, int] = field(default_factory=dict)
    _roots: dict[int, int] = field(default_factory=dict)

    @property
    def is_found(self) -> bool:
        return self.size > 0

    @property
    def is_small(self) -> bool:
        """Whether all items fit into memory."""
        return self.size <= DOCUMENT_LIMIT

    def take(self, item: Item) -> None:
        self.size += len(msgspec.json.encode(item.data))
        if item.sort == "post":
            self.posts.add(item.id)
            self.totals[item.id] = item.total
        elif item.sort == "comment" and item.parent is not None:
            self.parents[item.id] = item.parent
        if item.story is not None:
            self.stories[item.id] = item.story
        if item.kids:
            self.kids[item.id] = array("q", item.kids)

    def story(self, id: int) -> int:
        """The id at the top: the story, or what stands for it. Of a ring it is the smallest."""
        path: dict[int, None] = {}
        while id not in self._roots and id not in self.posts:
            if id in path:
                id = min(path)
                break
            above = self.stories.get(id) or self.parents.get(id)
            if above is None:
                break
            path[id] = None
            id = above
        top = self._roots.get(id, id)
        self._roots.update(dict.fromkeys(path, top))
        return top

    def missing(self) -> Counter[int]:
        """How many comments each thread lacks: kids that are named but not in the file, or as
        many as the story counts beyond those that are, if that is more.
        """
        known = Counter(self.story(id) for id in self.parents)
        named: Counter[int] = Counter()
        for id, kids in self.kids.items():
            named[self.story(id)] += sum(kid not in self.parents for kid in kids)
        for id, total in self.totals.items():
            named[id] = max(named[id], total - known[id])
        return named

    def ranked(self, found: Iterable[_Found]) -> Iterator[_Found]:
        """The items in reading order: siblings as their parent lists them, others after these."""
        below: dict[int | None, list[_Found]] = {}
        for part in found:
            parent = part.item.parent
            is_known = parent in self.parents or parent in self.posts
            below.setdefault(parent if is_known else None, []).append(part)
        waiting = below.pop(None, [])[::-1]
        while waiting or below:
            if not waiting:  # what is left answers itself in a ring
                waiting = below.pop(next(iter(below)))[::-1]
            part = waiting.pop()
            yield part
            ranks = {kid: rank for rank, kid in enumerate(self.kids.get(part.item.id, ()))}
            replies = below.pop(part.item.id, [])
            replies.sort(key=lambda reply: ranks.get(reply.item.id, len(ranks)))
            waiting += reversed(replies)


class _Reader:
    """Gives every thread that the file knows before its first comment."""

    def __init__(self, survey: _Survey) -> None:
        self.survey = survey
        self.notes = Notes()
        self.given: set[int] = set()
        self.missing = survey.missing()
        untold = sum(n for id, n in self.missing.items() if id not in survey.posts)
        self.notes["missing comments of threads whose story is not in the file"] = untold

    def records(self, found: _Found) -> Iterator[Record]:
        item = found.item
        try:
            if item.sort == "pollopt":
                self.notes["options of polls left out"] += 1
            elif item.sort == "post":
                yield from self._post(item, found.line)
            else:
                yield from self._comment(item, found.line)
        except ValueError as error:
            yield RecordError(found.line, f"{_name(item.data)} was left out. {error}")

    def _post(self, item: Item, line: int | None) -> Iterator[Record]:
        opening = self._record(item, item.id, line)
        yield from self._thread(item.id, text_in(item.data.get("title")))
        yield opening

    def _comment(self, item: Item, line: int | None) -> Iterator[Record]:
        if item.parent is None:
            raise ValueError("It names no parent.")
        story = self.survey.story(item.id)
        comment = self._record(item, story, line)
        title = text_in(item.data.get("story_title"))
        if title and story not in self.survey.posts:
            yield from self._thread(story, title)
        yield comment

    def _thread(self, story: int, title: str) -> Iterator[ThreadRecord]:
        if story in self.given:
            return
        yield ThreadRecord(
            id=f"hn:{story}",
            title=title,
            url=f"{SITE}{story}",
            platform="hackernews",
            missing=self.missing[story] if story in self.survey.posts else 0,
        )
        self.given.add(story)

    def _record(self, item: Item, story: int, line: int | None) -> CommentRecord:
        data = item.data
        html, status = _html_and_status(item)
        address = _address(data) if item.sort == "post" else ""
        link = f'<p><a href="{escape(address)}">{escape(address)}</a></p>' if address else ""
        marked = html_to_text(f"{link}{html}")
        author = _first_text(data, AUTHOR)
        raw, dropped = without_private(data)
        self.notes.take(dropped)
        return CommentRecord(
            id=f"hn:{item.id}",
            thread_id=f"hn:{story}",
            text=marked.text,
            kind="post" if item.sort == "post" else "comment",
            author_id=author,
            author_name=author,
            reply_to=None if item.parent in (None, story) else f"hn:{item.parent}",
            status=status,
            html=html,
            posted_at=self._time(data),
            score=number_in(data.get("score", data.get("points"))),
            blocks=marked.blocks,
            links=marked.links,
            raw=raw,
            line=line,
        )

    def _time(self, data: Mapping[str, Any]) -> datetime | None:
        told = (data.get(name) for name in TIME)
        return self.notes.time(next((value for value in told if value is not None), None))[0]


def _html_and_status(item: Item) -> tuple[str, Status]:
    """What was said, and whether it still stands: words put in place of a text are no text."""
    data = item.data
    html = _first_text(data, TEXT)
    boilerplate = BOILERPLATE.get(html.strip())
    if boilerplate:
        html = ""
    if data.get("deleted") is True:
        return html, "deleted_by_author"
    if data.get("dead") is True:
        return html, "dead"
    if boilerplate:
        return html, boilerplate
    if html or item.sort == "post":
        return html, "visible"
    return html, "missing" if _first_text(data, AUTHOR) else "deleted_by_author"


def _first_text(data: Mapping[str, Any], names: Iterable[str]) -> str:
    return next((text for name in names if (text := text_in(data.get(name)))), "")


def _address(data: Mapping[str, Any]) -> str:
    """The address that was posted; a question has none."""
    url = text_in(data.get("url")).strip()
    return url if url.startswith(("http://", "https://")) else ""


def _name(data: Mapping[str, Any]) -> str:
    id = str(data.get("id", data.get("objectID", "")))[:60]
    return f"Item {id}" if id else "An item without an id"
