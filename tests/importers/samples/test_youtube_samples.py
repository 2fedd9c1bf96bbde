from __future__ import annotations

import pytest

from importers.formats import youtube
from importers.records import CommentRecord, Note, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.conftest import SAMPLES
from tests.importers.reading import comments

FOLDER = SAMPLES / "youtube"

# Threads, comments, replies, comments with a time.
FIGURES = {
    "derived_comments.info": (1, 20, 0, 20),
    "derived_short.info": (1, 20, 0, 0),
    "phoenix_comment_threads_response": (10, 13, 1, 13),
}


@pytest.mark.parametrize(("name", "figures"), FIGURES.items(), ids=FIGURES)
def test_files_have_the_counted_comments(name: str, figures: tuple[int, int, int, int]) -> None:
    source = Source(FOLDER / f"{name}.json")
    assert choose_format(source).name == "youtube"
    records = list(youtube.read(source, {}))
    threads = [record for record in records if isinstance(record, ThreadRecord)]
    talk = comments(records)
    assert (
        len(threads),
        len(talk),
        sum(record.reply_to is not None for record in talk),
        sum(record.posted_at is not None for record in talk),
    ) == figures
    assert sum(isinstance(record, CommentRecord) for record in records) == len(talk)
    assert not any(isinstance(record, RecordError | Note) for record in records)
    assert {thread.missing for thread in threads} == {0}


def test_the_twelve_branches_of_ten_videos_begin_without_a_parent() -> None:
    source = Source(FOLDER / "phoenix_comment_threads_response.json")
    talk = comments(list(youtube.read(source, {})))
    assert sum(record.reply_to is None for record in talk) == 12
    assert not any(record.posted_at_estimated for record in talk)
