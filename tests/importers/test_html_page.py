from __future__ import annotations

import html
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import InvalidInput, UnreadableFile
from importers.formats import html_page
from importers.records import CommentRecord, Note, Record, RecordError, ThreadRecord
from importers.source import Source
from tests.importers.golden import CASES, cases, check_case
from tests.importers.reading import comments, readable_anyhow

WORDPRESS = (CASES / "html_page" / "wordpress" / "input.html").read_text()
COMMENT = '<li id="comment-{0}" class="comment {2}"><b class="fn">{1}</b><p>Text {0}</p></li>'


def page(tmp_path: Path, source: str | bytes) -> list[Record]:
    path = tmp_path / "page.html"
    path.write_bytes(source.encode() if isinstance(source, str) else source)
    return list(html_page.read(Source(path), {}))


def score(tmp_path: Path, source: bytes) -> float:
    path = tmp_path / "page"
    path.write_bytes(source)
    return html_page.detect(Source(path))


@pytest.mark.parametrize("case", cases("html_page"), ids=lambda case: case.name)
def test_golden_case(case: Path) -> None:
    check_case(case)


def test_the_page_saved_again_gives_the_same_ids(tmp_path: Path) -> None:
    later = WORDPRESS.replace("4 comments", "5 comments").replace(
        "</ol><form", COMMENT.format(15, "Dov", "depth-1") + "</ol><form"
    )
    before = [record.id for record in comments(page(tmp_path, WORDPRESS))]
    after = [record.id for record in comments(page(tmp_path, later))]
    assert after[: len(before)] == before
    assert len(after) == len(before) + 1


def test_comments_without_ids_keep_theirs_when_others_come_before(tmp_path: Path) -> None:
    one = '<div class="comment"><b class="author">{0}</b><p>{1}</p></div>'
    head = '<html><head><link rel="canonical" href="https://a.example/1"></head><body>'
    ada, ben = one.format("Ada", "So it is."), one.format("Ben", "No.")
    first = comments(page(tmp_path, head + ada))
    second = comments(page(tmp_path, head + ben + ada + ada))
    assert first[0].id == second[1].id
    assert len({record.id for record in second}) == 3


def test_depth_classes_tell_the_parents_of_a_flat_list(tmp_path: Path) -> None:
    depths = ["depth-1", "depth-2", "depth-3", "depth-2", "depth-1"]
    flat = "".join(COMMENT.format(n, "Ada", depth) for n, depth in enumerate(depths))
    found = comments(page(tmp_path, f"<html><body><ol>{flat}</ol>"))
    parents = [record.reply_to and record.reply_to[-1] for record in found]
    assert parents == [None, "0", "1", "0", None]


def test_a_name_without_a_place_of_its_own_is_no_part_of_the_text(tmp_path: Path) -> None:
    found = page(tmp_path, f"<html><body>{COMMENT.format(1, 'Ada', '')}")
    assert [(c.author_name, c.text) for c in comments(found)] == [("Ada", "Text 1")]


def test_a_parent_on_another_page_is_kept(tmp_path: Path) -> None:
    found = page(
        tmp_path,
        '<html><body><div id="c7" itemscope itemtype="https://schema.org/Comment">'
        '<link itemprop="parentItem" href="/t#comment-3"><b itemprop="author">Ada</b>'
        '<div itemprop="text">Yes.</div><meta itemprop="upvoteCount" content="4"></div>',
    )
    (comment,) = comments(found)
    assert comment.reply_to is not None
    assert comment.reply_to.endswith("#comment-3")
    assert (comment.author_name, comment.text, comment.score) == ("Ada", "Yes.", 4)


def test_a_deleted_comment_keeps_its_place_without_text(tmp_path: Path) -> None:
    both = COMMENT.format(1, "Ada", "deleted") + COMMENT.format(2, "Ben", "depth-2")
    gone, _ = comments(page(tmp_path, f"<html><body>{both}"))
    assert (gone.status, gone.text, gone.author_id) == ("deleted_by_author", "", "")


def test_the_count_that_a_page_states_tells_what_is_missing(tmp_path: Path) -> None:
    stated = '<html><body><span itemprop="commentCount">12</span>'
    thread = page(tmp_path, stated + COMMENT.format(1, "Ada", ""))[0]
    assert isinstance(thread, ThreadRecord)
    assert thread.missing == 11


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ('<meta charset="windows-1251">', "cp1251"),
        ('<meta http-equiv="content-type" content="text/html; charset=iso-8859-1">', "cp1252"),
        ("", "utf-8"),
        ("", "utf-8-sig"),
        ('<meta charset="no-such-thing">', "utf-8"),
    ],
)
def test_encodings(tmp_path: Path, declared: str, encoding: str) -> None:
    word = "Привет" if encoding == "cp1251" else "für"
    source = f"<html><head>{declared}</head><body>{COMMENT.format(1, word, '')}"
    (comment,) = comments(page(tmp_path, source.encode(encoding)))
    assert comment.author_name == word


def test_a_page_that_nests_too_deep_is_refused_and_not_cut(tmp_path: Path) -> None:
    for depth in (1_200, 100_000):
        deep = "<html><body>" + "<div>" * depth + COMMENT.format(1, "Ada", "")
        with pytest.raises(UnreadableFile, match="nests"):
            page(tmp_path, deep)
    deep = "<html><body>" + "<div>" * 900 + COMMENT.format(1, "Ada", "")
    assert len(comments(page(tmp_path, deep))) == 1


@pytest.mark.parametrize("source", ["<html></html>", "<html><body><nav></nav>", "<!doctype html>"])
def test_a_page_with_nothing_is_refused(tmp_path: Path, source: str) -> None:
    with pytest.raises(UnreadableFile):
        page(tmp_path, source)


def test_tags_that_no_writer_meant_leave_their_text_in_the_article(tmp_path: Path) -> None:
    first, second, third = (f"{word} sentence about the ferries. " * 9 for word in "ABC")
    odd = f'<code><content="text>{second}</content="text></code>'
    found = page(
        tmp_path,
        f"<html><body><article><h1>Ferries</h1><p>{first}</p>{odd}<p>{third}</p></article></body>",
    )
    (article,) = [record for record in found if isinstance(record, CommentRecord)]
    assert [article.text.count(f"{word} sentence") for word in "ABC"] == [9, 9, 9]


def test_detection(tmp_path: Path) -> None:
    assert score(tmp_path, b"\xef\xbb\xbf \n<!DOCTYPE HTML>\n<title>x") == 0.9
    assert score(tmp_path, b"<!-- saved from url --><html lang='en'>") == 0.9
    assert score(tmp_path, b'<?xml version="1.0"?><!DOCTYPE html><html>') == 0.9
    assert score(tmp_path, b"<div><p>a</p><p>b</p><p>c</p><p>d</p><p>e</p>") > 0
    for other in (b"<?xml version='1.0'?><rss><channel/></rss>", b'{"a": "<html>"}', b"text", b""):
        assert score(tmp_path, other) == 0


@pytest.mark.parametrize(
    "start",
    [
        b"<!-- a --> <!----><!-- - -- > \n-->\n",
        b'<?xml version="1.0"?>\n<!-- a -->',
        b"<!--x-->" * 400,
    ],
)
def test_a_page_may_begin_with_comments(tmp_path: Path, start: bytes) -> None:
    assert score(tmp_path, start + b"<html><body>") == 0.9
    assert score(tmp_path, start + b"<rss><channel>") == 0


@pytest.mark.parametrize("piece", [b"<!--x-->", b"<!-- ", b"<!--", b"-->", b" ", b"<?xml ", b"-"])
def test_a_start_that_repeats_itself_is_judged_at_once(tmp_path: Path, piece: bytes) -> None:
    """Where a pattern tries all ways to take the pieces, this does not end in a lifetime."""
    assert score(tmp_path, b"<!--x-->" + piece * 2_000) == 0


def test_options_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(WORDPRESS)
    with pytest.raises(InvalidInput):
        list(html_page.read(Source(path), {"keep": True}))


def outcome(data: bytes) -> list[Record]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input"
        path.write_bytes(data)
        try:
            html_page.detect(Source(path))
            records = list(html_page.read(Source(path), {}))
        except UnreadableFile:
            return []
    kinds = ThreadRecord | CommentRecord | RecordError | Note
    assert all(isinstance(record, kinds) for record in records)
    return records


values = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["1" * 5000, "9" * 30, "2021-13-45", "0x", "javascript:x", "http://[", "\x00"]),
)


@settings(max_examples=50, deadline=None)
@given(data=readable_anyhow)
def test_any_bytes_give_records_or_a_refusal(data: bytes) -> None:
    outcome(data)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(values, values, values, values), min_size=1, max_size=4))
def test_any_values_give_records(parts: list[tuple[str, str, str, str]]) -> None:
    rows = "".join(
        f'<div id="comment-{n}" data-parent-id="{html.escape(a)}" data-score="{html.escape(b)}"'
        f' class="comment depth-{n}"><time datetime="{html.escape(c)}"></time>'
        f'<b class="fn">{html.escape(d)}</b><p>Text {n}</p></div>'
        for n, (a, b, c, d) in enumerate(parts)
    )
    url = html.escape(parts[0][0])
    records = outcome(
        f'<html lang="{url}"><head><link rel="canonical" href="{url}"></head>{rows}'.encode(
            errors="replace"
        )
    )
    found = [r for r in records if isinstance(r, RecordError)] + comments(records)
    assert len(found) >= len(parts)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["@type", "comment", "text", "author", "url", "parentItem", "@id"]),
            inner | st.sampled_from(["Comment", "Article"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=50, deadline=None)
@given(json_values)
def test_any_json_ld_gives_records(value: object) -> None:
    import json

    told = json.dumps(
        {"@type": "Article", "comment": [{"@type": "Comment", "author": value}, value]}
    )
    body = f'<html><script type="application/ld+json">{told}</script><p>Text</p>'
    outcome(body.encode(errors="replace"))
