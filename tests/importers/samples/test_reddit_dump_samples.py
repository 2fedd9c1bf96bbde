from __future__ import annotations

from collections import Counter

import pytest

from importers.formats import reddit_dump
from importers.records import CommentRecord, Record, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.conftest import SAMPLES
from tests.importers.reading import comments

FOLDER = SAMPLES / "reddit_dump"


def read(name: str) -> list[Record]:
    source = Source(FOLDER / name)
    assert choose_format(source).name == "reddit_dump"
    return list(reddit_dump.read(source, {}))


@pytest.mark.parametrize("packing", ["", ".zst"])
def test_comments_of_many_years(packing: str) -> None:
    records = read(f"paul-e_test_comments.ndjson{packing}")
    talk = comments(records)
    assert len(talk) == len(records) == len({record.thread_id for record in talk}) == 27
    assert Counter(record.reply_to is None for record in talk) == {True: 18, False: 9}
    assert sum(record.author_id == "" for record in talk) == 5
    # Of five deleted authors four left no text, and two of these were removed by moderators.
    assert Counter(record.status for record in talk) == {
        "visible": 23,
        "deleted_by_author": 2,
        "removed_by_moderator": 2,
    }
    assert [record.text for record in talk if record.status != "visible"] == [""] * 4
    assert all(record.posted_at for record in talk)
    quoting = {record.id for record in talk if record.blocks}
    assert {"t1_c0cmuoo", "t1_c0cmuop"} <= quoting
    assert not any("&gt;" in record.text for record in talk)


def test_submissions_of_many_years() -> None:
    records = read("paul-e_test_submissions.ndjson")
    threads = {record.id: record for record in records if isinstance(record, ThreadRecord)}
    openings = [record for record in records if isinstance(record, CommentRecord)]
    assert len(threads) == len(openings) == 31
    assert sum(record.raw["is_self"] for record in openings) == 12
    assert sum(record.status == "removed_by_moderator" for record in openings) == 1
    # Three posts that the archive says were deleted later; it kept what they said.
    assert sum(record.status == "deleted_by_author" for record in openings) == 3
    assert all(bool(record.links) != record.raw["is_self"] for record in openings)
    assert threads["t3_1v3sg"].title == "NUMBERS & WEB SITES"
