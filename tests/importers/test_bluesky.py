from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import InvalidInput, UnreadableFile
from importers.formats import bluesky
from importers.records import CommentRecord, Note, Record, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.golden import CASES, cases, check_case
from tests.importers.hostile import damaged, taken_bytes
from tests.importers.reading import comments, readable_anyhow

TREE = CASES / "bluesky" / "tree" / "input.json"
FLAT = CASES / "bluesky" / "flat" / "input.json"
LINES = CASES / "bluesky" / "lines" / "input.jsonl"


def uri(name: str) -> str:
    return f"at://did:plc:ada/app.bsky.feed.post/{name}"


def post(name: str, above: str = "", root: str = "", **record: Any) -> dict[str, Any]:
    said = {"$type": "app.bsky.feed.post", "text": "Hello", **record}
    if above:
        said["reply"] = {"parent": {"uri": uri(above)}, "root": {"uri": uri(root or above)}}
    return {
        "uri": uri(name),
        "author": {"did": "did:plc:ada", "handle": "ada.example"},
        "record": said,
        "indexedAt": "2024-03-01T12:00:00Z",
    }


def read(path: Path, value: Any, **options: Any) -> list[Record]:
    file = path / "thread.json"
    file.write_text(json.dumps(value))
    return list(bluesky.read(Source(file), options))


@pytest.mark.parametrize("case", cases("bluesky"), ids=lambda case: case.name)
def test_golden_case(case: Path) -> None:
    check_case(case)


@pytest.mark.parametrize("path", [TREE, FLAT, LINES], ids=lambda path: path.parent.name)
def test_it_is_recognised_also_where_the_head_cuts_it(path: Path, tmp_path: Path) -> None:
    assert choose_format(Source(path)).name == "bluesky"
    cut = tmp_path / "cut.json"
    cut.write_bytes(path.read_bytes()[:-40])
    assert bluesky.detect(Source(cut)) >= 0.95


def test_speaking_of_bluesky_is_not_enough(tmp_path: Path) -> None:
    path = tmp_path / "talk.json"
    path.write_text(json.dumps({"uri": uri("a"), "text": "app.bsky.feed.post", "record": "x"}))
    assert bluesky.detect(Source(path)) == 0


@pytest.mark.parametrize("wrap", [lambda t: t, lambda t: [t], lambda t: {"a": {"thread": t}}])
def test_a_thread_may_come_bare_in_a_list_or_in_a_map(tmp_path: Path, wrap: Any) -> None:
    thread = {"post": post("a"), "replies": [{"post": post("b", "a")}]}
    records = read(tmp_path, wrap(thread))
    assert [r.id for r in comments(records)] == [uri("a"), uri("b")]
    assert {r.thread_id for r in comments(records)} == {uri("a")}


def test_posts_without_a_tree_know_their_threads(tmp_path: Path) -> None:
    records = read(tmp_path, {"posts": [post("a"), post("c", "b", "r")], "hitsTotal": 2})
    assert [(r.thread_id, r.reply_to) for r in comments(records)] == [
        (uri("a"), None),
        (uri("r"), uri("b")),
    ]


def test_parents_come_first_and_a_newer_crawl_gives_the_same_ids(tmp_path: Path) -> None:
    anchor = {"post": post("c", "b", "a"), "parent": {"post": post("b", "a")}}
    older = comments(read(tmp_path, anchor))
    newer = comments(
        read(
            tmp_path, {**anchor, "parent": {"post": post("b", "a"), "parent": {"post": post("a")}}}
        )
    )
    assert [r.id for r in newer] == [uri("a"), uri("b"), uri("c")]
    assert [(r.id, r.thread_id, r.reply_to) for r in older] == [
        (r.id, r.thread_id, r.reply_to) for r in newer[1:]
    ]


def test_replies_that_are_counted_but_not_given_are_missing(tmp_path: Path) -> None:
    thread = {
        "post": {**post("a"), "replyCount": 4},
        "replies": [{"post": {**post("b", "a"), "replyCount": 2}}],
    }
    records = read(tmp_path, thread)
    assert [r.missing for r in records if isinstance(r, ThreadRecord)] == [5]


@pytest.mark.parametrize(
    ("created", "expected"),
    [
        ("2024-03-01T11:00:00Z", "2024-03-01T11:00:00+00:00"),
        ("2031-01-01T00:00:00Z", "2024-03-01T12:00:00+00:00"),
        ("yesterday", "2024-03-01T12:00:00+00:00"),
        (None, "2024-03-01T12:00:00+00:00"),
    ],
)
def test_a_time_after_the_server_saw_the_post_is_not_believed(
    tmp_path: Path, created: Any, expected: str
) -> None:
    (record,) = comments(read(tmp_path, {"post": post("a", createdAt=created)}))
    assert record.posted_at is not None
    assert record.posted_at.isoformat() == expected


def test_offsets_in_bytes_become_offsets_in_code_points(tmp_path: Path) -> None:
    text = "🚢 ü @ben"
    at = len("🚢 ü ".encode())
    feature = [{"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:ben"}]
    places = [(at, at + 4), (1, 4), (at, 99), ("a", None)]
    facets = [{"index": {"byteStart": a, "byteEnd": b}, "features": feature} for a, b in places]
    (record,) = comments(read(tmp_path, {"post": post("a", text=text, facets=facets)}))
    (mention,) = record.relations
    assert text[mention.start : mention.end] == "@ben"
    assert mention.target_author_id == "did:plc:ben"


def test_what_holds_no_thread_is_refused(tmp_path: Path) -> None:
    (error,) = read(tmp_path, {"error": "NotFound", "message": "Post not found"})
    assert isinstance(error, RecordError)
    assert "NotFound. Post not found" in error.message
    (error,) = read(tmp_path, {"thread": {"post": {"uri": uri("a")}}})
    assert isinstance(error, RecordError)


def test_addresses_are_dropped_unless_asked_for(tmp_path: Path) -> None:
    thread = {"post": {**post("a"), "email": "ada@example.org"}}
    assert Note("e-mail addresses dropped") in read(tmp_path, thread)
    (record,) = comments(read(tmp_path, thread, keep_private=True))
    assert record.raw["email"] == "ada@example.org"


def test_unknown_options_are_refused() -> None:
    with pytest.raises(InvalidInput, match="colour"):
        list(bluesky.read(Source(TREE), {"colour": "red"}))


def test_a_document_that_is_cut_off_gives_nothing(tmp_path: Path) -> None:
    path = tmp_path / "thread.json"
    path.write_bytes(TREE.read_bytes()[:-20])
    with pytest.raises(UnreadableFile, match="Nothing of it was imported"):
        list(bluesky.read(Source(path), {}))


def test_a_thread_as_deep_as_json_can_be_is_read(tmp_path: Path) -> None:
    thread: dict[str, Any] = {"post": post("n0")}
    for number in range(1, 200):
        thread = {"post": post(f"n{number}"), "replies": [thread]}
    records = read(tmp_path, thread)
    assert len([r for r in records if isinstance(r, CommentRecord)]) == 200


@settings(max_examples=50, deadline=None)
@given(data=st.data(), path=st.sampled_from([TREE, FLAT]))
def test_any_damage_gives_records_or_a_refusal(data: st.DataObject, path: Path) -> None:
    document = data.draw(damaged(json.loads(path.read_text())))
    taken_bytes(bluesky.read, json.dumps(document).encode(), {})


@settings(max_examples=40, deadline=None)
@given(data=readable_anyhow)
def test_any_bytes_give_records_or_a_refusal(data: bytes) -> None:
    taken_bytes(bluesky.read, data, {})
