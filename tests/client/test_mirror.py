"""A mirror is what the feed says, whatever stops it on the way."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from threadmark import Conflict, Interrupted, Threadmark, Unreachable

from tests.client.scripted import Reply, Script, refusal, reply


def change(kind: str, id: int, **row: Any) -> dict[str, Any]:
    return {"kind": kind, "id": id, "gone": not row, kind: {"id": id, **row} if row else None}


def page(cursor: str, *changes: dict[str, Any], more: bool = False) -> Reply:
    following = f"http://inside.example/api/v1/?cursor={cursor}&page_size=500" if more else None
    return reply({"next": following, "cursor": cursor, "results": changes})


def rows(path: Path) -> list[Any]:
    with path.open("rb") as file:
        return [json.loads(line) for line in file]


def test_what_changed_takes_its_place_and_what_is_gone_leaves(
    server: Threadmark, script: Script, tmp_path: Path
) -> None:
    thread = change("thread", 5, title="The mill")
    comments = [change("comment", n, text=f"a{n} \u2028 😀") for n in (3, 1, 2)]
    script.answers(page("c1", *comments, thread))
    first = server.mirror(tmp_path, corpus="talk")
    assert (first.changed, first.gone) == (4, 0)
    assert [row["id"] for row in rows(tmp_path / "comments.jsonl")] == [1, 2, 3]
    before = (tmp_path / "threads.jsonl").stat().st_mtime_ns

    new = [change("comment", 2), change("comment", 10, text="z"), change("comment", 3, text="b3")]
    script.answers(page("c2", *new))
    second = server.mirror(tmp_path, corpus="talk")
    assert (second.changed, second.gone) == (2, 1)
    assert "cursor=c1" in script.asked[1].path
    assert [(row["id"], row["text"]) for row in rows(tmp_path / "comments.jsonl")] == [
        (1, "a1 \u2028 😀"),
        (3, "b3"),
        (10, "z"),
    ]
    assert rows(tmp_path / "threads.jsonl") == [{"id": 5, "title": "The mill"}]
    assert (tmp_path / "threads.jsonl").stat().st_mtime_ns == before, "nothing of it had changed"
    assert json.loads((tmp_path / "mirror.json").read_text())["cursor"] == "c2"


def test_a_mirror_that_was_stopped_goes_on_where_it_was(
    server: Threadmark, script: Script, tmp_path: Path
) -> None:
    script.answers(page("c1", change("comment", 1, text="a"), more=True), *[Reply(503)] * 4)
    with pytest.raises(Unreachable):
        server.mirror(tmp_path, corpus="talk")
    assert not (tmp_path / "comments.jsonl").exists()
    script.answers(page("c2", change("comment", 2, text="b")))
    told = server.mirror(tmp_path, corpus="talk")
    assert "cursor=c1" in script.asked[-1].path
    assert told.changed == 2
    assert [row["id"] for row in rows(tmp_path / "comments.jsonl")] == [1, 2]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("comments.jsonl", "mirror.json", "threads.jsonl")
    ]


def test_a_mirror_that_dies_while_it_writes_writes_again(
    server: Threadmark, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the files and the cursor: the next call comes to the same."""
    script.answers(page("c1", change("annotation", 1, state="draft")))
    with monkeypatch.context() as dying:
        dying.setattr("threadmark.mirror.STATE", "no-such-folder/mirror.json")
        with pytest.raises(FileNotFoundError):
            server.mirror(tmp_path, campaign="study")
    script.answers(page("c2", change("annotation", 2, state="submitted"), change("annotation", 1)))
    server.mirror(tmp_path, campaign="study")
    assert rows(tmp_path / "annotations.jsonl") == [{"id": 2, "state": "submitted"}]


def test_a_cursor_that_the_server_does_not_know_is_told_in_its_words(
    server: Threadmark, script: Script, tmp_path: Path
) -> None:
    script.answers(page("c1", change("annotation", 1, state="draft")))
    server.mirror(tmp_path, campaign="study")
    script.answers(refusal(409, "conflict", "This cursor is from ahead: mirror anew."))
    with pytest.raises(Conflict, match="mirror anew"):
        server.mirror(tmp_path, campaign="study")
    assert rows(tmp_path / "annotations.jsonl") == [{"id": 1, "state": "draft"}]


def test_a_folder_mirrors_one_thing_and_by_one_process(
    server: Threadmark, script: Script, tmp_path: Path
) -> None:
    script.answers(page("c1", change("annotation", 1, state="draft")))
    server.mirror(tmp_path, campaign="study")
    with pytest.raises(Conflict, match="campaign study: choose another folder"):
        server.mirror(tmp_path, campaign="other")
    other = sqlite3.connect(tmp_path / ".mirror.journal", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Conflict, match="by another process"):
        server.mirror(tmp_path, campaign="study")
    other.close()


def test_changes_move_the_cursor_when_they_were_taken(server: Threadmark, script: Script) -> None:
    script.answers(
        page("c1", change("comment", 1, text="a"), change("comment", 2, text="b"), more=True),
        page("c2", change("comment", 3, text="c")),
    )
    changes = server.changes(corpus="talk", cursor="c0")
    seen = iter(changes)
    assert [next(seen)["id"], next(seen)["id"]] == [1, 2]
    assert changes.cursor == "c0", "the second change was not worked on to its end"
    assert next(seen)["id"] == 3
    assert changes.cursor == "c1"
    assert list(seen) == []
    assert changes.cursor == "c2"
    assert "cursor=c0" in script.asked[0].path


def test_half_a_page_of_changes_is_none(server: Threadmark, script: Script, tmp_path: Path) -> None:
    script.answers(*[Reply(body=b'{"next": null, "results"', length=900)] * 4)
    with pytest.raises((Interrupted, Unreachable)):
        server.mirror(tmp_path, campaign="study")
    assert not (tmp_path / "annotations.jsonl").exists()
