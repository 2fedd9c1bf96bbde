from __future__ import annotations

from collections import Counter

import pytest

from importers.formats import bluesky
from importers.records import CommentRecord, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.conftest import SAMPLES

FOLDER = SAMPLES / "bluesky"


@pytest.mark.parametrize(
    ("name", "threads", "statuses"),
    [
        ("derived_bsky_thread", 15, {"visible": 29, "missing": 3, "blocked": 2}),
        ("derived_bsky_thread-v2", 7, {"visible": 23}),
    ],
)
def test_threads_are_as_counted(name: str, threads: int, statuses: dict[str, int]) -> None:
    source = Source(FOLDER / f"{name}.json")
    assert choose_format(source).name == "bluesky"
    records = list(bluesky.read(source, {}))
    assert sum(isinstance(record, ThreadRecord) for record in records) == threads
    posts = [record for record in records if isinstance(record, CommentRecord)]
    assert Counter(post.status for post in posts) == statuses
    assert not any(isinstance(record, RecordError) for record in records)
    assert all(post.author_id and post.posted_at for post in posts if post.status == "visible")
