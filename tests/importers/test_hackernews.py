from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import InvalidInput, UnreadableFile
from importers import json_stream
from importers.formats import hackernews
from importers.records import CommentRecord, Note, Record, RecordError, ThreadRecord
from importers.registry import choose_format, get_format
from importers.source import Source
from tests.importers.golden import CASES, cases, check_case
from tests.importers.hostile import damaged, taken_bytes
from tests.importers.reading import comments, readable_anyhow

INPUTS = [next(case.glob("input.*")) for case in cases("hackernews")]
FIREBASE = CASES / "hackernews" / "firebase" / "input.jsonl"


def story(id: int = 1, **fields: Any) -> dict[str, Any]:
    return {"id": id, "type": "story", "by": "ada", "time": 1722524434, "title": "Knots", **fields}


def comment(id: int, parent: Any = 1, **fields: Any) -> dict[str, Any]:
    known = {"id": id, "type": "comment", "by": "ben", "time": 1722524500, "text": f"No. {id}"}
    return {**known, "parent": parent, **fields}


def node(id: int, *children: Any, **fields: Any) -> dict[str, Any]:
    known = {"id": id, "type": "comment", "author": "ben", "created_at_i": 1722524500, "text": "x"}
    return {**known, "children": [*children], **fields}


def read(folder: Path, *values: Any) -> list[Record]:
    path = folder / "items"
    path.write_text("\n".join(map(json.dumps, values)))
    return list(hackernews.read(Source(path), {}))


def ids(records: list[Record]) -> list[str]:
    return [record.id for record in comments(records)]


def missing(records: list[Record]) -> list[int]:
    return [record.missing for record in records if isinstance(record, ThreadRecord)]


@pytest.mark.parametrize("case", cases("hackernews"), ids=lambda case: case.name)
def test_golden_case(case: Path) -> None:
    check_case(case)


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.parent.name)
def test_it_is_recognised(path: Path) -> None:
    assert choose_format(Source(path)).name == "hackernews"


@pytest.mark.parametrize(
    "value",
    [
        comment(2),
        [story(), comment(2)],
        {"post": story(), "comments": [comment(2)]},
        {"1": story(), "2": comment(2)},
        [{"hits": [{"objectID": "2", "created_at_i": 1, "comment_text": "x", "story_id": 1}]}],
        node(1, node(2), type="story", title="Knots"),
    ],
)
def test_every_shape_is_recognised_and_read(tmp_path: Path, value: Any) -> None:
    path = tmp_path / "value"
    path.write_text(json.dumps(value))
    assert choose_format(Source(path)).name == "hackernews"
    (record,) = comments(list(hackernews.read(Source(path), {})))
    assert (record.id, record.thread_id, record.reply_to) == ("hn:2", "hn:1", None)


def test_siblings_come_as_they_are_ranked(tmp_path: Path) -> None:
    items = [comment(2), comment(3), comment(4, 3), comment(5, 3), comment(6), comment(7)]
    records = read(tmp_path, comment(8, 4), *items, story(kids=[7, 3, 2, 99]), comment(9, 3))
    assert ids(records) == ["hn:7", "hn:3", "hn:4", "hn:8", "hn:5", "hn:9", "hn:2", "hn:6"]
    assert isinstance(records[0], ThreadRecord)


def test_a_large_file_comes_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    items = [comment(3, 2), comment(2), story(kids=[4, 2]), comment(4)]
    small = read(tmp_path, *items)
    monkeypatch.setattr(hackernews, "DOCUMENT_LIMIT", 100)
    large = read(tmp_path, *items)
    assert (ids(small), ids(large)) == (["hn:4", "hn:2", "hn:3"], ["hn:3", "hn:2", "hn:4"])
    assert sorted(map(str, small)) == sorted(map(str, large))


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.parent.name)
def test_a_streamed_file_gives_the_same_records(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = list(hackernews.read(Source(path), {}))
    monkeypatch.setattr(json_stream, "DOCUMENT_LIMIT", 100)
    assert list(hackernews.read(Source(path), {})) == whole


def test_comments_without_their_story_stay_together(tmp_path: Path) -> None:
    records = read(tmp_path, comment(5, 4), comment(6, 5), comment(7, 4), comment(9, 8))
    assert {r.id: (r.thread_id, r.reply_to) for r in comments(records)} == {
        "hn:5": ("hn:4", None),
        "hn:6": ("hn:4", "hn:5"),
        "hn:7": ("hn:4", None),
        "hn:9": ("hn:8", None),
    }
    assert not any(isinstance(record, ThreadRecord) for record in records)


def test_a_story_that_is_told_is_the_thread_and_the_parent_is_kept(tmp_path: Path) -> None:
    hit = {"objectID": "9", "comment_text": "x", "created_at_i": 1722524500, "author": "ben"}
    told = {"story_id": 1, "story_title": "Knots", "parent_id": 8}
    records = read(tmp_path, {"hits": [{**hit, **told}]})
    (record,) = comments(records)
    assert (record.thread_id, record.reply_to) == ("hn:1", "hn:8")
    assert [r.title for r in records if isinstance(r, ThreadRecord)] == ["Knots"]


def test_rings_of_parents_end(tmp_path: Path) -> None:
    records = read(
        tmp_path, comment(7, 6), comment(5, 7), comment(6, 5), comment(8, 7), comment(9, 9)
    )
    assert sorted(ids(records)) == ["hn:5", "hn:6", "hn:7", "hn:8", "hn:9"]
    threads = {record.id: record.thread_id for record in comments(records)}
    assert threads["hn:9"] == "hn:9"
    assert {threads[f"hn:{id}"] for id in (5, 6, 7, 8)} == {"hn:5"}


def test_a_long_chain_is_followed(tmp_path: Path) -> None:
    chain = [comment(id, id - 1) for id in range(3_000, 1, -1)]
    records = read(tmp_path, *chain, story())
    assert {record.thread_id for record in comments(records)} == {"hn:1"}
    assert ids(records)[:2] == ["hn:2", "hn:3"]


@pytest.mark.parametrize(
    ("items", "count"),
    [
        ([story(kids=[2, 3]), comment(2)], 1),
        ([story(kids=[2]), comment(2, kids=[4, 5])], 2),
        ([story(kids=[2], descendants=9), comment(2, kids=[4])], 8),
        ([story(kids=[2], descendants=1), comment(2, kids=[4])], 1),
        ([story(kids=[2], descendants=-4), comment(2)], 0),
        ([{"objectID": "1", "title": "Knots", "created_at_i": 1, "num_comments": 3}], 3),
        ([node(1, node(2), node(3, node(4)), type="story", title="Knots")], 0),
    ],
)
def test_missing_comments_are_counted(tmp_path: Path, items: list[Any], count: int) -> None:
    assert missing(read(tmp_path, *items)) == [count]


def test_kids_of_an_unknown_story_are_noted(tmp_path: Path) -> None:
    records = read(tmp_path, comment(2, kids=[3, 4]), comment(4, 2))
    note = Note("missing comments of threads whose story is not in the file", 1)
    assert records[-1] == note


@pytest.mark.parametrize(
    ("fields", "status", "text"),
    [
        ({}, "visible", "No. 2"),
        ({"dead": True, "text": "[dead]"}, "dead", ""),
        ({"dead": True, "text": "[flagged]"}, "dead", ""),
        ({"dead": True, "text": "Legible"}, "dead", "Legible"),
        ({"dead": True, "text": None}, "dead", ""),
        ({"text": "[flagged]"}, "dead", ""),
        ({"deleted": True, "by": None, "text": None}, "deleted_by_author", ""),
        ({"deleted": True, "dead": True, "text": "[dead]"}, "deleted_by_author", ""),
        ({"by": None, "text": None}, "deleted_by_author", ""),
        ({"text": None}, "missing", ""),
        ({"dead": None, "deleted": False}, "visible", "No. 2"),
    ],
)
def test_statuses(tmp_path: Path, fields: dict[str, Any], status: str, text: str) -> None:
    (record,) = comments(read(tmp_path, comment(2, **fields)))
    assert (record.status, record.text) == (status, text)
    assert record.author_id == ("" if "by" in fields else "ben")


def test_html_becomes_text_and_is_kept(tmp_path: Path) -> None:
    html = 'It&#x27;s <i>so</i><p>See <a href="https:&#x2F;&#x2F;example.org&#x2F;a">there</a>'
    (record,) = comments(read(tmp_path, comment(2, text=html)))
    assert (record.text, record.html) == ("It's so\n\nSee there", html)
    assert [(record.text[k.start : k.end], k.url) for k in record.links] == [
        ("there", "https://example.org/a")
    ]
    assert [block.kind for block in record.blocks] == ["paragraph", "paragraph"]


def test_an_opening_shows_the_address_that_was_posted(tmp_path: Path) -> None:
    url = "https://example.org/?a=1&b=<2>"
    records = read(tmp_path, story(url=url, text="Why?"), story(2, url="item?id=2", text=""))
    openings = [record for record in records if isinstance(record, CommentRecord)]
    assert [(o.kind, o.text, o.html) for o in openings] == [
        ("post", f"{url}\n\nWhy?", "Why?"),
        ("post", "", ""),
    ]
    assert [link.url for link in openings[0].links] == [url]


def test_numbers_may_be_written_as_text(tmp_path: Path) -> None:
    item = {"id": "2", "type": "comment", "by": "ben", "parent": "1", "time": "1722524500"}
    (record,) = comments(read(tmp_path, item | {"text": "x"}, story("1")))  # type: ignore[arg-type]
    assert (record.id, record.thread_id) == ("hn:2", "hn:1")
    assert record.posted_at is not None


def test_nested_items_are_no_part_of_the_raw_record(tmp_path: Path) -> None:
    records = read(
        tmp_path, node(1, node(2, node(3)), type="story", title="Knots"), story(9, kids=[8])
    )
    raws = {r.id: r.raw for r in records if isinstance(r, CommentRecord)}
    assert [("children" in raws[f"hn:{id}"]) for id in (1, 2)] == [False, False]
    assert raws["hn:9"]["kids"] == [8]
    assert comments(records)[1].reply_to == "hn:2"


def test_items_of_other_sorts_are_told(tmp_path: Path) -> None:
    poll = story(1, type="poll", parts=[2])
    option = {"id": 2, "type": "pollopt", "poll": 1, "by": "ada", "time": 1, "text": "Oars"}
    records = read(
        tmp_path, poll, option, None, {"id": "ada", "karma": 3, "submitted": [1]}, {"x": 1}
    )
    assert Note("options of polls left out", 1) in records
    assert Note("empty items left out", 1) in records
    assert [r.line for r in records if isinstance(r, RecordError)] == [4, 5]
    assert not comments(records)


def test_a_newer_crawl_gives_the_same_ids(tmp_path: Path) -> None:
    older = ids(read(tmp_path, story(kids=[2]), comment(2)))
    newer = ids(read(tmp_path, story(kids=[3, 2]), comment(2), comment(3), comment(4, 2)))
    assert set(older) < set(newer)


def test_a_folder_is_read_as_one(tmp_path: Path) -> None:
    items = {"1": story(kids=[3, 2]), "2": comment(2), "3": comment(3), "4": comment(4, 3)}
    for name, item in items.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(item))
    (tmp_path / "5.json").write_text('{"id": 5, "type": "comm')
    (tmp_path / "notes.txt").write_text("Fetched in August")
    source = Source(tmp_path)
    assert choose_format(source).name == "hackernews"
    records = list(get_format("hackernews").read(source, {}))
    assert ids(records) == ["hn:3", "hn:4", "hn:2"]
    assert {record.thread_id for record in comments(records)} == {"hn:1"}
    assert missing(records) == [0]
    (refusal,) = (record for record in records if isinstance(record, RecordError))
    assert refusal.message.startswith("5.json: ")
    assert records[-1] == Note("files left out that are no JSON", 1)


def test_it_takes_no_options_and_no_files_without_items(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="colour"):
        list(hackernews.read(Source(FIREBASE), {"colour": "red"}))
    with pytest.raises(UnreadableFile, match="no items"):
        read(tmp_path, {"a": [1, "x"]})


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_any_damage_gives_records_or_a_refusal(data: st.DataObject) -> None:
    tree = node(4, node(5), type="story", title="Other", url="https://example.org")
    hit = {"objectID": "6", "comment_text": "x", "created_at_i": 1, "story_id": 1, "_tags": ["x"]}
    values = [story(kids=[2], descendants=3), comment(2, kids=[3]), tree, {"hits": [hit]}]
    document = data.draw(damaged(values))
    taken_bytes(hackernews.read, json.dumps(document).encode(), {})


@settings(max_examples=40, deadline=None)
@given(data=readable_anyhow)
def test_any_bytes_give_records_or_a_refusal(data: bytes) -> None:
    taken_bytes(hackernews.read, data, {})
