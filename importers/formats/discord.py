"""DiscordChatExporter's JSON: one channel, direct conversation or Discord thread in a file.

Discord's ids are unique everywhere, so that they are taken as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from annotations.errors import UnreadableFile
from importers.json_fields import Notes, id_in, number_in, object_in, reactions_in, text_in
from importers.json_stream import JsonText, LongArray
from importers.json_text import REPLACED
from importers.options import PrivacyOptions, read_options
from importers.privacy import without_private
from importers.records import CommentRecord, Record, RecordError, ThreadRecord
from importers.source import Source

TITLE = "Discord channel (DiscordChatExporter, JSON)"
HEAD = ("guild", "channel", "dateRange", "exportedAt", "messageCount")
# Also commands answered by a bot; the exporter writes kinds that it has no name for as numbers,
# as its older versions wrote replies.
WRITTEN = frozenset(
    {"Default", "Reply", "0", "19", "20", "23", "ChatInputCommand", "ContextMenuCommand"}
)
DELETED_NAME, DELETED_DISCRIMINATOR = "Deleted User", "0000"


def detect(source: Source) -> float:
    """Whether the head names a guild and a channel, before a list of messages."""
    document = source.outline.document
    channel = object_in(document.get("channel"))
    if not ("id" in channel and "type" in channel and isinstance(document.get("guild"), dict)):
        return 0.0
    return 0.98 if isinstance(document.get("messages"), list) else 0.0


def propose(source: Source) -> dict[str, Any]:
    return {"keep_private": False}


def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    """Yield the channel and its messages.

    Raises InvalidInput for options, UnreadableFile for a file without a channel and messages.
    """
    privacy = read_options(options, PrivacyOptions, TITLE)
    text, notes, found = JsonText(source), Notes(), False
    for array in text.arrays("messages", ""):
        found = True
        channel_id = id_in(object_in(array.head.get("channel")).get("id"))
        channel = _Channel(channel_id or source.sha256[:32], privacy, notes)
        yield from channel.records(array)
    if not found:
        raise UnreadableFile(f"{source.name} holds no list of messages.")
    notes[REPLACED] += text.replaced
    yield from notes.records()


@dataclass
class _Channel:
    id: str
    privacy: PrivacyOptions
    notes: Notes
    seen: set[str] = field(default_factory=set)
    system: set[str] = field(default_factory=set)

    def records(self, array: LongArray) -> Iterator[Record]:
        try:
            yield self._thread(array)
        except ValueError as error:
            yield RecordError(None, f"The channel {self.id[:50]} was left out. {error}")
            return
        for message in array.items:
            try:
                record = self._record(message)
            except ValueError as error:
                name = f"Message {id_in(object_in(message).get('id'))[:50] or 'without an id'}"
                yield RecordError(None, f"{name} of channel {self.id} was left out. {error}")
            else:
                if record:
                    yield record

    def _thread(self, array: LongArray) -> ThreadRecord:
        channel, guild = (object_in(array.head.get(name)) for name in ("channel", "guild"))
        place, number = id_in(guild.get("id")), id_in(channel.get("id"))
        if place == "0":  # so the exporter writes what belongs to no server
            place = "@me"
        return ThreadRecord(
            id=self.id,
            title=text_in(channel.get("name")),
            url=f"https://discord.com/channels/{place}/{number}" if place and number else "",
            platform="discord",
            missing=max(0, (number_in(array.head.get("messageCount")) or 0) - array.count),
            raw={name: array.head[name] for name in HEAD if name in array.head},
        )

    def _record(self, message: Any) -> CommentRecord | None:
        """The message, or None for one that Discord wrote itself. Raises ValueError."""
        if not isinstance(message, dict):
            raise ValueError("It is no object.")
        number = id_in(message.get("id"))
        if id_in(message.get("type", "Default")) not in WRITTEN:
            self.system.add(number)
            self.notes["system messages left out (calls, joins, pins, name changes …)"] += 1
            return None
        if not number:
            raise ValueError("It has no id.")
        if number in self.seen:
            raise ValueError("A message before it has the same id.")
        comment = self._comment(message, number)
        self.seen.add(number)
        return comment

    def _comment(self, message: dict[str, Any], number: str) -> CommentRecord:
        text = _text(message)
        author_id, author_name = _author(object_in(message.get("author")))
        posted_at, is_estimated = self.notes.time(message.get("timestamp"))
        edited_at, _ = self.notes.time(message.get("timestampEdited"))
        raw, dropped = without_private(message, keep=self.privacy.keep_private)
        comment = CommentRecord(
            id=number,
            thread_id=self.id,
            text=text,
            author_id=author_id,
            author_name=author_name,
            reply_to=self._reply_to(message),
            status="visible" if text else "missing",
            posted_at=posted_at,
            posted_at_estimated=is_estimated,
            edited_at=edited_at,
            score=reactions_in(message.get("reactions")),
            raw=raw,
        )
        self.notes.take(dropped)
        self.notes["messages without text (attachments, embeds, stickers …)"] += not text
        return comment

    def _reply_to(self, message: Mapping[str, Any]) -> str | None:
        reference = object_in(message.get("reference"))
        answered = id_in(reference.get("messageId"))
        if not answered or reference.get("type") == "Forward":
            return None
        if id_in(reference.get("channelId")) not in ("", self.id):
            self.notes["references to messages of other channels, kept without a parent"] += 1
            return None
        if answered in self.system:
            self.notes["replies to system messages, kept without a parent"] += 1
            return None
        return answered


def _text(message: Mapping[str, Any]) -> str:
    """The Markdown as it is; of a message that only forwards another, that one's."""
    content = message.get("content")
    if content is not None and not isinstance(content, str):
        raise ValueError("Its content is no text.")
    return content or text_in(object_in(message.get("forwardedMessage")).get("content"))


def _author(author: Mapping[str, Any]) -> tuple[str, str]:
    """Id and name; all deleted accounts share one name, so that it is nobody's."""
    username = text_in(author.get("name"))
    name = text_in(author.get("nickname")) or username
    if username == DELETED_NAME and author.get("discriminator") == DELETED_DISCRIMINATOR:
        return "", ""
    return id_in(author.get("id")) or name, name
