from __future__ import annotations

import json
import re

import pytest

from importers.formats import pheme
from importers.records import CommentRecord, GoldRecord, Record, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.conftest import SAMPLES

FOLDER = SAMPLES / "pheme"
LABELS = FOLDER / "traindev" / "rumoureval-subtaskA.json"


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return list(pheme.read(Source(FOLDER), {}))


def test_the_folder_is_recognised() -> None:
    assert choose_format(Source(FOLDER)).name == "pheme"


def test_threads_and_tweets_are_as_counted(records: list[Record]) -> None:
    threads = [record for record in records if isinstance(record, ThreadRecord)]
    tweets = [record for record in records if isinstance(record, CommentRecord)]
    assert (len(threads), len(tweets), len({tweet.id for tweet in tweets})) == (23, 302, 302)
    assert {tweet.thread_id for tweet in tweets} == {thread.id for thread in threads}
    roots = [tweet for tweet in tweets if tweet.reply_to is None]
    assert {root.id for root in roots} == {thread.id for thread in threads}
    assert len({str(thread.raw["event"]) for thread in threads}) == 8
    assert not any(isinstance(record, RecordError) for record in records)


def test_what_the_trees_name_without_a_file_is_missing(records: list[Record]) -> None:
    files = {path.stem for path in FOLDER.rglob("*.json")}
    named = 0
    for tree in FOLDER.rglob("structure.json"):
        named += len(set(re.findall(r'"(\d+)"', tree.read_text())) - files)
    assert sum(r.missing for r in records if isinstance(r, ThreadRecord)) == named > 0


def test_every_tweet_has_its_label(records: list[Record]) -> None:
    given = {r.comment_id: r.label for r in records if isinstance(r, GoldRecord)}
    assert given == json.loads(LABELS.read_text())
    assert len(given) == 302
