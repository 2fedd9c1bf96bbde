"""A real dump of Stack Exchange; conftest.py leaves this module out where it is not at hand."""

from __future__ import annotations

import pytest

from annotations.errors import UnreadableFile
from importers.records import CommentRecord, Note, Record, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.conftest import SAMPLES

DUMP = SAMPLES / "stackexchange"


@pytest.fixture(scope="module")
def dump() -> list[Record]:
    source = Source(DUMP)
    chosen = choose_format(source)
    assert chosen.name == "stackexchange"
    return list(chosen.read(source, {}))


def said(records: list[Record], kind: str) -> list[CommentRecord]:
    return [r for r in records if isinstance(r, CommentRecord) and f":{kind}:" in r.id]


def test_the_dump_gives_the_counted_records(dump: list[Record]) -> None:
    assert sum(isinstance(record, ThreadRecord) for record in dump) == 54
    assert len(said(dump, "question")) == 54
    assert len(said(dump, "answer")) == 115
    assert len(said(dump, "comment")) == 230
    assert Note("tag wikis left out", 8) in dump
    assert not any(isinstance(record, RecordError) for record in dump)


def test_comments_hang_on_posts_that_are_there(dump: list[Record]) -> None:
    answers = {answer.id for answer in said(dump, "answer")}
    parents = {comment.reply_to for comment in said(dump, "comment") if comment.reply_to}
    assert parents <= answers
    assert sum(":user:" not in comment.author_id for comment in said(dump, "comment")) == 14


def test_nothing_is_missing_but_without_the_comments_they_are(dump: list[Record]) -> None:
    alone = Source(DUMP / "Posts.xml")
    records = choose_format(alone).read(alone, {})
    assert sum(record.missing for record in dump if isinstance(record, ThreadRecord)) == 0
    assert sum(record.missing for record in records if isinstance(record, ThreadRecord)) == 230


def test_comments_alone_are_refused() -> None:
    source = Source(DUMP / "Comments.xml")
    with pytest.raises(UnreadableFile, match=r"Posts\.xml"):
        list(choose_format(source).read(source, {}))
