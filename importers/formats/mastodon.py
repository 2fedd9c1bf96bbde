"""Statuses of Mastodon and of what speaks ActivityPub with it: the API's JSON (statuses, lists,
contexts), and ActivityPub's own (objects, activities, collections, an account's archive).

A status is known by its address, ``uri`` in the API and ``id`` in ActivityPub, so both give the
same comments. The thread is the first status of the chain of answers, as far as the file knows
the chain; ``conversation`` finds it where links of the chain are not in the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from annotations.errors import UnreadableFile
from importers.chains import Chains
from importers.fediverse import (
    KINDS,
    NAMESPACE,
    Fields,
    Mention,
    Message,
    address_of,
    api_message,
    handle_of,
    host_of,
    is_api_status,
    object_message,
    type_of,
)
from importers.guards import refuse_unreadable
from importers.json_fields import Notes, id_in, list_in, object_in, objects_in, text_in
from importers.json_values import json_values
from importers.markup import Marked, html_to_text
from importers.options import read_options
from importers.privacy import without_private
from importers.records import (
    BlockRecord,
    CommentRecord,
    LinkRecord,
    Record,
    RecordError,
    RelationRecord,
    Status,
    ThreadRecord,
)
from importers.source import Source

TITLE = "Mastodon or ActivityPub (JSON, or an account's archive)"
COLLECTIONS = True
PLATFORM = "mastodon"
LOOKED_AT = 20
COLLECTION_TYPES = frozenset(
    {"Collection", "CollectionPage", "OrderedCollection", "OrderedCollectionPage"}
)
ACTORS = frozenset({"Application", "Group", "Organization", "Person", "Service"})
CARRYING = frozenset({"Create", "Update"})
OTHER_ACTIVITIES = frozenset(
    {
        *("Accept", "Add", "Block", "Dislike", "EmojiReact", "Flag", "Follow", "Join", "Leave"),
        *("Like", "Listen", "Lock", "Move", "Read", "Reject", "Remove", "Undo", "View"),
    }
)
TYPES = frozenset(
    {*KINDS, *COLLECTION_TYPES, *ACTORS, *CARRYING, *OTHER_ACTIVITIES}
    | {"Announce", "Delete", "Tombstone"}
)
MARKS = frozenset(
    {"actor", "attributedTo", "inbox", "items", "object", "orderedItems", "totalItems"}
)
HOLDERS = ("ancestors", "status", "statuses", "context", "descendants")
NESTED = frozenset({"ancestors", "context", "descendants", "replies"})
NO_FILES = "files left out that hold no statuses"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``direct`` takes messages to named people, too, which are left out otherwise."""

    keep_private: bool = False
    direct: bool = False


def detect(source: Source) -> float:
    """The share of statuses and of ActivityPub's objects among the first values.

    A collection with an outbox is an account's archive; another is judged by its first files.
    """
    if not source.is_collection:
        return _likeness(source)
    outbox = source.member("outbox.json")
    if outbox is not None and _member_likeness(outbox):
        return 0.97
    scores = [_member_likeness(copy(member)) for member in source.members[:LOOKED_AT]]
    return 0.9 * sum(scores) / len(scores) if scores else 0.0


def propose(source: Source) -> dict[str, Any]:
    return {"keep_private": False, "direct": False}


def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    """Yield the threads and their statuses in the order of the file or files.

    Raises InvalidInput for options, UnreadableFile for a document that is no whole JSON.
    """
    chosen = read_options(options, Options, TITLE)
    notes = Notes()
    writer = _Writer(_Known(source), notes, chosen)
    for found in _everything(source, notes):
        if isinstance(found, RecordError):
            yield found
        elif isinstance(found, Message | _Gone):
            yield from writer.records(found)
    yield from notes.records()


@dataclass(frozen=True, slots=True)
class _Gone:
    """A status that was deleted, by its author or else by a moderator."""

    uri: str
    status: Status
    value: Fields
    line: int | None
    answered: str


@dataclass(frozen=True, slots=True)
class _Restored:
    """A status whose deletion was undone."""

    uri: str


@dataclass(frozen=True, slots=True)
class _Above:
    """A status that a context names, but does not hold, is of the thread of one that it holds.

    It is the status that the context is about, which then answers the last of its ancestors, or
    one that was deleted or is not shown.
    """

    local_id: str
    local_account: str
    local_answered: str


@dataclass(frozen=True, slots=True)
class _Actor:
    """An account's name, as its own object tells it."""

    address: str
    name: str


_Found = Message | _Gone | _Restored | _Above | _Actor | RecordError


class _Writer:
    """Turns what is found into records, each thread in front of its first comment."""

    def __init__(self, known: _Known, notes: Notes, options: Options) -> None:
        self._known, self._notes, self._options = known, notes, options
        self._threads: set[str] = set()
        self._told: set[str] = set()

    def records(self, found: Message | _Gone) -> Iterator[Record]:
        if isinstance(found, Message) and found.is_direct and not self._options.direct:
            self._notes["messages to named people left out"] += 1
            return
        if found.uri in self._told:
            return
        gone = self._known.gone.get(found.uri)
        try:
            thread = self._known.thread_of(found.uri)
            if gone is not None:
                comment = self._gone(gone, thread.id)
            elif isinstance(found, Message):
                comment = self._comment(found, thread.id)
            else:
                return  # its deletion was undone
        except ValueError as error:
            message = f"The status {found.uri!r:.300} was left out. {error}"
            yield RecordError(found.line, message)
            return
        if gone is not None:
            self._told.add(found.uri)
        if thread.id not in self._threads:
            self._threads.add(thread.id)
            yield thread
        yield comment

    def _gone(self, gone: _Gone, thread_id: str) -> CommentRecord:
        """A deleted status keeps its place, and nothing of what it said."""
        return CommentRecord(
            id=gone.uri,
            thread_id=thread_id,
            text="",
            reply_to=self._known.answered(gone.uri),
            status=gone.status,
            raw=self._raw(gone.value),
            line=gone.line,
        )

    def _comment(self, found: Message, thread_id: str) -> CommentRecord:
        marked = _marked(found)
        posted_at, is_estimated = self._notes.time(found.posted)
        name = self._known.names.get(found.author_id, found.author_name)
        return CommentRecord(
            id=found.uri,
            thread_id=thread_id,
            text=marked.text,
            kind=found.kind,
            author_id=found.author_id,
            author_name=name if found.author_id else "",
            reply_to=self._known.answered(found.uri),
            html=found.html,
            posted_at=posted_at,
            posted_at_estimated=is_estimated,
            edited_at=self._notes.time(found.edited)[0],
            score=found.score,
            blocks=marked.blocks,
            links=marked.links,
            relations=tuple(self._named(found, marked)),
            raw=self._raw(found.value),
            line=found.line,
        )

    def _named(self, found: Message, marked: Marked) -> Iterator[RelationRecord]:
        """The links that show the name of an account that the source says is named."""
        for link in marked.links:
            mention = _mention(marked.text[link.start : link.end], link.url, found.mentions)
            author_id = mention and self._known.address_of(mention)
            if author_id:
                yield RelationRecord(
                    kind="mention",
                    basis="given",
                    start=link.start,
                    end=link.end,
                    target_author_id=author_id,
                )

    def _raw(self, value: Fields) -> dict[str, Any]:
        own = {name: part for name, part in value.items() if name not in NESTED}
        if isinstance(value.get("context"), str):
            own["context"] = value["context"]
        try:
            raw, dropped = without_private(own, keep=self._options.keep_private)
        except RecursionError:
            raise ValueError("It nests deeper than can be read.") from None
        self._notes.take(dropped)
        return raw


class _Known:
    """What the whole source tells of who answers whom, from a pass in front of the reading."""

    def __init__(self, source: Source) -> None:
        self.gone: dict[str, _Gone] = {}
        self.names: dict[str, str] = {}
        self._addresses: dict[str, str] = {}
        self._homes: dict[str, str] = {}
        self._guessed_homes: dict[str, str] = {}
        self._host = ""
        self._uris: dict[str, str] = {}
        self._above: dict[str, str] = {}
        self._local_above: dict[str, tuple[str, str]] = {}
        self._contexts: list[_Above] = []
        self._conversations: dict[str, str] = {}
        self._first: dict[str, str] = {}
        self._heads: dict[str, tuple[str, str]] = {}
        self._counted: dict[str, int] = {}
        for found in _everything(source, Notes()):
            self._learn(found)
        self._missing = self._settle()

    def answered(self, uri: str) -> str | None:
        return self._above.get(uri)

    def address_of(self, mention: Mention) -> str:
        return self._addresses.get(mention.local_id, mention.address)

    def thread_of(self, uri: str) -> ThreadRecord:
        """The thread of a status. Raises ValueError for one whose id cannot be taken."""
        first = self._first_of(uri)
        title, url = self._heads.get(first, ("", ""))
        return ThreadRecord(
            id=first, title=title, url=url, platform=PLATFORM, missing=self._missing[first]
        )

    def _learn(self, found: _Found) -> None:
        if isinstance(found, Message):
            self._learn_message(found)
        elif isinstance(found, _Gone):
            self.gone[found.uri] = found
            if found.answered:
                self._above.setdefault(found.uri, found.answered)
        elif isinstance(found, _Restored):
            self.gone.pop(found.uri, None)
        elif isinstance(found, _Above):
            self._contexts.append(found)
        elif isinstance(found, _Actor):
            self.names[found.address] = handle_of(found.address, found.name)

    def _learn_message(self, found: Message) -> None:
        uri = found.uri
        if found.answered:
            self._above[uri] = found.answered
        elif found.local_answered:
            self._local_above[uri] = (found.local_answered, found.local_answered_account)
        else:
            self._heads[uri] = (found.title, found.url)
            if found.conversation:
                self._first[found.conversation] = uri
        if found.conversation:
            self._conversations[uri] = found.conversation
        if found.replies > 0:
            self._counted[uri] = found.replies
        if found.local_id:
            self._learn_local(found)

    def _learn_local(self, found: Message) -> None:
        """A status of the server that was asked has its id on it at the end of its address."""
        self._uris[found.local_id] = found.uri
        if found.author_id:
            self._addresses[found.local_account] = found.author_id
        home, sign, number = found.uri.rpartition("/statuses/")
        if sign and number == found.local_id:
            self._homes[found.local_account] = home
            self._host = self._host or host_of(found.uri)
        for mention in found.mentions:
            self._guessed_homes.setdefault(mention.local_id, mention.address)

    def _settle(self) -> Counter[str]:
        """Join the local ids to addresses, and count by thread the answers that are not here."""
        for uri, (local_id, account) in self._local_above.items():
            self._above[uri] = self._reference(local_id, account)
        here = Counter(self._above.values())
        for context in self._contexts:
            absent = self._reference(context.local_id, context.local_account)
            self._above.setdefault(absent, self._reference(context.local_answered))
        self._chains = Chains(self._above)
        missing: Counter[str] = Counter()
        for uri, count in self._counted.items():
            missing[self._first_of(uri)] += max(0, count - here[uri])
        return missing

    def _reference(self, local_id: str, account: str = "") -> str:
        """The address of a status that the server names by its own id.

        Without the status itself it is made as Mastodon makes those of its own accounts; for an
        account elsewhere it can only be the server's name and the id, which no other file has.
        """
        known = self._uris.get(local_id)
        home = self._homes.get(account)
        guessed = self._guessed_homes.get(account, "")
        if not home and guessed and host_of(guessed) == self._host:
            home = guessed
        return known or (f"{home}/statuses/{local_id}" if home else f"{self._host}/{local_id}")

    def _first_of(self, uri: str) -> str:
        """The first status of the chain of answers, or of the conversation where that is known."""
        first, below = self._chains.ends_of(uri)
        if first in self._heads:
            return first
        return self._first.get(self._conversations.get(below, ""), first)


def _marked(found: Message) -> Marked:
    """The text, with the author's content warning as its first paragraph."""
    marked = html_to_text(found.html) if found.html else Marked(found.plain)
    warning = html_to_text(found.warning).text if found.warning else ""
    if not warning:
        return marked
    shift = len(warning) + 2
    return Marked(
        text=f"{warning}\n\n{marked.text}" if marked.text else warning,
        blocks=(
            BlockRecord("paragraph", 0, len(warning)),
            *(replace(b, start=b.start + shift, end=b.end + shift) for b in marked.blocks),
        ),
        links=tuple(LinkRecord(k.start + shift, k.end + shift, k.url) for k in marked.links),
    )


def _mention(shown: str, url: str, mentions: tuple[Mention, ...]) -> Mention | None:
    """The account that a link such as `@name` stands for, if only one can be meant."""
    if not shown.startswith("@"):
        return None
    name = shown[1:].partition("@")[0].casefold()
    named = [mention for mention in mentions if mention.name.casefold() == name]
    at_home = [mention for mention in named if mention.host == host_of(url)]
    meant = at_home or named
    return meant[0] if len(meant) == 1 else None


def _everything(source: Source, notes: Notes) -> Iterator[_Found]:
    """All that the file tells, or the files of a collection, one that is broken left out."""
    if not source.is_collection:
        yield from _all_of(source, notes)
        return
    for member in map(copy, source.members):
        try:
            refuse_unreadable(member)
            if not _likeness(member):
                notes[NO_FILES] += 1
                continue
            for found in _all_of(member, notes):
                if isinstance(found, RecordError):
                    found = RecordError(found.line, f"{member.name}: {found.message}")
                yield found
        except UnreadableFile as error:
            if member.name.lower().endswith(".json"):
                yield RecordError(error.line, error.message)
            else:
                notes[NO_FILES] += 1


def _all_of(source: Source, notes: Notes) -> Iterator[_Found]:
    for line, value in json_values(source, notes, array="orderedItems"):
        if isinstance(value, RecordError):
            yield value
        else:
            yield from _Walk(line, notes).through(value)


class _Walk:
    """Through one JSON value, to the messages in it and to what is told of others."""

    def __init__(self, line: int | None, notes: Notes) -> None:
        self._line, self._notes = line, notes
        self._waiting: list[Any] = []

    def through(self, value: Any) -> Iterator[_Found]:
        self._waiting = [value]
        while self._waiting:
            value = self._waiting.pop()
            if isinstance(value, list):
                self._waiting.extend(reversed(value))
            elif isinstance(value, str):
                self._notes["entries left out that are only an address"] += 1
            elif not isinstance(value, dict):
                yield RecordError(self._line, "A value was left out: it is no object of JSON.")
            elif is_api_status(value):
                yield from self._of_api(value)
            elif (kind := type_of(value)) in TYPES:
                yield from self._of_activitypub(kind, value)
            else:
                yield from self._of_holder(value)

    def _of_api(self, value: dict[str, Any]) -> Iterator[_Found]:
        yield from self._around(value)
        if isinstance(value.get("reblog"), dict):
            self._notes["boosts left out"] += 1
        elif not (message := api_message(value, self._line)).uri:
            name = id_in(value.get("id"))
            message_text = f"The status {name!r:.300} was left out: it has no uri."
            yield RecordError(self._line, message_text)
        else:
            yield message

    def _of_activitypub(self, kind: str, value: dict[str, Any]) -> Iterator[_Found]:
        body = value.get("object")
        if kind in KINDS:
            yield from self._of_message(value)
        elif kind in COLLECTION_TYPES:
            parts = [value.get("orderedItems"), value.get("items"), value.get("first")]
            self._wait_for(part for part in parts if isinstance(part, list | dict))
        elif (kind in CARRYING and isinstance(body, dict)) or (
            kind == "Announce" and type_of(object_in(body)) in {*CARRYING, "Delete", "Undo"}
        ):
            self._waiting.append(body)
        elif kind == "Announce":
            self._notes["boosts left out"] += 1
        elif kind in ("Delete", "Tombstone"):
            yield from self._of_deletion(kind, value)
        elif kind == "Undo" and type_of(object_in(body)) == "Delete":
            self._notes["deletions that were undone"] += 1
            yield _Restored(address_of(object_in(body).get("object")))
        elif kind in ACTORS:
            self._notes["accounts left out"] += 1
            yield _Actor(text_in(value.get("id")), text_in(value.get("preferredUsername")))
        else:
            self._notes[f"activities of the type {kind} left out"] += 1

    def _of_message(self, value: dict[str, Any]) -> Iterator[_Found]:
        message = object_message(value, self._line)
        is_vote = type_of(value) == "Note" and not (message.html or message.plain)
        if not message.uri:
            yield RecordError(self._line, "An object without an id was left out.")
        elif is_vote and text_in(value.get("name")):
            self._notes["votes in polls left out"] += 1
        else:
            yield message

    def _of_deletion(self, kind: str, value: dict[str, Any]) -> Iterator[_Found]:
        """A deletion with a reason is a moderator's, as Lemmy writes them."""
        uri = text_in(value.get("id")) if kind == "Tombstone" else address_of(value.get("object"))
        if uri and uri == address_of(value.get("actor")):
            self._notes["deletions of accounts left out"] += 1
        elif uri:
            reason = kind == "Delete" and text_in(value.get("summary"))
            status: Status = "removed_by_moderator" if reason else "deleted_by_author"
            yield _Gone(uri, status, value, self._line, address_of(value.get("inReplyTo")))
        else:
            yield RecordError(self._line, "A deletion was left out: it does not say of what.")

    def _of_holder(self, value: dict[str, Any]) -> Iterator[_Found]:
        if not any(isinstance(value.get(name), dict | list) for name in HOLDERS):
            name = id_in(value.get("id"))
            which = f"The object {name!r:.300}" if name else "An object"
            yield RecordError(
                self._line, f"{which} was left out: it is no status and nothing of ActivityPub."
            )
            return
        yield from self._around(value)

    def _around(self, value: dict[str, Any]) -> Iterator[_Above]:
        """The statuses beside one: its context, which names it only by its id on the server."""
        self._wait_for(
            part for name in HOLDERS if isinstance(part := value.get(name), list | dict) and part
        )
        context = object_in(value.get("context")) or value
        ancestors, below = (
            objects_in(context.get("ancestors")),
            objects_in(context.get("descendants")),
        )
        status = value if is_api_status(value) else object_in(value.get("status"))
        anchor = next((id_in(one.get("id")) for one in (status, *reversed(ancestors)) if one), "")
        held = {anchor, *(id_in(one.get("id")) for one in (*ancestors, *below))}
        for one in below:
            answered = id_in(one.get("in_reply_to_id"))
            if anchor and answered and answered not in held:
                yield _Above(answered, id_in(one.get("in_reply_to_account_id")), anchor)

    def _wait_for(self, parts: Iterator[Any]) -> None:
        self._waiting.extend(reversed(list(parts)))


def _member_likeness(member: Source) -> float:
    try:
        refuse_unreadable(member)
    except UnreadableFile:
        return 0.0
    return _likeness(member)


def _likeness(source: Source) -> float:
    values = source.outline.values[:LOOKED_AT]
    known = sum(map(_is_known, values))
    if not known:
        return 0.0
    return 0.97 if 2 * known >= len(values) else 0.6


def _is_known(value: Any) -> bool:
    """Whether a value bears the marks of the API or of ActivityPub."""
    if not isinstance(value, dict):
        return False
    namespaces = list_in(value.get("@context")) or [value.get("@context")]
    if is_api_status(value) or NAMESPACE in namespaces:
        return True
    if any(is_api_status(part) for name in HOLDERS for part in _beside(value.get(name))):
        return True
    if isinstance(value.get("ancestors"), list) and isinstance(value.get("descendants"), list):
        return True
    is_addressed = any(text_in(value.get(name)).startswith("http") for name in ("id", "actor"))
    kind = type_of(value)
    return kind in TYPES and is_addressed and (kind == "Tombstone" or bool(MARKS & value.keys()))


def _beside(value: Any) -> list[dict[str, Any]]:
    """The statuses under one of the keys that hold them, at the key itself or a level below."""
    if not isinstance(value, dict):
        return objects_in(value)
    return [value, *(part for name in HOLDERS for part in objects_in(value.get(name)))]
