from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import InvalidInput, UnreadableFile
from importers import json_stream
from importers.formats import reddit_listing
from importers.records import CommentRecord, Note, Record, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.golden import CASES, cases, check_case
from tests.importers.hostile import damaged, taken_bytes
from tests.importers.reading import comments, readable_anyhow

PAGE = CASES / "reddit_listing" / "page" / "input.json"
ANSWERS = CASES / "reddit_listing" / "answers" / "input.jsonl"


def listing(*things: Any) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"children": list(things)}}


def post(id: str = "s1") -> dict[str, Any]:
    data = {"id": id, "title": "Title", "selftext": "Words", "is_self": True}
    return {"kind": "t3", "data": {**data, "permalink": f"/r/harbour/comments/{id}/title/"}}


def comment(id: str, parent: str = "t3_s1", *replies: Any, **fields: Any) -> dict[str, Any]:
    data = {"id": id, "parent_id": parent, "link_id": "t3_s1", "body": id, "author": "heron"}
    return {
        "kind": "t1",
        "data": {**data, "replies": listing(*replies) if replies else "", **fields},
    }


def stub(parent: str, count: Any, *children: Any) -> dict[str, Any]:
    return {"kind": "more", "data": {"count": count, "parent_id": parent, "children": [*children]}}


def more(*things: Any) -> dict[str, Any]:
    return {"json": {"errors": [], "data": {"things": [*things]}}}


def read(folder: Path, *answers: Any) -> list[Record]:
    path = folder / "answers"
    path.write_text("\n".join(map(json.dumps, answers)))
    return list(reddit_listing.read(Source(path), {}))


def missing(records: list[Record]) -> list[int]:
    return [record.missing for record in records if isinstance(record, ThreadRecord)]


@pytest.mark.parametrize("case", cases("reddit_listing"), ids=lambda case: case.name)
def test_golden_case(case: Path) -> None:
    check_case(case)


@pytest.mark.parametrize("path", [PAGE, ANSWERS], ids=lambda path: path.parent.name)
def test_it_is_recognised(path: Path) -> None:
    assert choose_format(Source(path)).name == "reddit_listing"


@pytest.mark.parametrize(
    "answer",
    [more(comment("a")), listing(post()), [listing(post()), listing()], [[listing(post())]]],
)
def test_every_answer_is_recognised(tmp_path: Path, answer: Any) -> None:
    path = tmp_path / "answer"
    path.write_text(json.dumps(answer, indent=1))
    assert choose_format(Source(path)).name == "reddit_listing"


def test_telling_the_format_changes_nothing() -> None:
    source = Source(PAGE)
    before = json.dumps(source.outline.values)
    reddit_listing.detect(source)
    assert json.dumps(source.outline.values) == before


def test_a_long_file_gives_the_same_records(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = list(reddit_listing.read(Source(PAGE), {}))
    monkeypatch.setattr(json_stream, "DOCUMENT_LIMIT", 100)
    assert list(reddit_listing.read(Source(PAGE), {})) == whole


def test_comments_come_in_reading_order(tmp_path: Path) -> None:
    tree = comment("a", "t3_s1", comment("b", "t1_a", comment("c", "t1_b")), comment("d", "t1_a"))
    records = read(tmp_path, [listing(post()), listing(tree, comment("e"))])
    assert [record.id for record in comments(records)] == ["t1_a", "t1_b", "t1_c", "t1_d", "t1_e"]
    assert comments(records)[2].reply_to == "t1_b"
    assert all("replies" not in record.raw for record in comments(records))


def test_the_thread_comes_first_even_where_its_submission_does_not(tmp_path: Path) -> None:
    records = read(tmp_path, listing(comment("a")), listing(post()))
    assert [getattr(record, "id", "") for record in records] == ["t3_s1", "t1_a", "t3_s1"]
    assert isinstance(records[0], ThreadRecord)


def test_a_deep_tree_is_read(tmp_path: Path) -> None:
    tree = comment("n0")
    for number in range(1, 150):
        tree = comment(f"n{number}", "t3_s1", tree)
    assert len(comments(read(tmp_path, [listing(post()), listing(tree)]))) == 150


@pytest.mark.parametrize(
    ("answers", "count"),
    [
        ([stub("t3_s1", 7, "x", "y")], 7),
        ([stub("t3_s1", 1, "x", "y")], 2),
        ([stub("t1_a", 0)], 1),
        ([stub("t1_a", 0), comment("b", "t1_a")], 0),
        ([stub("t3_s1", 2, "x"), comment("x"), comment("z", "t1_x")], 0),
        ([stub("t3_s1", 9, "x", "y", "z"), comment("x"), stub("t3_s1", 5, "y", "z")], 5),
        ([stub("t3_s1", 9, "x", "y"), comment("x")], 1),
        ([stub("t1_a", 2, "x"), stub("t1_b", 3, "y")], 5),
        ([stub("t1_a", "many", "x"), stub("t1_b", -3)], 2),
    ],
)
def test_missing_comments_are_counted(tmp_path: Path, answers: list[Any], count: int) -> None:
    assert missing(read(tmp_path, [listing(post()), listing(*answers)])) == [count]


def test_a_stub_answered_by_a_later_line_is_not_missing(tmp_path: Path) -> None:
    page = [listing(post()), listing(stub("t3_s1", 2, "x", "y"))]
    assert missing(read(tmp_path, page)) == [2]
    assert missing(read(tmp_path, page, more(comment("x"), comment("y")))) == [0]


def test_stubs_belong_to_their_own_thread(tmp_path: Path) -> None:
    pages = [[listing(post(id)), listing(stub("t1_q", 3, "x" + id))] for id in ("s1", "s2")]
    assert missing(read(tmp_path, *pages)) == [3, 3]


def test_stubs_of_an_unknown_thread_are_noted(tmp_path: Path) -> None:
    records = read(tmp_path, more(comment("x"), stub("t1_x", 4, "y")))
    assert [type(record) for record in records] == [CommentRecord, Note]
    note = Note("missing comments of threads whose submission is not in the file", 4)
    assert records[-1] == note


def test_a_newer_page_gives_the_same_ids(tmp_path: Path) -> None:
    older = read(tmp_path, [listing(post()), listing(comment("a"))])
    newer = read(tmp_path, [listing(post()), listing(comment("b"), comment("a", score=5))])
    assert {r.id for r in comments(older)} < {r.id for r in comments(newer)}


def test_a_bad_comment_costs_itself_alone(tmp_path: Path) -> None:
    tree = comment("a", "t3_s1", comment("b", "t1_a"), body=None)
    records = read(tmp_path, [listing(post()), listing(tree)])
    assert [record.id for record in comments(records)] == ["t1_b"]
    assert [r.message for r in records if isinstance(r, RecordError)] == [
        "Comment a was left out. Its body is no text."
    ]


def test_it_takes_no_options_and_no_broken_documents(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="colour"):
        list(reddit_listing.read(Source(PAGE), {"colour": "red"}))
    path = tmp_path / "cut"
    path.write_bytes(PAGE.read_bytes()[:-40])
    with pytest.raises(UnreadableFile):
        list(reddit_listing.read(Source(path), {}))


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_any_damage_gives_records_or_a_refusal(data: st.DataObject) -> None:
    tree = comment("a", "t3_s1", comment("b", "t1_a", stub("t1_b", 0)), stub("t1_a", 3, "c"))
    document = data.draw(damaged([listing(post()), listing(tree), more(comment("c", "t1_a"))]))
    taken_bytes(reddit_listing.read, json.dumps(document).encode(), {})


@settings(max_examples=40, deadline=None)
@given(data=readable_anyhow)
def test_any_bytes_give_records_or_a_refusal(data: bytes) -> None:
    taken_bytes(reddit_listing.read, data, {})
