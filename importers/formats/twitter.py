"""Tweets of Twitter's API (today X): v1.1 and v2, one by one, in pages, and as streams log them.

A tweet is a comment of its conversation. v2 names the conversation on every tweet; of v1.1 it is
the first tweet of the chain of answers, as far as the file knows the chain, or the first that the
chain names without the file holding it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from importers.chains import Chains
from importers.json_fields import Notes, id_in, list_in, object_in, objects_in, text_in
from importers.json_values import json_values
from importers.options import PrivacyOptions, read_options
from importers.records import Record, RecordError, ThreadRecord
from importers.source import Source
from importers.tweets import (
    PLATFORM,
    Fields,
    answered_by,
    conversation_of,
    has_text,
    is_retweet,
    is_tweet,
    tweet_comment,
    tweet_id,
    users_of,
)

TITLE = "Tweets (Twitter API v1.1 or v2, JSON)"
LOOKED_AT = 20
PAGE_MARKS = frozenset({"data", "includes", "meta", "errors", "search_metadata", "statuses"})
NOTICES = {
    "delete": "deletion notices left out",
    "disconnect": "disconnections of the stream",
    "limit": "notices of the stream left out",
    "scrub_geo": "notices of the stream left out",
    "status_withheld": "notices of the stream left out",
    "user_withheld": "notices of the stream left out",
    "warning": "notices of the stream left out",
}


def detect(source: Source) -> float:
    """The share of tweets, or of pages with tweets, among the first values."""
    values = source.outline.values[:LOOKED_AT]
    known = sum(map(_looks_like_tweets, values))
    if not known:
        return 0.0
    return 0.97 if 2 * known >= len(values) else 0.6


def propose(source: Source) -> dict[str, Any]:
    return {"keep_private": False}


def by_line(source: Source, options: Mapping[str, Any]) -> bool:
    """Whether every line names its conversation, so that no other line matters."""
    outline = source.outline
    if outline.shape != "lines":
        return False
    given = [tweet for value in outline.values for tweet in _tweets_in(value)]
    return bool(given) and all(conversation_of(tweet) for tweet in given)


def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    """Yield the conversations and their tweets, in the order of the file.

    Raises InvalidInput for options, UnreadableFile for a document that is no whole JSON.
    """
    chosen = read_options(options, PrivacyOptions, TITLE)
    conversations = _Conversations(source)
    notes = Notes()
    threads: set[str] = set()
    for found in _tweets(source, notes):
        if isinstance(found, RecordError):
            yield found
            continue
        tweet = found.tweet
        notes["retweets kept as comments"] += is_retweet(tweet)
        thread_id = conversation_of(tweet) or conversations.first_of(tweet)
        try:
            comment = tweet_comment(
                tweet,
                notes,
                thread_id=thread_id,
                users=found.users,
                keep_private=chosen.keep_private,
                line=found.line,
            )
        except ValueError as error:
            name = tweet_id(tweet)
            yield RecordError(found.line, f"The tweet {name} was left out. {error}")
            continue
        if thread_id not in threads:
            threads.add(thread_id)
            yield ThreadRecord(id=thread_id, platform=PLATFORM)
        yield comment
    yield from notes.records()


@dataclass(frozen=True, slots=True)
class _Found:
    """A tweet, and the users of its page."""

    tweet: dict[str, Any]
    users: Mapping[str, Fields] = field(default_factory=dict)
    line: int | None = None


class _Conversations:
    """The first tweets of chains, from one pass over the file that is made when first asked."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def first_of(self, tweet: Fields) -> str:
        return self._chains.first_of(tweet_id(tweet))

    @cached_property
    def _chains(self) -> Chains:
        found = (f.tweet for f in _tweets(self._source, Notes()) if isinstance(f, _Found))
        return Chains({tweet_id(t): answered for t in found if (answered := answered_by(t))})


def _tweets(source: Source, notes: Notes) -> Iterator[_Found | RecordError]:
    """Every tweet of the file, and what is neither a tweet nor known to be something else."""
    for line, value in json_values(source, notes):
        if isinstance(value, RecordError):
            yield value
        else:
            yield from _tweets_of(value, line, notes)


def _tweets_of(value: Any, line: int | None, notes: Notes) -> Iterator[_Found | RecordError]:
    """The tweets of a line or of a document: a tweet, a page, or a list of either."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(reversed(value))
        elif not isinstance(value, dict):
            yield RecordError(line, "A value was left out: it is no tweet, but a bare JSON value.")
        elif _is_page(value):
            yield from _tweets_of_page(value, line, notes)
        elif _archived(value):
            waiting.append(_archived(value))
        elif tweet_id(value) and has_text(value):
            yield _Found(value, line=line)
        elif notice := next((name for name in NOTICES if name in value), None):
            notes[NOTICES[notice]] += 1
        else:
            name = id_in(value.get("id_str")) or id_in(value.get("id"))
            which = f"The object {name!r}" if name else "An object without an id"
            yield RecordError(line, f"{which} was left out: it is no tweet with a text.")


def _tweets_of_page(
    page: dict[str, Any], line: int | None, notes: Notes
) -> Iterator[_Found | RecordError]:
    included = objects_in(object_in(page.get("includes")).get("tweets"))
    notes["tweets included for reference left out"] += len(included)
    _count_errors(page, notes)
    users = users_of(page)
    data = page.get("data")
    for tweet in (*_listed(data), *_listed(page.get("statuses"))):
        if isinstance(tweet, dict) and tweet_id(tweet) and has_text(tweet):
            yield _Found(tweet, users, line)
        elif isinstance(tweet, dict) and "username" in tweet:
            notes["accounts left out"] += 1
        else:
            yield RecordError(line, "An object of a page was left out: it is no tweet.")


def _count_errors(page: Fields, notes: Notes) -> None:
    for error in objects_in(page.get("errors")):
        if error.get("resource_type") == "tweet":
            notes["tweets that the API could not give"] += 1
        elif "disconnect" in text_in(error.get("title")) or "disconnect_type" in error:
            notes[NOTICES["disconnect"]] += 1
        else:
            notes["other errors that the API reported"] += 1


def _archived(value: dict[str, Any]) -> dict[str, Any]:
    """The tweet in a wrapper of its own, as archives that people ask Twitter for have it."""
    return object_in(value.get("tweet")) if len(value) == 1 else {}


def _is_page(value: dict[str, Any]) -> bool:
    return not has_text(value) and bool(PAGE_MARKS & value.keys())


def _listed(value: Any) -> list[Any]:
    return [value] if isinstance(value, dict) else list_in(value)


def _tweets_in(value: Any) -> list[dict[str, Any]]:
    """The tweets of one value of the file's beginning, if they bear the marks of tweets."""
    if not isinstance(value, dict):
        return []
    parts = [_archived(value) or value]
    if _is_page(value):
        parts = [*_listed(value.get("data")), *_listed(value.get("statuses"))]
    return [part for part in parts if is_tweet(part)]


def _looks_like_tweets(value: Any) -> bool:
    """Also a page whose tweets have no more than id and text, as v2 gives them unasked."""
    if _tweets_in(value):
        return True
    return (
        isinstance(value, dict)
        and _is_page(value)
        and "newest_id" in object_in(value.get("meta"))
        and any(has_text(tweet) for tweet in objects_in(value.get("data")))
    )
