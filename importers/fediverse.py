"""Messages of the fediverse in one shape: the statuses of Mastodon's API and the objects of
ActivityPub. The two name the same things differently; nothing is looked up or decided here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from importers.json_fields import id_in, list_in, number_in, object_in, objects_in, text_in
from importers.records import Kind

NAMESPACE = "https://www.w3.org/ns/activitystreams"
PUBLIC = frozenset({f"{NAMESPACE}#Public", "as:Public", "Public"})
KINDS: Mapping[str, Kind] = {
    "Note": "comment",
    "Question": "comment",
    "ChatMessage": "comment",
    "Page": "post",
    "Video": "post",
    "Audio": "post",
    "Event": "post",
    "Article": "article",
}
WARNED = frozenset({"Note", "Question"})
PLAIN_MEDIA = frozenset({"text/plain", "text/markdown"})

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mention:
    """An account that the source says is named: by its ``@name`` and host, its address where
    that is told, and its id on the server that was asked.
    """

    name: str
    host: str
    address: str
    local_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One status. ``uri`` is its address everywhere; ids and accounts called local mean something
    on one server only, and only its API gives them.
    """

    uri: str
    value: Fields
    line: int | None
    kind: Kind = "comment"
    answered: str = ""
    conversation: str = ""
    local_id: str = ""
    local_account: str = ""
    local_answered: str = ""
    local_answered_account: str = ""
    title: str = ""
    url: str = ""
    warning: str = ""
    html: str = ""
    plain: str = ""
    author_id: str = ""
    author_name: str = ""
    mentions: tuple[Mention, ...] = ()
    posted: Any = None
    edited: Any = None
    score: int | None = None
    replies: int = 0
    is_direct: bool = False


def is_api_status(value: Fields) -> bool:
    """Whether this is a status of the API: it has an account, and text of its own or a boost's."""
    account = object_in(value.get("account"))
    is_status = isinstance(value.get("content"), str) or isinstance(value.get("reblog"), dict)
    return is_status and bool(account) and isinstance(account.get("acct"), str)


def api_message(value: Fields, line: int | None) -> Message:
    """The message that a status of the API is."""
    account = object_in(value.get("account"))
    uri = text_in(value.get("uri")) or text_in(value.get("url"))
    acct, home = text_in(account.get("acct")), host_of(text_in(account.get("url")))
    author_id = _api_author(account, uri)
    return Message(
        uri=uri,
        value=value,
        line=line,
        local_id=id_in(value.get("id")),
        local_account=id_in(account.get("id")),
        local_answered=id_in(value.get("in_reply_to_id")),
        local_answered_account=id_in(value.get("in_reply_to_account_id")),
        url=text_in(value.get("url")),
        warning=text_in(value.get("spoiler_text")),
        html=text_in(value.get("content")),
        author_id=author_id,
        author_name=(acct if "@" in acct or not home else f"{acct}@{home}") if author_id else "",
        mentions=tuple(_api_mentions(value)),
        posted=value.get("created_at"),
        edited=value.get("edited_at"),
        score=number_in(value.get("favourites_count")),
        replies=number_in(value.get("replies_count")) or 0,
        is_direct=value.get("visibility") == "direct",
    )


def object_message(value: Fields, line: int | None) -> Message:
    """The message that an object of ActivityPub is; its type is one of ``KINDS``."""
    kind = type_of(value)
    uri = text_in(value.get("id"))
    author_id = address_of(value.get("attributedTo")) or address_of(value.get("actor"))
    html, plain = _content(value)
    published, updated = value.get("published"), value.get("updated")
    return Message(
        uri=uri,
        value=value,
        line=line,
        kind=KINDS.get(kind, "comment"),
        answered=address_of(value.get("inReplyTo")),
        conversation=_conversation(value, uri),
        title="" if kind in WARNED else text_in(value.get("name")),
        url=address_of(value.get("url")),
        warning=text_in(value.get("summary")) if kind in WARNED else "",
        html=html,
        plain=plain,
        author_id=author_id,
        author_name=handle_of(author_id) if author_id else "",
        mentions=tuple(_object_mentions(value)),
        posted=published,
        edited=None if updated == published else updated,
        score=number_in(object_in(value.get("likes")).get("totalItems")),
        replies=_replies(object_in(value.get("replies"))),
        is_direct=kind == "ChatMessage" or _is_direct(value),
    )


def type_of(value: Fields) -> str:
    """The type of an object of ActivityPub, the first where it has several."""
    kind = value.get("type")
    return text_in(kind) or next((part for part in list_in(kind) if isinstance(part, str)), "")


def address_of(value: Any) -> str:
    """The address in a field that may be an address, an object, a link, or a list of these."""
    for part in list_in(value) or [value]:
        found = text_in(part) or text_in(object_in(part).get("id"))
        if found := found or text_in(object_in(part).get("href")):
            return found
    return ""


def host_of(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def handle_of(actor: str, name: str = "") -> str:
    """`name@host` of an actor: without a name, the last part of its address is taken."""
    last = actor.rstrip("/").rpartition("/")[2].removeprefix("@")
    host = host_of(actor)
    return f"{name or last}@{host}" if host else name or last


def actor_of_profile(url: str) -> str:
    """The actor's address as Mastodon makes it, from that of a profile page."""
    start, sign, name = url.rpartition("/@")
    return f"{start}/users/{name}" if sign and name and "/" not in name else url


def _api_author(account: Fields, uri: str) -> str:
    """The actor's address: told by newer servers, else the start of the status's own."""
    told = text_in(account.get("uri"))
    start, sign, _ = uri.partition("/statuses/")
    return told or (start if sign else actor_of_profile(text_in(account.get("url"))))


def _api_mentions(value: Fields) -> Iterator[Mention]:
    for mention in objects_in(value.get("mentions")):
        url = text_in(mention.get("url"))
        name = text_in(mention.get("username")) or text_in(mention.get("acct")).partition("@")[0]
        yield Mention(name, host_of(url), actor_of_profile(url), id_in(mention.get("id")))


def _object_mentions(value: Fields) -> Iterator[Mention]:
    for tag in objects_in(value.get("tag")):
        address = text_in(tag.get("href"))
        if tag.get("type") == "Mention" and address:
            name = text_in(tag.get("name")).lstrip("@").partition("@")[0]
            yield Mention(name, host_of(address), address)


def _content(value: Fields) -> tuple[str, str]:
    """HTML, or the plain text of a source that has none."""
    content = text_in(value.get("content"))
    if content and value.get("mediaType") in PLAIN_MEDIA:
        return "", content
    mapped = object_in(value.get("contentMap")).values()
    content = content or next((part for part in mapped if isinstance(part, str)), "")
    if content:
        return content, ""
    source = value.get("source")
    return "", text_in(source) or text_in(object_in(source).get("content"))


def _conversation(value: Fields, uri: str) -> str:
    """What all messages of a conversation name alike. Lemmy's ``context`` is each one's own."""
    context = text_in(value.get("context"))
    own = bool(uri) and context.startswith(uri)
    return text_in(value.get("conversation")) or ("" if own else context)


def _replies(collection: Fields) -> int:
    """How many answers the object counts, or else names."""
    total = number_in(collection.get("totalItems"))
    if total is not None:
        return max(0, total)
    first = object_in(collection.get("first"))
    return len(list_in(collection.get("items"))) + len(list_in(first.get("items")))


def _is_direct(value: Fields) -> bool:
    """Whether it names who may read it, and that is neither everybody nor anyone's followers."""
    named = [
        text_in(reader)
        for name in ("to", "cc", "audience")
        for reader in (list_in(value.get(name)) or [value.get(name)])
    ]
    readers = [reader for reader in named if reader]
    is_open = any(reader in PUBLIC or reader.endswith("/followers") for reader in readers)
    return bool(readers) and not is_open
