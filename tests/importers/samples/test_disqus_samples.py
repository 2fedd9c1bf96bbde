"""Real Disqus exports; conftest.py leaves this module out where they are not at hand."""

from __future__ import annotations

from collections import Counter

import pytest

from annotations.errors import UnreadableFile
from importers.records import CommentRecord, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.conftest import SAMPLES


def test_isso_has_the_counted_records() -> None:
    source = Source(SAMPLES / "disqus" / "isso_disqus.xml")
    chosen = choose_format(source)
    assert chosen.name == "disqus"
    records = list(chosen.read(source, {}))
    posts = [record for record in records if isinstance(record, CommentRecord)]
    assert (len(posts), len({post.thread_id for post in posts})) == (6, 3)
    assert sum(isinstance(record, ThreadRecord) for record in records) == 2  # the third is gone
    assert Counter(post.status for post in posts) == {"visible": 5, "deleted_by_author": 1}
    parents = {post.reply_to for post in posts if post.reply_to}
    assert parents <= {post.id for post in posts}
    assert all(post.author_name for post in posts if post.status == "visible")


def test_remark42_is_refused_with_its_line() -> None:
    source = Source(SAMPLES / "disqus" / "remark42_disqus.xml")
    chosen = choose_format(source)
    assert chosen.name == "disqus"
    with pytest.raises(UnreadableFile, match="line 1, column 1"):
        next(chosen.read(source, {}))
