"""One conversation as each source would give it, to be crawled again after people went on."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

NOON = 1_709_294_400  # 2024-03-01T12:00Z
SITE = "https://harbour.example"


@dataclass(frozen=True)
class Message:
    """``number`` 1 opens the thread; ``answered`` is a number."""

    number: int
    answered: int | None = None
    text: str = ""
    gone: bool = False

    @property
    def words(self) -> str:
        return self.text or f"What {self.number} says."

    @property
    def author(self) -> str:
        return f"ada{self.number}"

    @property
    def second(self) -> int:
        return NOON + self.number


Write = Callable[[Sequence[Message], int], Any]


@dataclass(frozen=True)
class Site:
    """How a format tells a conversation, of which so many comments are not in the file.

    A ``flat`` format can give a comment without the one that it answers and still say in which
    thread it stands. Some formats never tell what is ``missing``, some show no tombstones.
    """

    format: str
    write: Write
    ids: str
    opening_id: str = ""
    flat: bool = True
    counts_missing: bool = True
    has_tombstones: bool = True

    def id(self, number: int) -> str:
        """The id that the comment with this number is stored by."""
        return self.opening_id if number == 1 and self.opening_id else self.ids.format(number)


def as_lines(objects: Sequence[Any]) -> str:
    return "".join(f"{json.dumps(one)}\n" for one in objects)


def _reddit(message: Message) -> dict[str, Any]:
    own = {
        "subreddit": "harbour",
        "created_utc": message.second,
        "edited": False,
        "score": 3,
        "author": "[deleted]" if message.gone else message.author,
    }
    if message.number == 1:
        return {
            **own,
            "id": "s1",
            "name": "t3_s1",
            "title": "Ferries",
            "selftext": message.words,
            "is_self": True,
            "num_comments": 9,
            "permalink": "/r/harbour/comments/s1/ferries/",
        }
    return {
        **own,
        "id": f"c{message.number}",
        "name": f"t1_c{message.number}",
        "link_id": "t3_s1",
        "parent_id": "t3_s1" if message.answered == 1 else f"t1_c{message.answered}",
        "body": "[deleted]" if message.gone else message.words,
    }


def reddit_dump(messages: Sequence[Message], missing: int) -> str:
    return as_lines([_reddit(message) for message in messages])


def reddit_listing(messages: Sequence[Message], missing: int) -> str:
    def listing(children: list[Any]) -> dict[str, Any]:
        return {"kind": "Listing", "data": {"children": children}}

    def below(answered: int) -> list[Any]:
        return [
            {
                "kind": "t1",
                "data": {
                    **_reddit(message),
                    "replies": listing(replies) if (replies := below(message.number)) else "",
                },
            }
            for message in messages
            if message.answered == answered
        ]

    stub = {"id": "m1", "name": "t1_m1", "parent_id": "t3_s1", "count": missing}
    children = [f"m{n}" for n in range(missing)]
    more = [{"kind": "more", "data": {**stub, "children": children}}] if missing else []
    opening = {"kind": "t3", "data": _reddit(messages[0])}
    return json.dumps([listing([opening]), listing([*below(1), *more])])


def mastodon(messages: Sequence[Message], missing: int) -> str:
    """What an instance delivers: activities, and a Delete for what is gone."""

    def activity(message: Message) -> dict[str, Any]:
        id = f"{SITE}/statuses/{message.number}"
        by = f"{SITE}/users/{message.author}"
        head = {"@context": "https://www.w3.org/ns/activitystreams", "actor": by}
        if message.gone:
            tombstone = {"id": id, "type": "Tombstone"}
            return {**head, "id": f"{id}#delete", "type": "Delete", "object": tombstone}
        note = {
            "id": id,
            "type": "Note",
            "attributedTo": by,
            "conversation": f"tag:harbour.example,2024:{messages[0].number}",
            "content": f"<p>{message.words}</p>",
            "inReplyTo": f"{SITE}/statuses/{message.answered}" if message.answered else None,
            "published": f"2024-03-01T12:00:{message.number:02}Z",
            "to": ["https://www.w3.org/ns/activitystreams#Public"],
        }
        return {**head, "id": f"{id}/activity", "type": "Create", "object": note}

    return as_lines([activity(message) for message in messages])


def discourse(messages: Sequence[Message], missing: int) -> str:
    def post(message: Message) -> dict[str, Any]:
        words = "(post deleted by author)" if message.gone else message.words
        return {
            "id": 900 + message.number,
            "username": message.author,
            "created_at": f"2024-03-01T12:00:{message.number:02}.000Z",
            "updated_at": f"2024-03-01T12:00:{message.number:02}.000Z",
            "cooked": f"<p>{words}</p>",
            "post_number": message.number,
            "post_type": 1,
            "reply_to_post_number": message.answered,
            "topic_id": 55,
            "topic_slug": "ferries",
            "version": 1,
            "user_deleted": message.gone,
        }

    stream = [900 + message.number for message in messages] + [990 + n for n in range(missing)]
    posts = [post(message) for message in messages]
    topic = {"id": 55, "title": "Ferries", "slug": "ferries", "posts_count": len(stream)}
    return json.dumps({**topic, "post_stream": {"posts": posts, "stream": stream}})


def table(messages: Sequence[Message], missing: int) -> str:
    return as_lines(
        [
            {
                "thread_id": "t",
                "comment_id": f"c{message.number}",
                "parent_id": f"c{message.answered}" if message.answered else None,
                "author": None if message.gone else message.author,
                "text": "" if message.gone else message.words,
                "created_at": f"2024-03-01T12:00:{message.number:02}Z",
                "kind": "post" if message.number == 1 else "comment",
                "status": "deleted" if message.gone else "visible",
            }
            for message in messages
        ]
    )


def telegram(messages: Sequence[Message], missing: int) -> str:
    told = [
        {
            "id": message.number,
            "type": "message",
            "date": f"2024-03-01T12:00:{message.number:02}",
            "date_unixtime": str(message.second),
            "from": message.author,
            "from_id": f"user{message.number}",
            **({"reply_to_message_id": message.answered} if message.answered else {}),
            "text": message.words,
        }
        for message in messages
    ]
    chat = {"name": "Harbour", "type": "public_supergroup", "id": 1200}
    return json.dumps({**chat, "messages": told})


def youtube(messages: Sequence[Message], missing: int) -> str:
    opening, *rest = messages
    told = [
        {
            "id": f"Ug{message.number}",
            "parent": "root" if message.answered == 1 else f"Ug{message.answered}",
            "text": message.words,
            "author": f"@{message.author}",
            "author_id": f"UC{message.author}",
            "timestamp": message.second,
        }
        for message in rest
    ]
    video = {"id": "ferry000001", "title": "Ferries", "description": opening.words}
    return json.dumps(
        {
            **video,
            "channel_id": "UCharbour",
            "channel": "Harbour",
            "webpage_url": "https://www.youtube.com/watch?v=ferry000001",
            "upload_date": "20240301",
            "comment_count": len(told) + missing,
            "comments": told,
            "extractor": "youtube",
            "_type": "video",
        }
    )


def hackernews(messages: Sequence[Message], missing: int) -> str:
    def item(message: Message) -> dict[str, Any]:
        kids = [100 + other.number for other in messages if other.answered == message.number]
        if message.number == 1:
            kids += [900 + n for n in range(missing)]
            own = {"type": "story", "title": "Ferries", "score": 5, "descendants": 9}
        else:
            own = {"type": "comment", "parent": 100 + (message.answered or 0)}
        said = {"deleted": True} if message.gone else {"by": message.author, "text": message.words}
        return {**own, **said, "id": 100 + message.number, "time": message.second, "kids": kids}

    return as_lines([item(message) for message in messages])


SITES = [
    Site("reddit_listing", reddit_listing, "t1_c{}", opening_id="t3_s1", flat=False),
    Site("reddit_dump", reddit_dump, "t1_c{}", opening_id="t3_s1", counts_missing=False),
    Site("mastodon", mastodon, SITE + "/statuses/{}", counts_missing=False),
    Site("discourse", discourse, "discourse:55:{}"),
    Site("table", table, "c{}", counts_missing=False),
    Site("telegram", telegram, "channel1200:{}", counts_missing=False, has_tombstones=False),
    Site("youtube", youtube, "Ug{}", opening_id="video:ferry000001", has_tombstones=False),
    Site("hackernews", hackernews, "hn:10{}", flat=False),
]
