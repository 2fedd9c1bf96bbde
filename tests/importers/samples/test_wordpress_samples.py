"""Real WordPress exports; conftest.py leaves this module out where they are not at hand."""

from __future__ import annotations

from collections import Counter

import pytest

from annotations.errors import UnreadableFile
from importers.records import CommentRecord, Note, Record, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.conftest import SAMPLES

THEME = "themeunittestdata.wordpress.xml"


def read(name: str) -> list[Record]:
    source = Source(SAMPLES / "wordpress_wxr" / name)
    chosen = choose_format(source)
    assert chosen.name == "wordpress"
    return list(chosen.read(source, {}))


def said(records: list[Record]) -> list[CommentRecord]:
    return [r for r in records if isinstance(r, CommentRecord) and r.kind == "comment"]


def depth(comments: list[CommentRecord]) -> int:
    """The length of the longest chain of replies."""
    depths: dict[str | None, int] = {None: 0}
    waiting = comments
    while waiting:
        known = [c for c in waiting if c.reply_to in depths]
        assert known
        depths.update({c.id: depths[c.reply_to] + 1 for c in known})
        waiting = [c for c in waiting if c.id not in depths]
    return max(depths.values())


@pytest.mark.parametrize(
    ("name", "threads", "comments", "deepest", "items_left_out"),
    [
        ("isso_wordpress.xml", 2, 8, 3, 1),
        (THEME, 6, 32, 10, 174),
        ("wpimporter_valid-wxr-1.1.xml", 1, 1, 1, 1),
    ],
)
def test_exports_give_the_counted_records(
    name: str, threads: int, comments: int, deepest: int, items_left_out: int
) -> None:
    records = read(name)
    assert sum(isinstance(record, ThreadRecord) for record in records) == threads
    assert (len(said(records)), depth(said(records))) == (comments, deepest)
    assert len({comment.id for comment in said(records)}) == comments
    assert Note("items without comments left out", items_left_out) in records


def test_statuses_and_pings_of_the_theme_test() -> None:
    records = read(THEME)
    assert Counter(c.status for c in said(records)) == {"visible": 29, "unapproved": 3}
    assert Note("pingbacks and trackbacks taken as comments", 4) in records


@pytest.mark.parametrize(
    ("name", "line"), [("wpimporter_crazy-cdata.xml", 18), ("wpimporter_malformed.xml", 90)]
)
def test_broken_exports_are_refused_with_their_line(name: str, line: int) -> None:
    with pytest.raises(UnreadableFile, match=f"line {line},"):
        read(name)
