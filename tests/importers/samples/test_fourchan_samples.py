"""Real answers of 4chan's API; conftest.py leaves this module out where they are not at hand."""

from __future__ import annotations

import pytest

from importers.records import CommentRecord, Record, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.conftest import SAMPLES


def read(name: str) -> list[Record]:
    source = Source(SAMPLES / "4chan" / name)
    chosen = choose_format(source)
    assert chosen.name == "fourchan"
    return list(chosen.read(source, {}))


@pytest.mark.parametrize(
    ("name", "threads", "posts", "missing", "replies"),
    [
        ("4chanAPI_Catalog_0.json", 4, 18, 1 + 225 + 50 + 13, 4),
        ("4chanAPI_Threads_0.json", 1, 3, 0, 0),
    ],
)
def test_answers_give_the_counted_records(
    name: str, threads: int, posts: int, missing: int, replies: int
) -> None:
    records = read(name)
    found = [record for record in records if isinstance(record, ThreadRecord)]
    said = [record for record in records if isinstance(record, CommentRecord)]
    assert (len(found), len(said)) == (threads, posts)
    assert sum(thread.missing for thread in found) == missing
    assert sum(comment.reply_to is not None for comment in said) == replies
    assert not any(comment.author_id for comment in said)


def test_the_broken_document_is_refused_with_its_line_and_byte() -> None:
    errors = [
        record for record in read("bekmuroda_po_570368.json") if isinstance(record, RecordError)
    ]
    assert [(error.line, "byte 4621" in error.message) for error in errors] == [(1, True)]
