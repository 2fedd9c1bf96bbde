"""Real Discourse topics; conftest.py leaves this module out where they are not at hand."""

from __future__ import annotations

import pytest

from importers.records import CommentRecord, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.conftest import SAMPLES


@pytest.mark.parametrize(
    ("name", "posts", "replies", "quotes"),
    [
        ("discourse_api_topic.json", 4, 1, []),
        ("urho3d_inverse-kinematics.1819.json", 115, 42, [(66, 62), (68, 67), (72, 71)]),
    ],
)
def test_topics_give_the_counted_records(
    name: str, posts: int, replies: int, quotes: list[tuple[int, int]]
) -> None:
    source = Source(SAMPLES / "discourse" / name)
    chosen = choose_format(source)
    assert chosen.name == "discourse"
    records = list(chosen.read(source, {}))
    said = [record for record in records if isinstance(record, CommentRecord)]
    (thread,) = [record for record in records if isinstance(record, ThreadRecord)]
    assert (len(said), thread.missing) == (posts, 0)
    assert sum(comment.reply_to is not None for comment in said) == replies
    assert [comment.kind for comment in said].count("post") == 1
    assert not any(isinstance(record, RecordError) for record in records)
    assert [(_number(c.id), _number(str(r.target_id))) for c in said for r in c.relations] == quotes


def _number(post_id: str) -> int:
    return int(post_id.rpartition(":")[2])
