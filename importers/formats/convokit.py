"""A ConvoKit corpus: a folder or ZIP with utterances and conversations, or the utterances alone.

A conversation is a thread, and the utterance that has the conversation's id is its opening.
Both spellings of the fields are read: ``conversation_id``, ``speaker``, ``reply-to`` and the
older ``root`` and ``user``. Pickles are never opened.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

import msgspec

from annotations.errors import UnreadableFile
from importers.guards import refuse_unreadable
from importers.json_fields import Notes, id_in, number_in, object_in
from importers.json_stream import JsonText
from importers.json_text import REPLACED, Decoded, decode_json
from importers.options import PrivacyOptions, read_options
from importers.privacy import without_private
from importers.records import CommentRecord, Kind, Record, RecordError, Status, ThreadRecord
from importers.source import Source

TITLE = "ConvoKit corpus"
COLLECTIONS = True
UTTERANCES = ("utterances.jsonl", "utterances.json")
CONVERSATIONS = "conversations.json"
SPEAKERS = ("speakers.json", "users.json")
TOLD_OF_ALL = ("corpus.json", "index.json")
KNOWN = frozenset({*UTTERANCES, CONVERSATIONS, *SPEAKERS, *TOLD_OF_ALL})
TITLES = ("title", "page_title")
REPLY_TO = ("reply-to", "reply_to")
NOBODY = "[deleted]"
DELETIONS: Mapping[str, Status] = {
    "[deleted]": "deleted_by_author",
    "[removed]": "removed_by_moderator",
}
# Below this number of seconds (1973) a timestamp counts from the start of a recording.
FIRST_SECOND = 100_000_000


def detect(source: Source) -> float:
    """Whether the utterances look like ConvoKit's, and for a collection whether it has any."""
    try:
        if not source.is_collection:
            return _likeness(source)
        return max((_likeness(corpus.utterances) for corpus in _corpora(source)), default=0.0)
    except UnreadableFile:  # a member that is packed and broken
        return 0.0


def propose(source: Source) -> dict[str, Any]:
    return {"keep_private": False}


def by_line(source: Source, options: Mapping[str, Any]) -> bool:
    """The lines of a bare ``utterances.jsonl`` stand for themselves."""
    return not source.is_collection and source.outline.shape == "lines"


def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    """Yield the conversations of a corpus, then its utterances; a bare file has only these.

    Raises InvalidInput for options, UnreadableFile for a collection without utterances and
    for a file that is broken.
    """
    privacy = read_options(options, PrivacyOptions, TITLE)
    notes = Notes()
    if source.is_collection:
        yield from _collection(source, privacy, notes)
    else:
        yield from _utterances(source, privacy, notes)
    yield from notes.records()


@dataclass
class _Corpus:
    """The members of one corpus by their names in lower case, and the one with its utterances."""

    utterances: Source
    members: dict[str, Source] = field(default_factory=dict)


def _corpora(source: Source) -> list[_Corpus]:
    """One for each folder with utterances; JSON Lines where it has both kinds of file."""
    folders: dict[PurePosixPath, dict[str, Source]] = {}
    for member in source.members:
        path = PurePosixPath(member.name)
        folders.setdefault(path.parent, {})[path.name.lower()] = member
    corpora = []
    for members in folders.values():
        named = [members[name] for name in UTTERANCES if name in members]
        if named:
            corpora.append(_Corpus(named[0], members))
    return corpora


def _collection(source: Source, privacy: PrivacyOptions, notes: Notes) -> Iterator[Record]:
    corpora = _corpora(source)
    if not corpora:
        raise UnreadableFile(
            f"{source.name} has no utterances.jsonl, and is therefore no ConvoKit corpus."
        )
    for corpus in corpora:
        for step in (_conversations, _utterances_of):
            try:
                yield from step(corpus, privacy, notes)
            except UnreadableFile as error:
                yield RecordError(error.line, error.message)
        try:
            _count_speakers(corpus, notes)
        except UnreadableFile as error:
            yield RecordError(error.line, error.message)
    for member in source.members:
        _count_left_out(PurePosixPath(member.name).name.lower(), notes)


def _count_left_out(name: str, notes: Notes) -> None:
    if name in KNOWN:
        return
    if name.endswith((".p", ".pkl", ".pickle")):
        notes["pickled files left out, which are never opened"] += 1
    elif "vector" in name:
        notes["files of vectors left out"] += 1
    else:
        notes["files left out that are no part of a ConvoKit corpus"] += 1


def _conversations(corpus: _Corpus, privacy: PrivacyOptions, notes: Notes) -> Iterator[Record]:
    """A thread for each conversation, before all utterances, so that none is kept in memory."""
    member = corpus.members.get(CONVERSATIONS)
    if not member:
        return
    refuse_unreadable(member)
    text = JsonText(member)
    for name, value in text.members():
        about = object_in(value)
        meta = object_in(about.get("meta", about))
        raw, dropped = without_private(meta, keep=privacy.keep_private)
        title = next((meta[key] for key in TITLES if isinstance(meta.get(key), str)), "")
        platform = "reddit" if "subreddit" in meta else ""
        try:
            yield ThreadRecord(id=name, title=title, platform=platform, raw=raw)
        except ValueError as error:
            yield RecordError(None, f"Conversation {name[:60]} was left out. {error}")
        notes.take(dropped)
    notes[REPLACED] += text.replaced


def _utterances_of(corpus: _Corpus, privacy: PrivacyOptions, notes: Notes) -> Iterator[Record]:
    refuse_unreadable(corpus.utterances)
    yield from _utterances(corpus.utterances, privacy, notes)


def _count_speakers(corpus: _Corpus, notes: Notes) -> None:
    """What is told of speakers has no place in the records; it is counted."""
    for name in SPEAKERS:
        if name in corpus.members:
            refuse_unreadable(corpus.members[name])
            for _, value in JsonText(corpus.members[name]).members():
                about = object_in(value)
                notes["speakers whose own fields were left out"] += bool(about.get("meta", about))
            return


def _utterances(source: Source, privacy: PrivacyOptions, notes: Notes) -> Iterator[Record]:
    for line, value in _values(source, notes):
        if isinstance(value, RecordError):
            yield value
            continue
        try:
            yield _comment(value, line, privacy, notes)
        except ValueError as error:
            name = f"Utterance {id_in(object_in(value).get('id'))[:60] or 'without an id'}"
            yield RecordError(line, f"{name} was left out. {error}")


def _values(source: Source, notes: Notes) -> Iterator[tuple[int | None, Any]]:
    """The utterances, with their lines where they stand one in a line."""
    text = JsonText(source)
    if text.is_array:
        for value in text.elements():
            yield None, value
        notes[REPLACED] += text.replaced
        return
    for line in source.lines():
        if isinstance(line, RecordError):
            yield line.line, line
        elif line.text.strip():
            try:
                decoded = _decoded(line.text)
            except ValueError as error:
                yield line.number, RecordError(line.number, str(error))
            else:
                notes[REPLACED] += decoded.replaced
                yield line.number, decoded.value


def _decoded(text: str) -> Decoded:
    """The value of a line. Python's NaN and Infinity, which ConvoKit may write, become null."""
    try:
        return decode_json(text)
    except ValueError:
        if "NaN" not in text and "Infinity" not in text:
            raise
    try:
        value = json.loads(text, parse_constant=lambda _: None)
        return decode_json(msgspec.json.encode(value))
    except RecursionError:
        raise ValueError("It nests deeper than can be read.") from None


def _comment(value: Any, line: int | None, privacy: PrivacyOptions, notes: Notes) -> CommentRecord:
    """Raises ValueError."""
    if not isinstance(value, dict):
        raise ValueError("It is no object.")
    number = id_in(value.get("id"))
    thread_id = id_in(value.get("conversation_id")) or id_in(value.get("root"))
    if not thread_id:
        raise ValueError("It names no conversation.")
    kind: Kind = "post" if number == thread_id else "comment"
    text, status = _text(value.get("text"), kind)
    speaker = _speaker(value)
    posted_at, is_estimated = _time(value.get("timestamp"), notes)
    own = {name: part for name, part in value.items() if name != "vectors"}
    raw, dropped = without_private(own, keep=privacy.keep_private)
    comment = CommentRecord(
        id=number,
        thread_id=thread_id,
        text=text,
        kind=kind,
        author_id="" if status in DELETIONS.values() else speaker,
        author_name="" if status in DELETIONS.values() else speaker,
        reply_to=next((id_in(value[name]) for name in REPLY_TO if value.get(name)), None) or None,
        status=status,
        posted_at=posted_at,
        posted_at_estimated=is_estimated,
        score=number_in(object_in(value.get("meta")).get("score")),
        raw=raw,
        line=line,
    )
    notes.take(dropped)
    notes["utterances whose vectors were left out"] += bool(value.get("vectors"))
    return comment


def _text(written: Any, kind: Kind) -> tuple[str, Status]:
    """The words and the status; a post may do without words, which is a title and a link."""
    if written is not None and not isinstance(written, str):
        raise ValueError("Its text is no text.")
    text = written or ""
    if text.strip() in DELETIONS:
        return "", DELETIONS[text.strip()]
    return text, "visible" if text or kind == "post" else "missing"


def _speaker(value: Mapping[str, Any]) -> str:
    """The speaker's id; nobody for the name that all deleted accounts share."""
    named = value.get("speaker", value.get("user"))
    speaker = id_in(named.get("id")) if isinstance(named, dict) else id_in(named)
    return "" if speaker == NOBODY else speaker


def _time(value: Any, notes: Notes) -> tuple[datetime | None, bool]:
    time, is_estimated = notes.time(value)
    if time and time.timestamp() < FIRST_SECOND:
        notes["times left out that count from the start of a recording"] += 1
        return None, False
    return time, is_estimated


def _likeness(source: Source) -> float:
    values = source.outline.objects[:20]
    alike = [value for value in values if _is_utterance(value)]
    return 0.97 if values and 2 * len(alike) >= len(values) else 0.0


def _is_utterance(value: Mapping[str, Any]) -> bool:
    return (
        {"id", "text"} <= value.keys()
        and ("conversation_id" in value or "root" in value)
        and ("speaker" in value or "user" in value)
        and any(name in value for name in REPLY_TO)
    )
