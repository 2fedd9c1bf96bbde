from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import InvalidInput
from importers.formats import reddit_dump, reddit_listing
from importers.nesting import nests_deeper
from importers.privacy import DEPTH_LIMIT, TOO_DEEP
from importers.records import (
    BlockRecord,
    CommentRecord,
    Note,
    Record,
    RecordError,
    ThreadRecord,
)
from importers.registry import choose_format
from importers.source import Piece, Source
from tests.importers.golden import CASES, cases, check_case
from tests.importers.hostile import damaged, taken_bytes
from tests.importers.reading import comments, plain, readable_anyhow

MIXED = CASES / "reddit_dump" / "mixed" / "input.ndjson"
ANSWER = CASES / "reddit_dump" / "answer" / "input.json"


def comment(id: str = "c1", body: Any = "Hello", **fields: Any) -> dict[str, Any]:
    return {
        "author": "heron",
        "body": body,
        "created_utc": 1251763202,
        "id": id,
        "link_id": "t3_s1",
        "parent_id": "t3_s1",
        "score": 1,
        "subreddit": "harbour",
        **fields,
    }


def submission(id: str = "s1", **fields: Any) -> dict[str, Any]:
    return {
        "author": "otter",
        "created_utc": 1251763000,
        "id": id,
        "is_self": True,
        "num_comments": 3,
        "permalink": f"/r/harbour/comments/{id}/title/",
        "selftext": "Words",
        "subreddit": "harbour",
        "title": "Title",
        "url": f"https://www.reddit.com/r/harbour/comments/{id}/title/",
        **fields,
    }


def read(folder: Path, *objects: Any) -> list[Record]:
    path = folder / "dump"
    path.write_text("".join(json.dumps(value) + "\n" for value in objects))
    return [plain(record) for record in reddit_dump.read(Source(path), {})]


def one(folder: Path, value: dict[str, Any]) -> CommentRecord:
    (record,) = (r for r in read(folder, value) if isinstance(r, CommentRecord))
    return record


@pytest.mark.parametrize("case", cases("reddit_dump"), ids=lambda case: case.name)
def test_golden_case(case: Path) -> None:
    check_case(case)


@pytest.mark.parametrize("path", [MIXED, ANSWER], ids=lambda path: path.parent.name)
def test_it_is_recognised(path: Path) -> None:
    assert choose_format(Source(path)).name == "reddit_dump"


@pytest.mark.parametrize("value", [comment(), submission()], ids=["comment", "submission"])
def test_a_single_line_is_recognised(tmp_path: Path, value: dict[str, Any]) -> None:
    path = tmp_path / "one"
    path.write_text(json.dumps(value))
    assert choose_format(Source(path)).name == "reddit_dump"


def test_a_list_gives_the_same_as_lines(tmp_path: Path) -> None:
    values = [submission(), comment("c1"), comment("c2", parent_id="t1_c1")]
    lines = read(tmp_path, *values)
    path = tmp_path / "list.json"
    path.write_text(json.dumps(values))
    source = Source(path)
    assert not reddit_dump.by_line(source, {})
    assert [_without_line(record) for record in reddit_dump.read(source, {})] == [
        _without_line(record) for record in lines
    ]


def test_packed_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "dump.gz"
    path.write_bytes(gzip.compress(MIXED.read_bytes()))
    assert list(reddit_dump.read(Source(path), {})) == list(reddit_dump.read(Source(MIXED), {}))


def test_pieces_give_the_records_of_their_lines() -> None:
    whole = Source(MIXED)
    assert reddit_dump.by_line(whole, {})
    data = MIXED.read_bytes()
    cut = data.index(b"\n", len(data) // 2) + 1
    first = Piece(whole, 0, cut, 1)
    rest = Piece(whole, cut, len(data), data.count(b"\n", 0, cut) + 1)
    pieces = [*reddit_dump.read(first, {}), *reddit_dump.read(rest, {})]
    records = list(reddit_dump.read(whole, {}))
    assert [r for r in pieces if not isinstance(r, Note)] == [
        r for r in records if not isinstance(r, Note)
    ]
    assert len(records) > 10


def test_comments_name_their_thread_but_do_not_tell_it(tmp_path: Path) -> None:
    records = read(tmp_path, comment("a"), comment("b", link_title="Title"), submission())
    assert [type(record) for record in records] == [
        CommentRecord,
        CommentRecord,
        ThreadRecord,
        CommentRecord,
    ]
    assert {r.thread_id for r in records if isinstance(r, CommentRecord)} == {"t3_s1"}


def test_ids_of_comments_and_submissions_do_not_collide(tmp_path: Path) -> None:
    records = read(tmp_path, submission("x1"), comment("x1", link_id="t3_x1"))
    assert [r.id for r in records if isinstance(r, CommentRecord)] == ["t3_x1", "t1_x1"]


@pytest.mark.parametrize(
    ("parent", "reply_to"),
    [
        ("t3_s1", None),
        ("t1_gone", "t1_gone"),
        ("gone", "t1_gone"),
        ("s1", None),
        (None, None),
        (36, "t1_10"),
        ("", None),
        ([1], None),
        (-5, None),
    ],
)
def test_parents(tmp_path: Path, parent: Any, reply_to: str | None) -> None:
    assert one(tmp_path, comment(parent_id=parent)).reply_to == reply_to


def test_the_parent_tells_the_thread_where_nothing_else_does(tmp_path: Path) -> None:
    assert one(tmp_path, comment(link_id=None)).thread_id == "t3_s1"
    (refusal,) = read(tmp_path, comment(link_id=None, parent_id="t1_a"))
    assert isinstance(refusal, RecordError)
    assert "which submission" in refusal.message


@pytest.mark.parametrize("written", [1251763202, 1251763202.0, "1251763202", "1251763202.0"])
def test_times(tmp_path: Path, written: Any) -> None:
    record = one(tmp_path, comment(created_utc=written, edited=written))
    assert record.posted_at == datetime(2009, 9, 1, 0, 0, 2, tzinfo=UTC)
    assert record.edited_at == record.posted_at


@pytest.mark.parametrize("edited", [False, True, None, 0, ""])
def test_no_time_of_editing(tmp_path: Path, edited: Any) -> None:
    assert one(tmp_path, comment(edited=edited)).edited_at is None


@pytest.mark.parametrize("written", ["soon", [1], {}, 10**15, -1e300, "9" * 30, True])
def test_a_time_that_cannot_be_read_costs_no_comment(tmp_path: Path, written: Any) -> None:
    records = read(tmp_path, comment(created_utc=written))
    assert comments(records)[0].posted_at is None
    assert records[1:] == [Note("times left out that cannot be read", 1)]


@pytest.mark.parametrize(
    ("written", "score"), [(-3, -3), ("7", 7), (4.0, 4), (None, None), (2**40, None), ([], None)]
)
def test_scores(tmp_path: Path, written: Any, score: int | None) -> None:
    assert one(tmp_path, comment(score=written)).score == score


@pytest.mark.parametrize(
    ("body", "fields", "status", "text"),
    [
        ("[deleted]", {"author": "[deleted]"}, "deleted_by_author", ""),
        ("[removed]", {}, "removed_by_moderator", ""),
        ("[removed]", {"_meta": {"removal_type": "deleted"}}, "removed_by_moderator", ""),
        ("[ Removed by Reddit ]", {}, "removed_by_moderator", ""),
        ("[ Removed by reddit in response to a notice. ]", {}, "removed_by_moderator", ""),
        ("[unavailable]", {"author": "[unavailable]"}, "blocked", ""),
        ("[removed] is what it said", {}, "visible", "[removed] is what it said"),
        ("Still here", {"author": "[deleted]"}, "visible", "Still here"),
        ("Kept", {"_meta": {"removal_type": "deleted"}}, "deleted_by_author", "Kept"),
        ("Kept", {"_meta": {"removal_type": "removed"}}, "removed_by_moderator", "Kept"),
        ("Kept", {"_meta": ["odd"]}, "visible", "Kept"),
        ("Kept", {"removed_by_category": "automod_filtered"}, "removed_by_moderator", "Kept"),
    ],
)
def test_statuses(
    tmp_path: Path, body: str, fields: dict[str, Any], status: str, text: str
) -> None:
    record = one(tmp_path, comment(body=body, **fields))
    assert (record.status, record.text, record.raw["body"]) == (status, text, body)
    assert record.author_id == ("" if "author" in fields else "heron")


@pytest.mark.parametrize(
    ("body", "fields", "text"),
    [
        ("a &amp;amp; b &lt;i&gt;", {}, "a &amp; b <i>"),
        ("&amp;#x200B;&amp;lt;", {}, "&#x200B;&lt;"),
        ("it&#39;s &quot;so&quot;", {}, "it&#39;s &quot;so&quot;"),
        ("a & b &amp; c", {}, "a & b &amp; c"),
        ("> &amp; typed", {}, "> &amp; typed"),
        ("&gt; typed", {"_meta": {"retrieved_2nd_on": 1}}, "&gt; typed"),
        ("&gt; typed", {"body_html": '<div class="md">'}, "&gt; typed"),
        ("a &amp; b", {"body_html": "&lt;div class='md'&gt;"}, "a & b"),
    ],
)
def test_entities_are_decoded_once_where_reddit_made_them(
    tmp_path: Path, body: str, fields: dict[str, Any], text: str
) -> None:
    record = one(tmp_path, comment(body=body, **fields))
    assert (record.text, record.raw["body"]) == (text, body)


def test_quoted_lines_are_blocks(tmp_path: Path) -> None:
    text = "> One\n> two\nThree\n\n \nFour\n>!secret!<\n"
    assert one(tmp_path, comment(body=text)).blocks == (
        BlockRecord("quote", 0, 11),
        BlockRecord("paragraph", 12, 17),
        BlockRecord("paragraph", 21, 36),
    )
    assert one(tmp_path, comment(body=">!secret!<\n\na > b")).blocks == ()


@pytest.mark.parametrize(
    ("fields", "text", "links"),
    [
        ({}, "Words", []),
        ({"is_self": None}, "Words", []),
        ({"is_self": None, "domain": "self.harbour", "url": "https://x.example/"}, "Words", []),
        ({"is_self": False, "selftext": ""}, "U", ["U"]),
        ({"is_self": False}, "U\n\nWords", ["U"]),
        ({"is_self": False, "selftext": "[deleted]"}, "U", ["U"]),
        ({"is_self": False, "url": ""}, "Words", []),
    ],
)
def test_an_opening_shows_what_was_posted(
    tmp_path: Path, fields: dict[str, Any], text: str, links: list[str]
) -> None:
    url = "https://example.org/boat"
    address = {} if fields.get("is_self", True) is not False else {"url": url}
    record = one(tmp_path, submission(**{**address, **fields}))
    assert record.text == text.replace("U", url)
    assert [link.url for link in record.links] == [url for _ in links]
    assert [record.text[link.start : link.end] for link in record.links] == [url for _ in links]


def test_private_fields_are_dropped_and_counted(tmp_path: Path) -> None:
    inner = {"user": {"e-mail": "a@example.org", "name": "x"}, "list": ["x", {"IP": "192.0.2.1"}]}
    for _ in range(2):  # names that were met before must be found again
        records = read(tmp_path, comment(author_email="b@example.org", more=inner))
        assert comments(records)[0].raw["more"] == {"user": {"name": "x"}, "list": ["x", {}]}
        assert "author_email" not in comments(records)[0].raw
        assert {Note("e-mail addresses dropped", 2), Note("IP addresses dropped", 1)} <= {
            record for record in records if isinstance(record, Note)
        }


def nested(depth: int, kinds: str) -> Any:
    """``depth`` containers, one within the other, of the sorts in turn."""
    value: Any = 1
    for level in range(depth):
        value = [value] if kinds[level % len(kinds)] == "[" else {"x": value}
    return value


def lines_of(folder: Path, *lines: str) -> list[Record]:
    path = folder / "dump"
    path.write_text("".join(f"{line}\n" for line in lines))
    return list(reddit_dump.read(Source(path), {}))


def raw_json(record: Record) -> bytes:
    """The raw record as it would be stored."""
    assert isinstance(record, CommentRecord)
    return record.raw_json.encode() or msgspec.json.encode(record.raw)


@pytest.mark.parametrize("kinds", ["[", "{", "{[", "{{{["])
@pytest.mark.parametrize("depth", [64, 65, 300, 850])
@pytest.mark.parametrize("make", [comment, submission])
def test_what_nests_too_deep_to_be_read_again_is_cut_and_counted(
    tmp_path: Path, make: Callable[..., dict[str, Any]], depth: int, kinds: str
) -> None:
    records = read(tmp_path, make(more=nested(depth, kinds)))
    (opening,) = (record for record in records if isinstance(record, CommentRecord))
    assert not nests_deeper(raw_json(opening), DEPTH_LIMIT)
    assert Note(TOO_DEEP, 1) in records


@pytest.mark.parametrize("kinds", ["[", "{"])
def test_what_does_not_nest_too_deep_is_kept_as_it_was(tmp_path: Path, kinds: str) -> None:
    line = json.dumps(comment(more=nested(63, kinds), body="[{" * 200))
    (record,) = lines_of(tmp_path, line)
    assert raw_json(record) == line.encode()


def test_a_value_that_a_later_one_of_its_name_replaces_is_not_stored(tmp_path: Path) -> None:
    for deep in (nested(300, "["), nested(300, "{")):
        line = json.dumps(comment(twice=deep))[:-1] + ', "twice": 1}'
        (record,) = lines_of(tmp_path, line)
        assert json.loads(raw_json(record)) == comment(twice=1)


def test_a_deep_value_in_a_list_of_records_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text(json.dumps([comment("a"), comment("b", more=nested(100, "{["))]))
    records = list(reddit_dump.read(Source(path), {}))
    assert not any(nests_deeper(raw_json(record), DEPTH_LIMIT) for record in comments(records))
    assert records[-1] == Note(TOO_DEEP, 1)


def test_a_listing_gives_the_same_comment(tmp_path: Path) -> None:
    values = [submission(), comment()]
    dumped = read(tmp_path, *values)
    things = [{"kind": kind, "data": v} for kind, v in zip(("t3", "t1"), values, strict=True)]
    path = tmp_path / "listing.json"
    path.write_text(json.dumps({"kind": "Listing", "data": {"children": things}}))
    listed = list(reddit_listing.read(Source(path), {}))
    assert listed == [_without_line(record) for record in dumped]


def test_a_pair_cut_in_half_is_mended_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "dump"
    path.write_text(
        json.dumps(comment(body="x")).replace('"x"', '"\\ud83d \\u0000 \\ud83d\\ude00"')
    )
    record, note = reddit_dump.read(Source(path), {})
    assert isinstance(record, CommentRecord)
    assert record.text == "\ufffd \ufffd 😀"
    assert note == Note("characters replaced that no database keeps", 2)


def test_it_takes_no_options() -> None:
    with pytest.raises(InvalidInput, match="colour"):
        list(reddit_dump.read(Source(MIXED), {"colour": "red"}))


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_any_damage_gives_records_or_a_refusal(data: st.DataObject) -> None:
    values = [comment(_meta={"removal_type": "x"}, edited=1), submission(is_self=False)]
    document = data.draw(damaged(values))
    lines = document if isinstance(document, list) else [document]
    taken_bytes(reddit_dump.read, "\n".join(map(json.dumps, lines)).encode(), {})
    taken_bytes(reddit_dump.read, json.dumps({"data": document}).encode(), {})


@settings(max_examples=40, deadline=None)
@given(data=readable_anyhow)
def test_any_bytes_give_records_or_a_refusal(data: bytes) -> None:
    taken_bytes(reddit_dump.read, data, {})


def _without_line(record: Record) -> Any:
    if isinstance(record, CommentRecord):
        return msgspec.structs.replace(record, line=None)
    return record
