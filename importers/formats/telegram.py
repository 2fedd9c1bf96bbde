"""Telegram Desktop's export ``result.json``: one chat, the whole account, or bare messages.

A chat is a thread, and its id tells what it is a chat with (``user``, ``chat`` or ``channel``),
as the export itself does for people; message ids are unique within a chat only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from annotations.errors import UnreadableFile
from importers.json_fields import (
    Notes,
    id_in,
    list_in,
    object_in,
    objects_in,
    reactions_in,
    text_in,
)
from importers.json_stream import JsonText
from importers.json_text import REPLACED
from importers.options import PrivacyOptions, read_options
from importers.privacy import without_private
from importers.records import (
    MAX_URL,
    CommentRecord,
    LinkRecord,
    Record,
    RecordError,
    ThreadRecord,
)
from importers.source import Source

TITLE = "Telegram chat export (JSON)"
HOLDERS = ("", "chats.list.item", "left_chats.list.item")
PEERS = {
    "saved_messages": "user",
    "replies": "user",
    "verify_codes": "user",
    "personal_chat": "user",
    "bot_chat": "user",
    "private_group": "chat",
    "private_supergroup": "channel",
    "public_supergroup": "channel",
    "private_channel": "channel",
    "public_channel": "channel",
}
# Early exports write this year where a message was never edited.
NEVER = 1970


def detect(source: Source) -> float:
    """Whether there are chats of Telegram's types, or messages with Telegram's fields."""
    outline = source.outline
    document = outline.document
    chats = [document, *_listed(document, "chats"), *_listed(document, "left_chats")]
    for chat in chats:
        if isinstance(chat.get("messages"), list):
            if text_in(chat.get("type")) in PEERS:
                return 0.98
            if any(map(_is_message, objects_in(chat["messages"])[:20])):
                return 0.95
    if outline.shape in ("array", "object") and any(map(_is_message, outline.objects[:20])):
        return 0.95
    return 0.0


def propose(source: Source) -> dict[str, Any]:
    return {"keep_private": False}


def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    """Yield each chat and its messages.

    Raises InvalidInput for options, UnreadableFile for a file that is no whole JSON text.
    """
    privacy = read_options(options, PrivacyOptions, TITLE)
    text, notes = JsonText(source), Notes()
    digest, number = source.sha256[:32], 0
    for number, array in enumerate(text.arrays("messages", *HOLDERS), start=1):
        chat = _Chat.of(array.head, f"{digest}:{number}", privacy, notes)
        yield from chat.records(array.items)
    if not number:
        messages = _bare(source, text)
        yield from _Chat(digest, {}, privacy, notes).records(messages)
    notes[REPLACED] += text.replaced
    yield from notes.records()


@dataclass
class _Chat:
    id: str
    head: Mapping[str, Any]
    privacy: PrivacyOptions
    notes: Notes
    seen: set[str] = field(default_factory=set)
    service: set[str] = field(default_factory=set)

    @classmethod
    def of(
        cls, head: Mapping[str, Any], digest: str, privacy: PrivacyOptions, notes: Notes
    ) -> _Chat:
        kept = {name: head[name] for name in ("name", "type", "id") if name in head}
        number = id_in(head.get("id"))
        peer = PEERS.get(text_in(head.get("type")), "")
        return cls(f"{peer}{number}" if number else digest, kept, privacy, notes)

    def records(self, messages: Iterable[Any]) -> Iterator[Record]:
        try:
            yield ThreadRecord(
                id=self.id,
                title=text_in(self.head.get("name")),
                platform="telegram",
                raw=self.head,
            )
        except ValueError as error:
            yield RecordError(None, f"The chat {self.id[:50]} was left out. {error}")
            return
        for message in messages:
            try:
                record = self._record(message)
            except ValueError as error:
                name = f"Message {id_in(object_in(message).get('id'))[:50] or 'without an id'}"
                yield RecordError(None, f"{name} of chat {self.id} was left out. {error}")
            else:
                if record:
                    yield record

    def _record(self, message: Any) -> CommentRecord | None:
        """The message, or None for one that nobody wrote. Raises ValueError."""
        if not isinstance(message, dict):
            raise ValueError("It is no object.")
        number, sort = id_in(message.get("id")), message.get("type")
        if sort == "service":
            self.service.add(number)
            self.notes["service messages left out"] += 1
            return None
        if sort == "unsupported":
            self.notes["messages left out that the exporting program could not read"] += 1
            return None
        if sort != "message":
            raise ValueError("Its type is neither message nor service.")
        if not number:
            raise ValueError("It has no id.")
        if number in self.seen:
            raise ValueError("A message before it has the same id.")
        comment = self._comment(message, number)
        self.seen.add(number)
        return comment

    def _comment(self, message: dict[str, Any], number: str) -> CommentRecord:
        text, links = _text(message)
        author_id, author_name = _author(message)
        posted_at, is_estimated = self._time(message, "date")
        edited_at, _ = self._time(message, "edited")
        raw, dropped = without_private(message, keep=self.privacy.keep_private)
        comment = CommentRecord(
            id=f"{self.id}:{number}",
            thread_id=self.id,
            text=text,
            author_id=author_id,
            author_name=author_name,
            reply_to=self._reply_to(message),
            status="visible" if text else "missing",
            posted_at=posted_at,
            posted_at_estimated=is_estimated,
            edited_at=edited_at if edited_at and edited_at.year > NEVER else None,
            score=reactions_in(message.get("reactions")),
            links=links,
            raw=raw,
        )
        self.notes.take(dropped)
        self.notes["messages without text (photos, stickers, polls …)"] += not text
        return comment

    def _time(self, message: Mapping[str, Any], name: str) -> tuple[datetime | None, bool]:
        """Seconds since 1970 where the export has them; its other times have no zone."""
        exact = message.get(f"{name}_unixtime")
        return self.notes.time(message.get(name) if exact is None else exact)

    def _reply_to(self, message: Mapping[str, Any]) -> str | None:
        answered = id_in(message.get("reply_to_message_id"))
        if not answered:
            return None
        if id_in(message.get("reply_to_peer_id")) not in ("", self.id):
            self.notes["replies to messages of other chats, kept without a parent"] += 1
            return None
        if answered in self.service:
            self.notes["replies to service messages, kept without a parent"] += 1
            return None
        return f"{self.id}:{answered}"


def _text(message: Mapping[str, Any]) -> tuple[str, tuple[LinkRecord, ...]]:
    """The text, and the links of its entities. Raises ValueError for what is no text."""
    written, entities = message.get("text"), message.get("text_entities")
    if written is None:
        written = list_in(entities)
    parts = written if isinstance(written, list) else [written]
    text = "".join(map(_words, parts))
    told = objects_in(entities)
    if isinstance(written, str) and "".join(text_in(part.get("text")) for part in told) == text:
        parts = told
    links, start = [], 0
    for part in parts:
        end = start + len(text_in(part.get("text")) if isinstance(part, dict) else part)
        address = _address(part) if isinstance(part, dict) else ""
        if address and start < end:
            links.append(LinkRecord(start, end, address))
        start = end
    return text, tuple(links)


def _words(part: Any) -> str:
    words = part.get("text") if isinstance(part, dict) else part
    if not isinstance(words, str):
        raise ValueError("Its text is no text.")
    return words


def _address(entity: Mapping[str, Any]) -> str:
    """Where a link leads; Telegram takes an address without a scheme for one of the web."""
    sort = entity.get("type")
    if sort == "link":
        address = text_in(entity.get("text"))
        address = address if "://" in address else f"http://{address}"
    else:
        address = text_in(entity.get("href")) if sort == "text_link" else ""
    is_web = address.lower().startswith(("http://", "https://"))
    return address if is_web and len(address) <= MAX_URL else ""


def _author(message: Mapping[str, Any]) -> tuple[str, str]:
    """Id and name; nobody where the name is null, as it is for deleted accounts."""
    name = text_in(message.get("from"))
    if "from" in message and not name:
        return "", ""
    return id_in(message.get("from_id")) or name, name


def _bare(source: Source, text: JsonText) -> Iterable[Any]:
    """A list of messages, or one. Raises UnreadableFile."""
    if text.is_array:
        return text.elements()
    message = dict(text.members())
    if not _is_message(message):
        raise UnreadableFile(f"{source.name} holds no chat with a list of messages.")
    return [message]


def _listed(document: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    return objects_in(object_in(document.get(name)).get("list"))


def _is_message(value: Mapping[str, Any]) -> bool:
    return (
        value.get("type") in ("message", "service")
        and ("date" in value or "date_unixtime" in value)
        and ("text" in value or "text_entities" in value)
    )
