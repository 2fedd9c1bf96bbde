from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import InvalidInput, UnreadableFile
from importers.formats import discourse
from importers.records import CommentRecord, Note, Record, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.golden import CASES, cases, check_case
from tests.importers.hostile import damaged, json_values, taken_bytes
from tests.importers.reading import readable_anyhow

TOPIC = CASES / "discourse" / "topic" / "input.json"
PAGES = CASES / "discourse" / "pages" / "input.d"


def post(number: int, topic: int = 5, **fields: Any) -> dict[str, Any]:
    return {
        "id": 100 * topic + number,
        "post_number": number,
        "topic_id": topic,
        "post_type": 1,
        "username": "ada",
        "cooked": f"<p>Post {number}</p>",
        "created_at": "2022-03-01T10:00:00.000Z",
        **fields,
    }


def topic(*posts: Any, **fields: Any) -> dict[str, Any]:
    return {"id": 5, "title": "T", "slug": "t", "post_stream": {"posts": list(posts)}, **fields}


def read(folder: Path, document: Any, **options: Any) -> list[Record]:
    path = folder / "input.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return list(discourse.read(Source(path), options))


def said(records: list[Record]) -> dict[str, CommentRecord]:
    return {record.id: record for record in records if isinstance(record, CommentRecord)}


def threads(records: list[Record]) -> list[ThreadRecord]:
    return [record for record in records if isinstance(record, ThreadRecord)]


@pytest.mark.parametrize("case", cases("discourse"), ids=lambda case: case.name)
def test_golden_case(case: Path) -> None:
    check_case(case)


def test_it_is_recognised_whole_and_cut(tmp_path: Path) -> None:
    assert choose_format(Source(TOPIC)).name == "discourse"
    cut = tmp_path / "cut.json"
    cut.write_bytes(TOPIC.read_bytes()[:-900])
    assert discourse.detect(Source(cut)) >= 0.95
    assert discourse.detect(Source(PAGES)) > 0.5


@pytest.mark.parametrize(
    "document",
    [
        {"post_stream": {"posts": [post(1)]}, "id": 5},
        {"latest_posts": [post(1)]},
        {"posts": [post(1)]},
        [post(1)],
        post(1),
        [topic(post(1))],
    ],
)
def test_the_shapes_of_its_answers(tmp_path: Path, document: Any) -> None:
    assert list(said(read(tmp_path, document))) == ["discourse:5:1"]
    assert discourse.detect(Source(tmp_path / "input.json")) >= 0.95


def test_lines_are_documents_and_a_bad_one_costs_itself(tmp_path: Path) -> None:
    lines = [json.dumps(topic(post(1), post(2))), "{broken", "{}", json.dumps(post(3))]
    records = read(tmp_path, "\n".join(lines))
    assert [c.line for c in said(records).values()] == [1, 1, 4]
    assert [r.line for r in records if isinstance(r, RecordError)] == [2, 3]


@pytest.mark.parametrize(
    ("fields", "status", "text"),
    [
        ({}, "visible", "Post 2"),
        ({"hidden": True}, "removed_by_moderator", "Post 2"),
        ({"hidden": True, "cooked_hidden": True}, "removed_by_moderator", ""),
        ({"user_deleted": True}, "deleted_by_author", ""),
        ({"deleted_at": "2022-03-02T10:00:00Z"}, "removed_by_moderator", "Post 2"),
    ],
)
def test_statuses(tmp_path: Path, fields: dict[str, Any], status: str, text: str) -> None:
    found = said(read(tmp_path, topic(post(1), post(2, **fields))))["discourse:5:2"]
    assert (found.status, found.text) == (status, text)
    assert (found.author_name == "") == bool(fields.keys() & {"user_deleted", "deleted_at"})


def test_replies_name_the_post_also_where_it_is_not_there(tmp_path: Path) -> None:
    posts = [post(n, reply_to_post_number=r) for n, r in [(2, 1), (3, None), (4, 99), (5, 5)]]
    records = read(tmp_path, topic(post(1), *posts))
    assert [c.reply_to for c in said(records).values()] == [
        None,
        "discourse:5:1",
        None,
        "discourse:5:99",
        None,
    ]


@pytest.mark.parametrize(
    ("stream", "count", "missing"),
    [([501, 502, 503, 504], 4, 2), (None, 9, 7), ([501, 502], 2, 0), ([], 2, 0), ("x", "y", 0)],
)
def test_posts_that_the_topic_names_beyond_the_file_are_missing(
    tmp_path: Path, stream: Any, count: Any, missing: int
) -> None:
    document = topic(post(1), post(2), posts_count=count)
    document["post_stream"]["stream"] = stream
    assert threads(read(tmp_path, document))[0].missing == missing


def test_a_newer_crawl_keeps_the_ids(tmp_path: Path) -> None:
    older = said(read(tmp_path, topic(post(1), post(2)), site="talk.example"))
    newer = said(read(tmp_path, topic(post(1), post(2), post(3)), site="https://Talk.example/"))
    assert older.keys() < newer.keys()
    assert list(older) == ["talk.example:5:1", "talk.example:5:2"]


def test_a_zip_of_pages_is_read_as_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "pages.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for member in sorted(PAGES.iterdir()):
            archive.write(member, member.name)
    whole = list(discourse.read(Source(PAGES), {}))
    assert list(discourse.read(Source(path), {})) == whole
    kinds = [type(record) for record in whole if not isinstance(record, RecordError)]
    assert kinds.index(CommentRecord) > max(n for n, k in enumerate(kinds) if k is ThreadRecord)


def test_small_actions_are_counted_and_moderators_kept(tmp_path: Path) -> None:
    records = read(tmp_path, topic(post(1), post(2, post_type=2), post(3, post_type=3)))
    assert list(said(records)) == ["discourse:5:1", "discourse:5:2"]
    assert Note("small actions left out", 1) in records


def test_the_site_is_proposed_from_an_avatar() -> None:
    proposed = {"site": "talk.harbour.example", "keep_private": False}
    assert discourse.propose(Source(TOPIC)) == proposed
    assert discourse.propose(Source(PAGES)) == proposed


def test_quotes_are_the_quoted_words(tmp_path: Path) -> None:
    aside = '<aside class="quote" data-post="{}"><div>ben:</div><blockquote>{}</blockquote></aside>'
    html = "".join(aside.format(n, word) for n, word in [(1, "one"), (2, "two"), ("x", "three")])
    found = said(read(tmp_path, topic(post(1), post(3, cooked=html))))["discourse:5:3"]
    assert [(found.text[r.start : r.end], r.target_id) for r in found.relations] == [
        ("one", "discourse:5:1"),
        ("two", "discourse:5:2"),
    ]


def test_files_without_posts_are_refused(tmp_path: Path) -> None:
    documents: list[Any] = [{"topic_list": {}}, [], "{", '{"id": 5, "post_stream": {"posts": [']
    for document in documents:
        with pytest.raises(UnreadableFile):
            read(tmp_path, document)


def test_options_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="options"):
        read(tmp_path, topic(post(1)), forum="x")
    with pytest.raises(InvalidInput, match="site"):
        read(tmp_path, topic(post(1)), site="a site")


@settings(max_examples=60, deadline=None)
@given(document=damaged(topic(post(1, actions_summary=[{"id": 2, "count": 1}]), post(2))))
def test_a_damaged_topic_gives_records_or_a_refusal(document: Any) -> None:
    taken_bytes(discourse.read, json.dumps(document).encode(), {})


@settings(max_examples=30, deadline=None)
@given(fields=st.dictionaries(st.sampled_from([*post(1), "raw", "hidden", "version"]), json_values))
def test_posts_of_any_values_give_records_or_a_refusal(fields: dict[str, Any]) -> None:
    document = topic({**post(1), **fields}, **fields)
    taken_bytes(discourse.read, json.dumps(document).encode(), {})


@settings(max_examples=40, deadline=None)
@given(data=readable_anyhow)
def test_any_bytes_give_records_or_a_refusal(data: bytes) -> None:
    taken_bytes(discourse.read, data, {})
