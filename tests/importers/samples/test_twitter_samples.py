from __future__ import annotations

import pytest

from importers.formats import twitter
from importers.records import CommentRecord, Note, Record, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.conftest import SAMPLES

FOLDER = SAMPLES / "twitter_v2"

# Threads, comments, replies, retweets, tweets included, errors of the API, lines refused.
FIGURES = {
    "twarc_edited": (1, 1, 0, 0, 2, 0, 0),
    "twarc_flat": (97, 100, 31, 47, 0, 0, 0),
    "twarc_noflat": (97, 100, 31, 47, 66, 1, 0),
    "twarc_streaming_output_with_error": (7, 7, 3, 0, 4, 0, 1),
}


def counted(records: list[Record], what: str) -> int:
    return sum(r.count for r in records if isinstance(r, Note) and r.what == what)


@pytest.mark.parametrize(("name", "figures"), FIGURES.items(), ids=FIGURES)
def test_tweets_are_as_counted(name: str, figures: tuple[int, ...]) -> None:
    source = Source(FOLDER / f"{name}.jsonl")
    assert choose_format(source).name == "twitter"
    records = list(twitter.read(source, {}))
    tweets = [record for record in records if isinstance(record, CommentRecord)]
    assert figures == (
        sum(isinstance(record, ThreadRecord) for record in records),
        len(tweets),
        sum(record.reply_to is not None for record in tweets),
        counted(records, "retweets kept as comments"),
        counted(records, "tweets included for reference left out"),
        counted(records, "other errors that the API reported"),
        sum(isinstance(record, RecordError) for record in records),
    )
    assert all(tweet.author_name and tweet.posted_at for tweet in tweets)


def test_the_edited_tweet_says_so() -> None:
    source = Source(FOLDER / "twarc_edited.jsonl")
    (tweet,) = (r for r in twitter.read(source, {}) if isinstance(r, CommentRecord))
    assert tweet.edited_at is not None


def test_flat_lines_and_pages_say_the_same() -> None:
    def told(name: str) -> list[tuple[object, ...]]:
        records = twitter.read(Source(FOLDER / name), {})
        return [
            (r.id, r.thread_id, r.text, r.author_id, r.author_name, r.links, r.relations)
            for r in records
            if isinstance(r, CommentRecord)
        ]

    assert told("twarc_flat.jsonl") == told("twarc_noflat.jsonl")


def test_links_and_mentions_stand_where_they_say() -> None:
    source = Source(FOLDER / "twarc_flat.jsonl")
    tweets = [r for r in twitter.read(source, {}) if isinstance(r, CommentRecord)]
    assert sum(len(tweet.links) for tweet in tweets) == 24
    assert sum(len(tweet.relations) for tweet in tweets) == 109
    for tweet in tweets:
        assert all(tweet.text[k.start : k.end].startswith("https://t.co/") for k in tweet.links)
        assert all(tweet.text[m.start] in "@＠" for m in tweet.relations)
