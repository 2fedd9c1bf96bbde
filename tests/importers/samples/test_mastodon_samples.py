from __future__ import annotations

import json
from pathlib import Path

import pytest

from importers.formats import mastodon
from importers.records import CommentRecord, Note, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.conftest import SAMPLES

FOLDER = SAMPLES / "activitypub"
FILES = sorted(FOLDER.rglob("*.json"))
MESSAGES = {"Note", "Page", "Article", "Question", "Tombstone", "Create", "Update"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_every_object_comes_in_or_is_counted(path: Path) -> None:
    source = Source(path)
    assert choose_format(source).name == "mastodon"
    value = json.loads(path.read_text())
    records = list(mastodon.read(source, {"direct": True}))
    assert not any(isinstance(record, RecordError) for record in records)
    comments = [record for record in records if isinstance(record, CommentRecord)]
    if value["type"] in MESSAGES:
        assert len(comments) == 1
        assert comments[0].text or comments[0].status == "deleted_by_author"
    if not comments:
        assert any(isinstance(r, Note) for r in records) or not value.get("orderedItems")


def test_all_together_are_threads_and_answers() -> None:
    records = list(mastodon.read(Source(FOLDER), {}))
    comments = {record.id: record for record in records if isinstance(record, CommentRecord)}
    threads = {record.id: record for record in records if isinstance(record, ThreadRecord)}
    assert not any(isinstance(record, RecordError) for record in records)
    assert {record.thread_id for record in comments.values()} == set(threads)
    post = "https://enterprise.lemmy.ml/post/55143"
    assert threads[post].title == "Post title"
    assert comments[post].kind == "post"
    answers = [record for record in comments.values() if record.thread_id == post]
    assert {record.reply_to for record in answers} == {None, post}
    assert len(answers) == 4
    assert comments["http://ds9.lemmy.ml/post/1"].status == "visible"
