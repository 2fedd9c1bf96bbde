"""PHEME and RumourEval 2017: a folder or ZIP with a folder for each rumour's thread of tweets.

    EVENT/[rumours/]THREAD/source-tweet(s)/ID.json, replies|reactions/ID.json,
                           structure.json, annotation.json

Stance labels stand in other files of the collection, either as ``{tweet id: label}`` or, with an
object a line, in the annotation scheme of PHEME, which says how a reply responds to the source.
A thread is read at a time.
"""

from __future__ import annotations

import re
from collections.abc import Container, Generator, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from annotations.errors import UnreadableFile
from importers.json_fields import Notes, id_in, object_in, objects_in, text_in
from importers.json_text import REPLACED, Decoded, decode_json, read_document
from importers.options import PrivacyOptions, read_options
from importers.records import CommentRecord, GoldRecord, Record, RecordError, ThreadRecord
from importers.source import Source
from importers.tweets import PLATFORM, Fields, has_text, tweet_comment, tweet_id

TITLE = "PHEME or RumourEval 2017 (folder or ZIP of tweets)"
COLLECTIONS = True
CODEBOOK, QUESTION = "rumoureval-sdqc", "stance"
STANCES = frozenset({"support", "deny", "query", "comment"})
SOURCE_FOLDERS = ("source-tweet", "source-tweets")
REPLY_FOLDERS = ("replies", "reactions")
SCHEME_MARK = b"responsetype-vs-source"
SCHEME_SUPPORT = {"supporting": "support", "denying": "deny"}
SCHEME_RESPONSES = {
    ("agreed", "support"): "support",
    ("disagreed", "support"): "deny",
    ("agreed", "deny"): "deny",
}
SCHEME_ANYHOW = {"appeal-for-more-information": "query", "comment": "comment"}
ID_NAMES = ("tweetid", "tweet_id", "id_str", "id")
LEFT_OUT = "files left out that are neither tweets nor labels"
RUMOUR_FOLDERS = ("rumours", "non-rumours")

_ID = re.compile(r"[0-9]{1,20}")


def detect(source: Source) -> float:
    """Whether there is a folder with a source tweet; a single file is none."""
    if not source.is_collection:
        return 0.0
    return 0.97 if any(_is_source(member) for member in source.members) else 0.0


def propose(source: Source) -> dict[str, Any]:
    return {"keep_private": False}


def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    """Yield the threads, each with its source tweet first, and at the end the labels.

    Raises InvalidInput for options, UnreadableFile for what holds no thread.
    """
    chosen = read_options(options, PrivacyOptions, TITLE)
    collection = _Collection.of(source)
    notes = Notes()
    known: set[str] = set()
    for thread in collection.threads:
        for record in thread.records(notes, chosen.keep_private):
            if isinstance(record, CommentRecord):
                known.add(record.id)
            yield record
    labels = _Labels()
    for member in collection.others:
        yield from labels.take(member, notes)
    yield from labels.records(known, notes)
    yield from notes.records()


@dataclass
class _Thread:
    """The files of one thread. ``folder`` is its path in the collection."""

    folder: PurePosixPath
    sources: list[Source] = field(default_factory=list)
    replies: list[Source] = field(default_factory=list)
    structure: Source | None = None
    annotation: Source | None = None
    others: int = 0

    def add(self, member: Source) -> None:
        """Take a file in or below the folder; of those without a use only the number is kept."""
        folder, name = _folder(member), PurePosixPath(member.name).name
        if folder.name in SOURCE_FOLDERS and _is_json(member):
            self.sources.append(member)
        elif folder.name in REPLY_FOLDERS and _is_json(member):
            self.replies.append(member)
        elif folder == self.folder and name == "structure.json":
            self.structure = member
        elif folder == self.folder and name == "annotation.json":
            self.annotation = member
        else:
            self.others += 1

    def records(self, notes: Notes, keep_private: bool) -> Iterator[Record]:
        """The thread, then its tweets as far as their files can be read."""
        notes[LEFT_OUT] += self.others
        parents = yield from self._parents()
        annotation = yield from self._annotation()
        thread_id = self._id(parents)
        try:
            yield self._record(thread_id, parents, annotation)
        except ValueError as error:
            yield RecordError(None, f"{self.folder}: the thread was left out. {error}")
            return
        for member in (*self.sources, *self.replies):
            yield _comment(member, thread_id, parents, notes, keep_private)

    def _id(self, parents: Mapping[str, str]) -> str:
        """The source tweet's id: its file's name, else the folder's, else the tree's root."""
        names = [_stem(member) for member in self.sources]
        roots = [root for root in parents.values() if root not in parents]
        return next(iter([*filter(_ID.fullmatch, [*names, self.folder.name]), *roots]), "")

    def _record(
        self, thread_id: str, parents: Mapping[str, str], annotation: Fields
    ) -> ThreadRecord:
        files = {_stem(member) for member in (*self.sources, *self.replies)}
        named = {*parents, *parents.values()}
        above = self.folder.parent
        rumours = above.name if above.name in RUMOUR_FOLDERS else ""
        told = {
            "event": above.parent.name if rumours else above.name,
            "folder": rumours,
            "annotation": dict(annotation),
        }
        return ThreadRecord(
            id=thread_id,
            platform=PLATFORM,
            missing=len(named - files),
            raw={name: value for name, value in told.items() if value},
        )

    def _parents(self) -> Generator[RecordError, None, dict[str, str]]:
        """The tweet that each tweet answers, as the tree tells; a file that is broken costs it."""
        if self.structure is None:
            return {}
        try:
            return dict(_edges(_document(self.structure).value))
        except UnreadableFile as error:
            yield RecordError(error.line, error.message)
            return {}

    def _annotation(self) -> Generator[RecordError, None, dict[str, Any]]:
        if self.annotation is None:
            return {}
        try:
            return object_in(_document(self.annotation).value)
        except UnreadableFile as error:
            yield RecordError(error.line, error.message)
            return {}


@dataclass(frozen=True)
class _Collection:
    """The threads by their folders, and all files that belong to none."""

    threads: list[_Thread]
    others: list[Source]

    @classmethod
    def of(cls, source: Source) -> _Collection:
        folders = {_folder(member).parent for member in source.members if _is_source(member)}
        if not folders:
            raise UnreadableFile(
                f"{source.name} holds no thread of PHEME: no folder named source-tweet or "
                "source-tweets has a JSON file. Import the whole folder, or a ZIP of it."
            )
        threads = {folder: _Thread(folder) for folder in sorted(folders)}
        others = []
        for member in source.members:
            thread = next(
                (threads[f] for f in PurePosixPath(member.name).parents if f in threads), None
            )
            if thread is None:
                others.append(member)
            else:
                thread.add(member)
        return cls(list(threads.values()), others)


def _comment(
    member: Source,
    thread_id: str,
    parents: Mapping[str, str],
    notes: Notes,
    keep_private: bool,
) -> Record:
    try:
        decoded = _document(member)
        tweet = object_in(decoded.value)
        if not tweet_id(tweet) or not has_text(tweet):
            raise ValueError("It holds no tweet with an id and a text.")
        notes[REPLACED] += decoded.replaced
        return tweet_comment(
            tweet,
            notes,
            thread_id=thread_id,
            reply_to=parents.get(tweet_id(tweet), ""),
            users={},
            keep_private=keep_private,
            line=None,
        )
    except UnreadableFile as error:
        return RecordError(error.line, error.message)
    except ValueError as error:
        return RecordError(None, f"{member.name} was left out. {error}")


def _document(member: Source) -> Decoded:
    """The JSON of a file. A copy is read: what reading leaves on a source would add up here."""
    return read_document(copy(member))


def _edges(structure: Any) -> Iterator[tuple[str, str]]:
    """Each tweet of the tree with the one above it. A leaf is `[]`, and other keys only wrap."""
    waiting: list[tuple[str, Any]] = [("", structure)]
    while waiting:
        above, below = waiting.pop()
        for key, value in object_in(below).items():
            is_tweet = _ID.fullmatch(key) is not None
            if is_tweet and above:
                yield key, above
            waiting.append((key if is_tweet else above, value))


class _Labels:
    """The stances of the collection, by tweet. Of labels that contradict the first one holds."""

    def __init__(self) -> None:
        self._stances: dict[str, tuple[str, int | None]] = {}

    def records(self, known: Container[str], notes: Notes) -> Iterator[GoldRecord]:
        """The labels of the tweets that have a file."""
        for tweet, (stance, line) in self._stances.items():
            if tweet not in known:
                notes["labels left out whose tweet has no file"] += 1
                continue
            yield GoldRecord(
                comment_id=tweet, codebook=CODEBOOK, question=QUESTION, label=stance, line=line
            )

    def take(self, member: Source, notes: Notes) -> Iterator[RecordError]:
        """The labels of a file, if it is one of labels."""
        if not _is_json(member):
            notes[LEFT_OUT] += 1
            return
        try:
            if SCHEME_MARK in member.head:
                yield from self._take_scheme(member, notes)
            else:
                self._take_stances(member, notes)
        except UnreadableFile as error:
            yield RecordError(error.line, error.message)

    def _take_stances(self, member: Source, notes: Notes) -> None:
        """`{tweet id: stance}`, as it is or one level down, as a list of objects, or no labels."""
        value = read_document(member).value
        parts = [value, *object_in(value).values()] if isinstance(value, dict) else [value]
        found = [pair for part in parts for pair in _stances(part)]
        for tweet, stance in found:
            self._add(tweet, stance, None, notes)
        notes[LEFT_OUT] += not found

    def _take_scheme(self, member: Source, notes: Notes) -> Iterator[RecordError]:
        """First what the sources say of their rumour, since replies only say what of the source."""
        entries = []
        for line, entry in _scheme_entries(member):
            if isinstance(entry, RecordError):
                yield entry
            else:
                entries.append((line, entry))
        sources = {
            id_in(entry.get("tweetid")): SCHEME_SUPPORT.get(text_in(entry.get("support")), "")
            for _, entry in entries
            if "support" in entry
        }
        for line, entry in entries:
            tweet = id_in(entry.get("tweetid"))
            stance = sources.get(tweet, "")
            if "support" not in entry:
                response = text_in(entry.get("responsetype-vs-source"))
                about = sources.get(id_in(entry.get("threadid")), "")
                stance = SCHEME_ANYHOW.get(response) or SCHEME_RESPONSES.get((response, about), "")
            if stance and _ID.fullmatch(tweet):
                self._add(tweet, stance, line, notes)
            else:
                notes["labels left out that tell no stance towards the rumour"] += 1

    def _add(self, tweet: str, stance: str, line: int | None, notes: Notes) -> None:
        first, _ = self._stances.setdefault(tweet, (stance, line))
        notes["labels left out that contradict an earlier one"] += first != stance


def _stances(value: Any) -> Iterator[tuple[str, str]]:
    """The tweets and stances of one object, or of a list of objects with an id and a label."""
    pairs = list(object_in(value).items())
    for entry in objects_in(value):
        ids = (id_in(entry.get(name)) for name in ID_NAMES)
        pairs.append((next(filter(None, ids), ""), entry.get("label") or entry.get("stance")))
    for tweet, label in pairs:
        if _ID.fullmatch(tweet) and isinstance(label, str) and label.lower() in STANCES:
            yield tweet, label.lower()


def _scheme_entries(member: Source) -> Iterator[tuple[int | None, Any]]:
    """The objects of an annotation file: one a line between `#` headings, or one list."""
    if member.outline.shape == "array":
        for entry in read_document(member).value:
            yield None, object_in(entry)
        return
    for line in member.lines():
        if isinstance(line, RecordError):
            yield line.line, RecordError(line.line, f"{member.name}: {line.message}")
        elif line.text.strip() and not line.text.lstrip().startswith("#"):
            try:
                yield line.number, object_in(decode_json(line.text).value)
            except ValueError as error:
                yield line.number, RecordError(line.number, f"{member.name}: {error}")


def _is_source(member: Source) -> bool:
    return _folder(member).name in SOURCE_FOLDERS and _is_json(member)


def _is_json(member: Source) -> bool:
    return member.name.lower().endswith(".json")


def _folder(member: Source) -> PurePosixPath:
    return PurePosixPath(member.name).parent


def _stem(member: Source) -> str:
    return PurePosixPath(member.name).stem
