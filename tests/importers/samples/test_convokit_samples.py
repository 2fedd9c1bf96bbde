from __future__ import annotations

from collections import Counter

import pytest

from importers.formats import convokit
from importers.records import CommentRecord, Record, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.conftest import SAMPLES

CORPUS = SAMPLES / "convokit" / "streamlit"


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return list(convokit.read(Source(CORPUS), {}))


@pytest.fixture(scope="module")
def talk(records: list[Record]) -> dict[str, CommentRecord]:
    return {record.id: record for record in records if isinstance(record, CommentRecord)}


def test_the_corpus_is_recognised_as_a_folder_and_as_a_file() -> None:
    assert choose_format(Source(CORPUS)).name == "convokit"
    assert choose_format(Source(CORPUS / "utterances.jsonl")).name == "convokit"


def test_it_has_the_counted_structure(
    records: list[Record], talk: dict[str, CommentRecord]
) -> None:
    threads = [record for record in records if isinstance(record, ThreadRecord)]
    assert (len(threads), len(talk)) == (50, 1519)
    assert all(thread.title for thread in threads)
    assert {thread.id for thread in threads} == {r.thread_id for r in talk.values()}
    roots = [record for record in talk.values() if record.reply_to is None]
    assert len(roots) == 50
    assert all(record.kind == "post" and record.id == record.thread_id for record in roots)
    assert all(record.reply_to in talk for record in talk.values() if record.reply_to)
    assert not any(isinstance(record, RecordError) for record in records)


def test_the_deepest_conversation_has_fourteen_levels(talk: dict[str, CommentRecord]) -> None:
    depths: dict[str, int] = {}

    def depth(record: CommentRecord) -> int:
        if record.id not in depths:
            depths[record.id] = depth(talk[record.reply_to]) + 1 if record.reply_to else 1
        return depths[record.id]

    assert max(map(depth, talk.values())) == 14


def test_people_and_deletions_are_as_counted(talk: dict[str, CommentRecord]) -> None:
    assert len({record.author_id for record in talk.values()} - {""}) == 536
    assert sum(not record.author_id for record in talk.values()) == 157
    assert Counter(record.status for record in talk.values()) == {
        "visible": 1441,
        "deleted_by_author": 72,
        "removed_by_moderator": 6,
    }


def test_a_bare_file_gives_the_same_utterances(talk: dict[str, CommentRecord]) -> None:
    bare = convokit.read(Source(CORPUS / "utterances.jsonl"), {})
    assert list(bare) == list(talk.values())
