from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import InvalidInput, UnreadableFile
from importers.formats import fourchan
from importers.records import CommentRecord, Record, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.golden import CASES, cases, check_case
from tests.importers.hostile import damaged, json_values, taken_bytes
from tests.importers.reading import readable_anyhow

THREAD = CASES / "fourchan" / "thread" / "input.json"
CATALOG = CASES / "fourchan" / "catalog" / "input.json"


def post(number: int, com: str = "Words", resto: int = 10, **fields: Any) -> dict[str, Any]:
    return {"no": number, "resto": resto, "time": 1646125200, "com": com, **fields}


def opening(number: int = 10, **fields: Any) -> dict[str, Any]:
    return post(number, "Opening", 0, **fields)


def link(number: int, href: str = "") -> str:
    return f'<a href="{href or f"#p{number}"}" class="quotelink">&gt;&gt;{number}</a>'


def read(folder: Path, document: Any, **options: Any) -> list[Record]:
    path = folder / "input.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return list(fourchan.read(Source(path), options))


def said(records: list[Record]) -> dict[str, CommentRecord]:
    return {record.id: record for record in records if isinstance(record, CommentRecord)}


def threads(records: list[Record]) -> list[ThreadRecord]:
    return [record for record in records if isinstance(record, ThreadRecord)]


@pytest.mark.parametrize("case", cases("fourchan"), ids=lambda case: case.name)
def test_golden_case(case: Path) -> None:
    check_case(case)


@pytest.mark.parametrize("path", [THREAD, CATALOG], ids=lambda path: path.parent.name)
def test_it_is_recognised(path: Path) -> None:
    assert choose_format(Source(path)).name == "fourchan"


@pytest.mark.parametrize(
    "document",
    [
        {"posts": [opening(), post(11)]},
        {"threads": [{"posts": [opening(), post(11)]}]},
        [{"page": 1, "threads": [{**opening(), "last_replies": [post(11)]}]}],
        [{"posts": [opening(), post(11)]}],
    ],
)
def test_the_shapes_of_its_answers(tmp_path: Path, document: Any) -> None:
    records = read(tmp_path, document)
    assert [thread.id for thread in threads(records)] == ["4chan:10"]
    assert [(c.id, c.kind) for c in said(records).values()] == [
        ("4chan:10", "post"),
        ("4chan:11", "comment"),
    ]
    assert fourchan.detect(Source(tmp_path / "input.json")) >= 0.95


def test_threads_one_a_line_stand_for_themselves(tmp_path: Path) -> None:
    lines = [json.dumps({"posts": [opening(n), post(n + 1, resto=n)]}) for n in (10, 20)]
    records = read(tmp_path, "\n".join([lines[0], "{broken", "[1, 2]", lines[1]]))
    assert fourchan.by_line(Source(tmp_path / "input.json"), {})
    assert [c.line for c in said(records).values()] == [1, 1, 4, 4]
    assert [r.line for r in records if isinstance(r, RecordError)] == [2, 3]


def test_all_named_posts_are_quotes_and_the_first_earlier_one_the_parent(tmp_path: Path) -> None:
    com = link(14) + link(12) + link(11) + link(13)
    found = said(read(tmp_path, {"posts": [opening(), post(13, com)]}))["4chan:13"]
    assert found.reply_to == "4chan:12"
    assert [r.target_id for r in found.relations] == ["4chan:14", "4chan:12", "4chan:11"]
    assert [found.text[r.start : r.end] for r in found.relations] == [">>14", ">>12", ">>11"]


@pytest.mark.parametrize(
    ("href", "target", "parent"),
    [
        ("#p10", "po:10", "po:10"),
        ("/po/thread/10#p10", "po:10", "po:10"),
        ("10#p10", "po:10", "po:10"),
        ("/po/thread/10/slug#p10", "po:10", "po:10"),
        ("/po/thread/9#p10", "po:10", None),
        ("/x/thread/9#p10", "x:10", None),
        ("//boards.4chan.org/po/thread/9#p10", "po:10", None),
    ],
)
def test_links_to_posts(tmp_path: Path, href: str, target: str, parent: str | None) -> None:
    document = {"posts": [opening(), post(13, link(10, href))]}
    found = said(read(tmp_path, document, board="po"))["po:13"]
    assert [r.target_id for r in found.relations] == [target]
    assert found.reply_to == parent


@pytest.mark.parametrize("href", ["//boards.4chan.org/po/catalog#s=x", "/x/", "https://a.example"])
def test_other_links_are_no_quotes(tmp_path: Path, href: str) -> None:
    found = said(read(tmp_path, {"posts": [opening(), post(13, link(10, href))]}))["4chan:13"]
    assert (found.relations, found.reply_to, len(found.links)) == ((), None, 1)


@pytest.mark.parametrize(
    ("fields", "author"),
    [
        ({"name": "Anonymous"}, ("", "")),
        ({"name": "Maren"}, ("", "")),
        ({"name": "Maren", "trip": "!abc"}, ("!abc", "Maren")),
        ({"id": "Xy1"}, ("4chan:10:Xy1", "Xy1")),
        ({"name": "Anonymous", "capcode": "mod"}, ("", "")),
    ],
)
def test_only_tripcodes_and_ids_are_somebody(
    tmp_path: Path, fields: dict[str, Any], author: tuple[str, str]
) -> None:
    found = said(read(tmp_path, {"posts": [opening(), post(11, **fields)]}))["4chan:11"]
    assert (found.author_id, found.author_name) == author


@pytest.mark.parametrize(
    ("fields", "missing"),
    [({"replies": 5}, 4), ({"replies": 1}, 0), ({"omitted_posts": 3}, 3), ({"replies": "x"}, 0)],
)
def test_replies_beyond_the_file_are_missing(
    tmp_path: Path, fields: dict[str, Any], missing: int
) -> None:
    records = read(tmp_path, {"posts": [opening(**fields), post(11)]})
    assert threads(records)[0].missing == missing


def test_a_piece_of_a_thread_belongs_to_it(tmp_path: Path) -> None:
    records = read(tmp_path, {"posts": [post(11), post(12)]})
    assert {c.thread_id for c in said(records).values()} == {"4chan:10"}
    assert {c.kind for c in said(records).values()} == {"comment"}


def test_a_newer_crawl_keeps_the_ids(tmp_path: Path) -> None:
    older = said(read(tmp_path, {"posts": [opening(), post(11)]}))
    newer = said(read(tmp_path, {"posts": [opening(), post(12), post(13)]}))
    assert set(older) & set(newer) == {"4chan:10"}


def test_lists_that_only_name_threads_and_broken_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="only name them"):
        read(tmp_path, [{"page": 1, "threads": [{"no": 1, "last_modified": 2}]}])
    with pytest.raises(UnreadableFile, match="line"):
        read(tmp_path, '{"posts": [\n{"no": 1, "resto": 0, "com": "a\nb"}]}')


def test_options_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="options"):
        read(tmp_path, {"posts": [opening()]}, boards="po")
    with pytest.raises(InvalidInput, match="board"):
        read(tmp_path, {"posts": [opening()]}, board="the board po")


@settings(max_examples=60, deadline=None)
@given(document=damaged([{"threads": [{**opening(), "last_replies": [post(11, link(10))]}]}]))
def test_a_damaged_catalog_gives_records_or_a_refusal(document: Any) -> None:
    taken_bytes(fourchan.read, json.dumps(document).encode(), {})


@settings(max_examples=30, deadline=None)
@given(fields=st.dictionaries(st.sampled_from([*opening(), "trip", "sub", "replies"]), json_values))
def test_posts_of_any_values_give_records_or_a_refusal(fields: dict[str, Any]) -> None:
    document = {"posts": [{**opening(), **fields}, {**post(11), **fields}]}
    taken_bytes(fourchan.read, json.dumps(document).encode(), {"board": "po"})


@settings(max_examples=40, deadline=None)
@given(data=readable_anyhow)
def test_any_bytes_give_records_or_a_refusal(data: bytes) -> None:
    taken_bytes(fourchan.read, data, {})
