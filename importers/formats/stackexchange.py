"""Stack Exchange data dumps: `Posts.xml`, with `Comments.xml` and `Users.xml` beside it if given.

A question opens a thread, its answers are comments, and so are the comments on either. Which post
belongs to which question, what is missing and the names of users are kept in a temporary database
on disk: dumps have up to 100 million rows.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated, Any

import msgspec

from annotations.errors import UnreadableFile
from importers.guards import refuse_unreadable
from importers.json_fields import Notes
from importers.markup import html_to_text
from importers.options import read_options
from importers.privacy import without_private
from importers.records import CommentRecord, Record, RecordError, ThreadRecord
from importers.source import Source
from importers.values import whole_number
from importers.xml_text import Element, read_elements, root_tag

TITLE = "Stack Exchange data dump (XML)"
COLLECTIONS = True
POSTS, COMMENTS, USERS = "posts.xml", "comments.xml", "users.xml"
QUESTION, ANSWER = "1", "2"
LEFT_OUT = {"4": "tag wikis left out", "5": "tag wikis left out"}
SIGNS = {"posts": b"PostTypeId=", "comments": b"PostId=", "users": b"DisplayName="}

_HOST = re.compile(
    r"(?:[a-z0-9-]+\.)*(?:stackexchange|stackoverflow|superuser|serverfault|askubuntu|stackapps)"
    r"\.com|(?:meta\.)?mathoverflow\.net",
    re.IGNORECASE,
)


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``site`` is the site's host: the numbers of posts are its own."""

    site: Annotated[str, msgspec.Meta(pattern=r"^[\w.:/-]{0,200}$")] = ""
    keep_private: bool = False


def detect(source: Source) -> float:
    """Whether there is a `Posts.xml` of a dump; lower for its other files, which need that one."""
    if source.is_collection:
        return 0.98 if any(_table(member) == "posts" for member in _named(source, POSTS)) else 0.0
    table = _table(source)
    return 0.98 if table == "posts" else 0.95 if table else 0.0


def propose(source: Source) -> dict[str, Any]:
    """The site is read from the names of the folders, where one is the host of a site."""
    named = _named(source, POSTS) if source.is_collection else []
    folders = [PurePosixPath(member.name).parent.name for member in named]
    if len(named) > 1:  # each folder tells its own
        return {"site": "", "keep_private": False}
    names = [*folders, PurePosixPath(source.name).name]
    return {"site": next(filter(None, map(_site_of, names)), ""), "keep_private": False}


def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    """Yield the questions and answers in the order of `Posts.xml`, then the comments.

    Raises InvalidInput for options, UnreadableFile where there is no `Posts.xml`, or a file of
    the dump is not well-formed.
    """
    chosen = read_options(options, Options, TITLE)
    notes = Notes()
    dumps = _dumps(source, chosen)
    for dump in dumps:
        try:
            yield from _records(dump, chosen.keep_private, notes)
        except UnreadableFile as error:
            if len(dumps) == 1:
                raise
            yield RecordError(error.line, error.message)
    if source.is_collection:
        known = sum(len(_named(source, name)) for name in (POSTS, COMMENTS, USERS))
        notes["other files left out"] += len(source.members) - known
    yield from notes.records()


def _records(dump: _Dump, keep_private: bool, notes: Notes) -> Iterator[Record]:
    with closing(sqlite3.connect("")) as database:
        reader = _Reader(dump, keep_private, _Index(database), notes)
        reader.survey()
        yield from reader.posts()
        yield from reader.comments()


@dataclass(frozen=True, slots=True)
class _Dump:
    """The files of one site."""

    site: str
    posts: Source
    comments: Source | None = None
    users: Source | None = None


def _dumps(source: Source, options: Options) -> list[_Dump]:
    named = options.site.lower().removeprefix("https://").removeprefix("http://").strip("/")
    if not source.is_collection:
        if _table(source) != "posts":
            raise UnreadableFile(
                f"{source.name} needs Posts.xml beside it, which holds the questions and answers. "
                "Import the folder of the dump, or a ZIP of it."
            )
        return [_Dump(named or "stackexchange", source)]
    found = []
    for posts in _named(source, POSTS):
        folder = PurePosixPath(posts.name).parent
        beside = {
            PurePosixPath(m.name).name.lower(): m
            for m in source.members
            if PurePosixPath(m.name).parent == folder
        }
        site = named or _site_of(folder.name) or "stackexchange"
        found.append(_Dump(site, posts, beside.get(COMMENTS), beside.get(USERS)))
    if not found:
        raise UnreadableFile(f"{source.name} holds no Posts.xml, without which there is no thread.")
    return found


class _Index:
    """Which question a post belongs to, how many posts and comments there are, users' names."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.executescript(
            "CREATE TABLE post (id INTEGER PRIMARY KEY, question INT, is_answer INT, "
            "answers INT, comments INT);"
            "CREATE TABLE said (id INTEGER PRIMARY KEY, number INT);"
            "CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT);"
        )

    def add_post(self, row: Mapping[str, str]) -> None:
        """Keep where a post belongs, and how many answers and comments it says it has."""
        number, is_answer = _whole(row.get("Id")), row.get("PostTypeId") == ANSWER
        question = _whole(row.get("ParentId")) if is_answer else number
        counts = (_whole(row.get("AnswerCount")), _whole(row.get("CommentCount")))
        self._database.execute(
            "INSERT OR REPLACE INTO post VALUES (?, ?, ?, ?, ?)",
            (number, question, is_answer, *counts),
        )

    def add_comment(self, row: Mapping[str, str]) -> None:
        self._database.execute(
            "INSERT INTO said VALUES (?, 1) ON CONFLICT DO UPDATE SET number = number + 1",
            (_whole(row.get("PostId")),),
        )

    def add_user(self, row: Mapping[str, str]) -> None:
        values = (_signed(row.get("Id")), row.get("DisplayName", ""))
        self._database.execute("INSERT OR REPLACE INTO user VALUES (?, ?)", values)

    def finish(self) -> None:
        self._database.execute("CREATE INDEX by_question ON post (question)")

    def place(self, post: int) -> tuple[int, bool] | None:
        """The question of a post and whether it is an answer; None for one that is not there."""
        found = self._one("SELECT question, is_answer FROM post WHERE id = ?", post)
        return (found[0], bool(found[1])) if found else None

    def missing(self, question: int) -> int:
        """Answers and comments that the posts of a thread count and no file holds."""
        answers = self._one(
            "SELECT max(0, (SELECT answers FROM post WHERE id = ?1) - "
            "(SELECT count(*) FROM post WHERE question = ?1 AND is_answer))",
            question,
        )
        comments = self._one(
            "SELECT coalesce(sum(max(0, comments - coalesce(number, 0))), 0) "
            "FROM post LEFT JOIN said USING (id) WHERE question = ?1",
            question,
        )
        return int(answers[0] or 0) + int(comments[0])

    def name(self, user: int) -> str:
        found = self._one("SELECT name FROM user WHERE id = ?", user)
        return found[0] if found else ""

    def _one(self, query: str, number: int) -> Any:
        return self._database.execute(query, (number,)).fetchone()


@dataclass(slots=True)
class _Reader:
    dump: _Dump
    keep_private: bool
    index: _Index
    notes: Notes = field(default_factory=Notes)

    def survey(self) -> None:
        """Read all files to their end once."""
        refuse_unreadable(self.dump.posts)
        for row in _rows(self.dump.posts, "posts"):
            if row.attributes.get("PostTypeId") in (QUESTION, ANSWER):
                self.index.add_post(row.attributes)
        if self.dump.comments:
            refuse_unreadable(self.dump.comments)
            for row in _rows(self.dump.comments, "comments"):
                self.index.add_comment(row.attributes)
        if self.dump.users:
            refuse_unreadable(self.dump.users)
            for row in _rows(self.dump.users, "users"):
                self.index.add_user(row.attributes)
        self.index.finish()

    def posts(self) -> Iterator[Record]:
        for element in _rows(self.dump.posts, "posts", self.notes):
            row = element.attributes
            try:
                if row.get("PostTypeId") == QUESTION:
                    yield self._thread(row)
                    yield self._question(row, element.line)
                elif row.get("PostTypeId") == ANSWER:
                    yield self._answer(row, element.line)
                else:
                    kind = row.get("PostTypeId", "")
                    self.notes[LEFT_OUT.get(kind, "posts of other kinds left out")] += 1
            except ValueError as error:
                shown = row.get("Id", "without an Id")
                yield RecordError(element.line, f"The post {shown} was left out. {error}")

    def comments(self) -> Iterator[Record]:
        for element in (
            _rows(self.dump.comments, "comments", self.notes) if self.dump.comments else ()
        ):
            try:
                yield self._comment(element.attributes, element.line)
            except ValueError as error:
                shown = element.attributes.get("Id", "without an Id")
                yield RecordError(element.line, f"The comment {shown} was left out. {error}")

    def _id(self, kind: str, number: int) -> str:
        if not number:
            raise ValueError(f"It has no Id, or names no {kind}.")
        return f"{self.dump.site}:{kind}:{number}"

    def _thread(self, row: Mapping[str, str]) -> ThreadRecord:
        number = _whole(row.get("Id"))
        is_host = self.dump.site != "stackexchange"
        return ThreadRecord(
            id=self._id("question", number),
            title=row.get("Title", "").strip(),
            url=f"https://{self.dump.site}/questions/{number}" if is_host else "",
            platform="stackexchange",
            missing=self.index.missing(number),
            raw=self._raw({name: value for name, value in row.items() if name != "Body"}),
        )

    def _question(self, row: Mapping[str, str], line: int) -> CommentRecord:
        question = self._id("question", _whole(row.get("Id")))
        return self._post(row, id=question, thread_id=question, kind="post", line=line)

    def _answer(self, row: Mapping[str, str], line: int) -> CommentRecord:
        return self._post(
            row,
            id=self._id("answer", _whole(row.get("Id"))),
            thread_id=self._id("question", _whole(row.get("ParentId"))),
            line=line,
        )

    def _post(self, row: Mapping[str, str], **fields: Any) -> CommentRecord:
        marked = html_to_text(row.get("Body", ""))
        author_id, author_name = self._author(row, "OwnerUserId", "OwnerDisplayName")
        return CommentRecord(
            text=marked.text,
            html=row.get("Body", ""),
            blocks=marked.blocks,
            links=marked.links,
            author_id=author_id,
            author_name=author_name,
            posted_at=self._time(row.get("CreationDate", "")),
            edited_at=self._time(row.get("LastEditDate", "")),
            score=whole_number(row.get("Score")),
            raw=self._raw(row),
            **fields,
        )

    def _comment(self, row: Mapping[str, str], line: int) -> CommentRecord:
        post = _whole(row.get("PostId"))
        place = self.index.place(post)
        if place is None:
            raise ValueError(
                f"It is on the post {row.get('PostId', '')!r}, which is no question or answer in "
                "Posts.xml."
            )
        question, is_on_answer = place
        author_id, author_name = self._author(row, "UserId", "UserDisplayName")
        return CommentRecord(
            id=self._id("comment", _whole(row.get("Id"))),
            thread_id=self._id("question", question),
            reply_to=self._id("answer", post) if is_on_answer else None,
            text=row.get("Text", ""),
            author_id=author_id,
            author_name=author_name,
            posted_at=self._time(row.get("CreationDate", "")),
            score=whole_number(row.get("Score")),
            raw=self._raw(row),
            line=line,
        )

    def _author(self, row: Mapping[str, str], number: str, display: str) -> tuple[str, str]:
        """A user by number; one who deleted the account by the name that was left, if any."""
        name = row.get(display, "").strip()
        if user := _signed(row.get(number)):
            return f"{self.dump.site}:user:{user}", self.index.name(user) or name
        return (f"{self.dump.site}:former:{name}", name) if name else ("", "")

    def _time(self, written: str) -> datetime | None:
        """The dumps write UTC without saying so."""
        return self.notes.time(written)[0]

    def _raw(self, row: Mapping[str, str]) -> dict[str, Any]:
        raw, dropped = without_private(row, keep=self.keep_private)
        self.notes.take(dropped)
        return raw


def _rows(source: Source, table: str, notes: Notes | None = None) -> Iterator[Element]:
    return read_elements(source, (f"{table}/row",), notes)


def _table(source: Source) -> str:
    """posts, comments or users, where the file is that table of a dump."""
    try:
        name, head = root_tag(source)[0], source.head
    except UnreadableFile:
        return ""
    return name if name in SIGNS and b"<row " in head and SIGNS[name] in head else ""


def _named(source: Source, name: str) -> list[Source]:
    return [m for m in source.members if PurePosixPath(m.name).name.lower() == name]


def _site_of(name: str) -> str:
    """``scifi.stackexchange.com.zip`` is of the site ``scifi.stackexchange.com``."""
    found = _HOST.match(name)
    return found[0].lower() if found else ""


def _signed(value: str | None) -> int:
    """The number of a user; the site's own robot is -1. 0 where there is none."""
    return int(value) if value and re.fullmatch(r"-?[0-9]{1,18}", value) else 0


def _whole(value: str | None) -> int:
    return max(0, _signed(value))
