"""Comments as tweets (Twitter's API v1.1), for what reads no others."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from annotations.exporters.rows import CommentRow, ThreadRow

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SMALLEST_HASHED = 10**18
HOW_MANY = 8 * 10**18

_ID = re.compile(r"[0-9]{1,19}")


def tweet_number(name: str) -> str:
    """The id itself if it is a tweet's number, else one of 19 digits that is hashed from it.

    Either fits 64 bits with a sign, but for a number that the source made larger.
    """
    if _ID.fullmatch(name):
        return name
    digest = sha256(name.encode()).digest()
    return str(SMALLEST_HASHED + int.from_bytes(digest[:16]) % HOW_MANY)


def tweet(comment: CommentRow, thread: ThreadRow) -> dict[str, Any]:
    """The comment with the fields that a tweet has; ``source_id`` is the comment's own id."""
    answered = tweet_number(comment.reply_to) if comment.reply_to else None
    return {
        **_told(comment.id, comment.text, comment.posted_at, comment.language),
        "in_reply_to_status_id": int(answered) if answered else None,
        "in_reply_to_status_id_str": answered,
        "favorite_count": comment.score,
        "user": _user(comment.author),
        "kind": comment.kind,
        "source_id": comment.id,
        "source_thread_id": thread.id,
    }


def opening_tweet(thread: ThreadRow) -> dict[str, Any]:
    """The thread's title as a tweet, for a thread whose opening is not in the dataset."""
    return {
        **_told(f"thread/{thread.id}", thread.title, thread.started_at, thread.language),
        "in_reply_to_status_id": None,
        "in_reply_to_status_id_str": None,
        "source_thread_id": thread.id,
    }


def _told(name: str, text: str, at: datetime | None, language: str) -> dict[str, Any]:
    number = tweet_number(name)
    return {
        "id": int(number),
        "id_str": number,
        "text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        "created_at": _written(at) if at else None,
        "lang": language,
    }


def _user(author: str) -> dict[str, Any] | None:
    if not author:
        return None
    number = tweet_number(author)
    return {"id": int(number), "id_str": number, "screen_name": author}


def _written(at: datetime) -> str:
    """``Fri Jan 09 11:24:54 +0000 2015``, whatever language the machine speaks."""
    at = at.astimezone(UTC)
    return f"{DAYS[at.weekday()]} {MONTHS[at.month - 1]} {at:%d %H:%M:%S} +0000 {at.year:04}"
