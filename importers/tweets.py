"""Tweets as comments: the objects of Twitter's API v1.1 and v2, however a file packs them.

Text is the longest form that the object gives, with the entities ``&amp;``, ``&lt;`` and ``&gt;``
decoded once; they are the only ones that Twitter writes. The offsets of its links and mentions
count code points of the text before that.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from importers.json_fields import Notes, id_in, list_in, number_in, object_in, objects_in, text_in
from importers.privacy import without_private
from importers.records import CommentRecord, LinkRecord, RelationRecord, Status

Fields = Mapping[str, Any]

PLATFORM = "twitter"
V2_MARKS = frozenset(
    {
        "author_id",
        "edit_controls",
        "edit_history_tweet_ids",
        "public_metrics",
        "referenced_tweets",
    }
)
V1_MARKS = frozenset(
    {
        "display_text_range",
        "entities",
        "favorite_count",
        "in_reply_to_status_id",
        "in_reply_to_status_id_str",
        "retweet_count",
    }
)
WITHHELD_EVERYWHERE = frozenset({"XX", "XY"})
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

_ID = re.compile(r"[0-9]{1,20}")
_ENTITY = re.compile(r"&(amp|lt|gt);")
_CHARACTERS = {"amp": "&", "lt": "<", "gt": ">"}
_OLD_TIME = re.compile(
    r"\w{3} (?P<month>\w{3}) (?P<day>\d\d?) (?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d) "
    r"(?P<sign>[-+])(?P<hours>\d\d)(?P<minutes>\d\d) (?P<year>\d{4})"
)


def is_tweet(value: Any) -> bool:
    """Whether this is a tweet of either version, and no other object with an id and a text."""
    if not isinstance(value, dict) or not tweet_id(value) or not has_text(value):
        return False
    if V2_MARKS & value.keys():
        return True
    is_v1 = isinstance(value.get("user"), dict) or "full_text" in value
    return is_v1 and bool(V1_MARKS & value.keys() or "created_at" in value)


def has_text(value: Fields) -> bool:
    """Whether any of the fields is there in which tweets have their text."""
    return any(isinstance(value.get(name), str) for name in ("full_text", "text"))


def tweet_id(tweet: Fields) -> str:
    """The tweet's id, as text where the source has it so; empty if there is none."""
    return _id(tweet, "id_str", "id")


def conversation_of(tweet: Fields) -> str:
    """The id of the conversation's first tweet, where the source names it, as v2 does."""
    return _id(tweet, "conversation_id", "conversation_id_str")


def answered_by(tweet: Fields) -> str:
    """The id of the tweet that this one answers; empty for one that answers none."""
    old = _id(tweet, "in_reply_to_status_id_str", "in_reply_to_status_id")
    return old or _referenced(tweet, "replied_to")


def is_retweet(tweet: Fields) -> bool:
    return bool(object_in(tweet.get("retweeted_status")) or _referenced(tweet, "retweeted"))


def users_of(page: Fields) -> dict[str, Fields]:
    """The users that a page of v2 includes, by id and by ``@name`` in lower case."""
    users: dict[str, Fields] = {}
    for user in objects_in(object_in(page.get("includes")).get("users")):
        users[id_in(user.get("id"))] = user
        users["@" + text_in(user.get("username")).lower()] = user
    return users


def tweet_comment(
    tweet: Fields,
    notes: Notes,
    *,
    thread_id: str,
    reply_to: str = "",
    users: Mapping[str, Fields],
    keep_private: bool,
    line: int | None,
) -> CommentRecord:
    """The tweet as a comment. ``users`` are those that its page gives beside it.

    ``reply_to`` counts where the tweet itself does not say whom it answers. Raises ValueError
    with a sentence for a tweet that cannot be taken.
    """
    body = _Body.of(tweet)
    status = _status(tweet)
    is_shown = status == "visible"
    author_id, author_name = _author(tweet, users)
    posted_at, is_estimated = _posted_at(tweet, notes)
    return CommentRecord(
        id=tweet_id(tweet),
        thread_id=thread_id,
        text=body.text if is_shown else "",
        author_id=author_id,
        author_name=author_name,
        reply_to=answered_by(tweet) or reply_to or None,
        status=status,
        posted_at=posted_at,
        posted_at_estimated=is_estimated,
        edited_at=posted_at if _is_edit(tweet) else None,
        score=_score(tweet),
        links=tuple(body.links()) if is_shown else (),
        relations=tuple(body.mentions(users)) if is_shown else (),
        raw=_raw(tweet, notes, keep_private),
        line=line,
    )


class _Body:
    """A tweet's text and the entities that point into it, in its longest form."""

    def __init__(self, escaped: str, entities: Fields) -> None:
        self._escaped, self._entities = escaped, entities
        self._ends: list[int] = []
        self._lost = [0]
        for found in _ENTITY.finditer(escaped):
            self._ends.append(found.end())
            self._lost.append(self._lost[-1] + len(found[0]) - 1)

    @classmethod
    def of(cls, tweet: Fields) -> _Body:
        longer = (object_in(tweet.get(name)) for name in ("note_tweet", "extended_tweet"))
        for form in (*longer, tweet):
            if has_text(form):
                text = text_in(form.get("full_text")) or text_in(form.get("text"))
                return cls(text, object_in(form.get("entities")))
        return cls("", {})

    @property
    def text(self) -> str:
        return _ENTITY.sub(lambda found: _CHARACTERS[found[1]], self._escaped)

    def links(self) -> Iterator[LinkRecord]:
        """The links whose shortened form stands where the entity says, each place once."""
        named = (*self._named("urls"), *self._named("media"))
        places = {self._place(entity, "url"): entity for entity in reversed(named)}
        for (start, end), entity in sorted(places.items(), key=lambda pair: pair[0]):
            url = text_in(entity.get("expanded_url")) or text_in(entity.get("url"))
            if start < end and url:
                try:
                    yield LinkRecord(start, end, url)
                except ValueError:
                    continue

    def mentions(self, users: Mapping[str, Fields]) -> Iterator[RelationRecord]:
        """The accounts named whose id is known, and whose name stands where the entity says."""
        for entity in (*self._named("user_mentions"), *self._named("mentions")):
            name = text_in(entity.get("screen_name")) or text_in(entity.get("username"))
            user = users.get(f"@{name.lower()}", {})
            author_id = _id(entity, "id_str", "id") or _id(user, "id")
            start, end = self._place(entity, "screen_name", "username")
            if start < end and author_id:
                yield RelationRecord(
                    kind="mention",
                    basis="given",
                    start=start,
                    end=end,
                    target_author_id=author_id,
                )

    def _named(self, sort: str) -> list[dict[str, Any]]:
        return objects_in(self._entities.get(sort))

    def _place(self, entity: Fields, *names: str) -> tuple[int, int]:
        """Where the entity stands in the decoded text; two zeros where something else does.

        Old archives count some offsets otherwise: such an entity is not believed.
        """
        indices = list_in(entity.get("indices")) or [entity.get("start"), entity.get("end")]
        start, end = (number_in(offset) for offset in (*indices, None, None)[:2])
        if start is None or end is None or not 0 <= start < end <= len(self._escaped):
            return 0, 0
        shown = self._escaped[start:end].lstrip("@＠").casefold()
        if shown not in {text_in(entity.get(name)).casefold() for name in names}:
            return 0, 0
        return self._decoded(start), self._decoded(end)

    def _decoded(self, offset: int) -> int:
        return offset - self._lost[bisect_right(self._ends, offset)]


def _id(record: Fields, *names: str) -> str:
    """The first of these fields that is an id of Twitter's, all of which are digits."""
    for name in names:
        written = id_in(record.get(name))
        if _ID.fullmatch(written):
            return written
    return ""


def _referenced(tweet: Fields, sort: str) -> str:
    for reference in objects_in(tweet.get("referenced_tweets")):
        if reference.get("type") == sort:
            return _id(reference, "id")
    return ""


def _author(tweet: Fields, users: Mapping[str, Fields]) -> tuple[str, str]:
    author_id = id_in(tweet.get("author_id"))
    author = object_in(tweet.get("user")) or object_in(tweet.get("author"))
    author = author or dict(users.get(author_id, {}))
    author_id = _id(author, "id_str", "id") or author_id
    name = text_in(author.get("screen_name")) or text_in(author.get("username"))
    return author_id, name if author_id else ""


def _status(tweet: Fields) -> Status:
    """Blocked where Twitter withheld it everywhere: its text is then only a notice."""
    withheld = object_in(tweet.get("withheld"))
    countries = (
        *list_in(withheld.get("country_codes")),
        *list_in(tweet.get("withheld_in_countries")),
    )
    is_withheld = (
        withheld.get("copyright") is True
        or tweet.get("withheld_copyright") is True
        or any(country in WITHHELD_EVERYWHERE for country in countries)
    )
    return "blocked" if is_withheld else "visible"


def _is_edit(tweet: Fields) -> bool:
    versions = list_in(tweet.get("edit_history_tweet_ids"))
    return len(versions) > 1 and tweet_id(tweet) != versions[0]


def _score(tweet: Fields) -> int | None:
    likes = number_in(object_in(tweet.get("public_metrics")).get("like_count"))
    return number_in(tweet.get("favorite_count")) if likes is None else likes


def _raw(tweet: Fields, notes: Notes, keep_private: bool) -> dict[str, Any]:
    own = {name: value for name, value in tweet.items() if name != "__twarc"}
    try:
        raw, dropped = without_private(own, keep=keep_private)
    except RecursionError:
        raise ValueError("It nests deeper than can be read.") from None
    notes.take(dropped)
    return raw


def _posted_at(tweet: Fields, notes: Notes) -> tuple[datetime | None, bool]:
    found = _OLD_TIME.fullmatch(text_in(tweet.get("created_at")))
    time = _old_time(found) if found else None
    return (time, False) if time else notes.time(tweet.get("created_at"))


def _old_time(found: re.Match[str]) -> datetime | None:
    """The time of `Fri Jan 09 11:24:54 +0000 2015`, whatever language the machine speaks."""
    zone = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"]))
    day, hour, minute, second = (int(found[n]) for n in ("day", "hour", "minute", "second"))
    try:
        return datetime(
            int(found["year"]),
            MONTHS.index(found["month"]) + 1,
            day,
            hour,
            minute,
            second,
            tzinfo=timezone(-zone if found["sign"] == "-" else zone),
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
