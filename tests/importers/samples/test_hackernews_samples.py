from __future__ import annotations

from collections import Counter

from importers.formats import hackernews
from importers.records import CommentRecord, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.conftest import SAMPLES
from tests.importers.reading import comments


def test_a_story_and_its_comments() -> None:
    source = Source(SAMPLES / "hackernews" / "ntdunglc_202408_raw.json")
    assert choose_format(source).name == "hackernews"
    thread, opening, *records = hackernews.read(source, {})
    talk = comments(records)
    assert isinstance(thread, ThreadRecord)
    assert isinstance(opening, CommentRecord)
    assert (opening.kind, opening.score, opening.raw["descendants"]) == ("post", 357, 376)
    assert len(talk) == len(records) == 288
    assert [record.id for record in talk] == [f"hn:{kid}" for kid in opening.raw["kids"]]
    # 75 replies are named that are not in the file; the story counts 376 comments.
    assert thread.missing == 376 - 288
    assert sum(record.author_id == "" for record in talk) == 10
    # Two items are marked as dead; a third says "[flagged]" in place of its text.
    assert Counter(record.status for record in talk) == {
        "visible": 275,
        "deleted_by_author": 10,
        "dead": 3,
    }
