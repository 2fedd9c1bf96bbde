"""Rows of JSON with other rows in them, read as the table reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from annotations.errors import UnreadableFile
from importers.formats import table
from importers.records import CommentRecord, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.reading import comments


def told(tmp_path: Path, value: Any, name: str = "rows.json") -> Source:
    path = tmp_path / name
    path.write_text(json.dumps(value))
    return Source(path)


def tree(source: Source) -> dict[str, str | None]:
    assert choose_format(source).name == "table"
    return {c.id: c.reply_to for c in comments(list(table.read(source, {})))}


def test_replies_answer_what_they_are_nested_in(tmp_path: Path) -> None:
    rows = [
        {"id": 1, "text": "a", "replies": [{"id": 2, "text": "b", "replies": [{"id": 3}]}]},
        {"id": 4, "text": "d", "replies": []},
    ]
    rows[0]["replies"][0]["replies"][0]["text"] = "c"  # type: ignore[index]
    assert tree(told(tmp_path, rows)) == {"1": None, "2": "1", "3": "2", "4": None}


def test_a_parent_that_is_told_counts(tmp_path: Path) -> None:
    replies = [{"id": 2, "text": "b", "parent": 1}, {"id": 3, "text": "c", "parent": 2}]
    rows = [{"id": 1, "text": "a", "parent": None, "replies": replies}]
    assert tree(told(tmp_path, rows)) == {"1": None, "2": "1", "3": "2"}


def test_a_list_of_posts_gives_a_thread_each_also_without_comments(tmp_path: Path) -> None:
    rows = [
        {"id": "p", "title": "One", "text": "Hello", "comments": [{"id": "c", "text": "b"}]},
        {"id": "q", "title": "Two", "text": "Bye", "comments": []},
    ]
    source = told(tmp_path, rows)
    records = list(table.read(source, {}))
    threads = {r.id: r.title for r in records if isinstance(r, ThreadRecord)}
    assert threads == {"p": "One", "q": "Two"}
    given = [record for record in records if isinstance(record, CommentRecord)]
    found = [(c.id, c.thread_id, c.kind, c.reply_to) for c in given]
    assert found == [
        ("p", "p", "post", None),
        ("c", "p", "comment", None),
        ("q", "q", "post", None),
    ]


def test_replies_may_be_called_comments(tmp_path: Path) -> None:
    below = {"id": 2, "text": "b", "comments": []}
    rows = [{"id": 1, "text": "a", "comments": [below]}]
    assert tree(told(tmp_path, rows)) == {"1": None, "2": "1"}


def test_each_line_keeps_its_own(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    row = {"thread": "t", "id": 1, "text": "a", "replies": [{"id": 2, "text": "b"}, {"id": 3}]}
    path.write_text(json.dumps(row) + "\n" + json.dumps({**row, "id": 5, "replies": 0}) + "\n")
    records = list(table.read(Source(path), {}))
    assert table.by_line(Source(path), {})
    found = [(c.id, c.thread_id, c.reply_to, c.line) for c in comments(records)]
    assert found == [("1", "t", None, 1), ("2", "t", "1", 1), ("5", "t", None, 2)]
    assert [r.line for r in records if isinstance(r, RecordError)] == [1]


def test_the_raw_record_is_the_comments_own(tmp_path: Path) -> None:
    author = {"name": "Ada", "id": 7}
    reply = {"id": 2, "text": "b", "author": {**author, "id": 8}}
    row = {"id": 1, "text": "a", "author": author, "replies": [reply]}
    first, second = comments(list(table.read(told(tmp_path, [row]), {})))
    assert first.raw == {"id": 1, "text": "a", "author": author}
    assert (first.author_name, first.author_id) == ("Ada", "7")
    assert (second.raw, second.author_id) == (reply, "8")


def test_long_conversations_may_be_deeper_than_values(tmp_path: Path) -> None:
    row: dict[str, Any] = {"id": 90, "text": "a"}
    for number in range(89, 0, -1):
        row = {"id": number, "text": "a", "replies": [row]}
    assert tree(told(tmp_path, [row])) == {
        str(n): str(n - 1) if n > 1 else None for n in range(1, 91)
    }


def test_hundreds_of_levels_are_refused_and_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "deep.json"
    row = '{"id": 1, "text": "a", "replies": ['
    path.write_text("[" + row * 600 + "]}" * 600 + "]")
    with pytest.raises(UnreadableFile, match="deeper than"):
        list(table.read(Source(path), {"dialect": "json", "columns": {"text": "text"}}))
