"""Real tables, where they are at hand: the counts of the samples' index."""

from __future__ import annotations

from collections import Counter

import pytest

from importers.formats import table
from importers.records import CommentRecord, Record, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.conftest import SAMPLES
from tests.importers.reading import comments

TABLES = SAMPLES / "table"
NYT = "d2nn_CommentsMarch2018.csv"
FOX_NEWS = "fox-news-comments.ndjson"
REDDIT = "xuanli286_reddit_comments.json"
WORKBOOK = "youtoxic_english_1000.csv"


def read(name: str) -> list[Record]:
    source = Source(TABLES / name)
    return list(table.read(source, table.propose(source)))


@pytest.mark.parametrize(
    ("name", "threads", "messages", "refused"),
    [(NYT, 3, 149, 0), (FOX_NEWS, 10, 1528, 0), (REDDIT, 469, 4443, 0), (WORKBOOK, 12, 984, 16)],
)
def test_tables_give_the_counted_records(
    name: str, threads: int, messages: int, refused: int
) -> None:
    assert choose_format(Source(TABLES / name)).name == "table"
    counts = Counter(type(record) for record in read(name))
    assert counts[ThreadRecord] == threads
    assert counts[CommentRecord] == messages
    assert counts[RecordError] == refused


def test_rows_whose_thread_is_an_error_of_the_spreadsheet_are_refused() -> None:
    errors = [record for record in read(WORKBOOK) if isinstance(record, RecordError)]
    assert {error.message for error in errors} == {
        "The row was left out. Its column 'VideoId' names no thread."
    }
    assert errors[0].line == 872


def test_comments_of_the_new_york_times_are_text_with_whole_ids() -> None:
    found = comments(read(NYT))
    assert all(comment.id.isdigit() and comment.author_id.isdigit() for comment in found)
    assert not any("<br" in comment.text or "&amp;" in comment.text for comment in found)
    assert all(comment.html and not comment.posted_at_estimated for comment in found)
    assert not any(comment.reply_to for comment in found)  # all have the parent 0


def test_comments_of_fox_news_keep_their_order_and_labels() -> None:
    found = comments(read(FOX_NEWS))
    assert Counter(comment.raw["label"] for comment in found) == {1: 435, 0: 1093}
    assert len({comment.author_id for comment in found}) == 678
    assert [comment.line for comment in found] == list(range(1, 1529))


def test_replies_in_a_list_of_comments_from_reddit() -> None:
    found = comments(read(REDDIT))
    assert sum(comment.reply_to is not None for comment in found) == 2277
    assert all(comment.posted_at and comment.posted_at_estimated for comment in found)
