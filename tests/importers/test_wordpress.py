from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import InvalidInput, UnreadableFile
from importers.formats import wordpress
from importers.records import CommentRecord, Note, Record, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.golden import CASES, cases, check_case
from tests.importers.hostile import taken_bytes
from tests.importers.reading import readable_anyhow

EXPORT = CASES / "wordpress" / "blog" / "input.xml"


def comment(number: int, content: str = "Words", **parts: str) -> str:
    fields = {"comment_id": str(number), "comment_content": f"<![CDATA[{content}]]>", **parts}
    inside = "".join(f"<wp:{name}>{value}</wp:{name}>" for name, value in fields.items())
    return f"<wp:comment>{inside}</wp:comment>"


def item(*comments: str, number: int = 7, **parts: str) -> str:
    inside = "".join(f"<wp:{name}>{value}</wp:{name}>" for name, value in parts.items())
    return (
        f"<item><title>T</title><link>http://quay.example/{number}</link>"
        f"<wp:post_id>{number}</wp:post_id>{inside}{''.join(comments)}</item>"
    )


def read(
    folder: Path, *items: str, namespace: str = "http://wordpress.org/export/1.2/", site: str = ""
) -> list[Record]:
    path = folder / "input.xml"
    path.write_text(
        f'<rss version="2.0" xmlns:wp="{namespace}"><channel>'
        f"<link>{site}</link>{''.join(items)}</channel></rss>"
    )
    return list(wordpress.read(Source(path), {}))


def said(records: list[Record]) -> list[CommentRecord]:
    return [r for r in records if isinstance(r, CommentRecord) and r.kind == "comment"]


def test_control_characters_that_were_pasted_into_the_blog_are_replaced(tmp_path: Path) -> None:
    records = read(tmp_path, item(comment(1, "a\x0bb\x08"), comment(2, "c")))
    assert [record.text for record in said(records)] == ["a\ufffdb\ufffd", "c"]
    assert Note("control characters replaced, which XML may not hold", 2) in records


@pytest.mark.parametrize("case", cases("wordpress"), ids=lambda case: case.name)
def test_golden_case(case: Path) -> None:
    check_case(case)


def test_it_is_recognised_and_other_feeds_are_not(tmp_path: Path) -> None:
    assert choose_format(Source(EXPORT)).name == "wordpress"
    feed = tmp_path / "feed.xml"
    feed.write_text('<rss version="2.0"><channel><item/></channel></rss>')
    assert wordpress.detect(Source(feed)) == 0


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_all_namespaces_are_read(tmp_path: Path, scheme: str, version: str) -> None:
    namespace = f"{scheme}://wordpress.org/export/{version}/"
    records = read(tmp_path, item(comment(1)), namespace=namespace)
    assert [c.text for c in said(records)] == ["Words"]


@pytest.mark.parametrize(
    ("approved", "status"),
    [
        ("1", "visible"),
        ("", "visible"),
        ("approved", "visible"),
        ("0", "unapproved"),
        ("hold", "unapproved"),
        ("spam", "spam"),
        ("trash", "removed_by_moderator"),
        ("post-trashed", "removed_by_moderator"),
    ],
)
def test_statuses(tmp_path: Path, approved: str, status: str) -> None:
    (found,) = said(read(tmp_path, item(comment(1, comment_approved=approved))))
    assert found.status == status


def test_ids_are_those_of_the_blog_and_of_the_article(tmp_path: Path) -> None:
    items = item(comment(1), comment(2, comment_parent="1")), item(comment(1), number=8)
    records = read(tmp_path, *items, site="https://Net.example/b/")
    assert [(c.id, c.reply_to) for c in said(records)] == [
        ("net.example/b:post:7:comment:1", None),
        ("net.example/b:post:7:comment:2", "net.example/b:post:7:comment:1"),
        ("net.example/b:post:8:comment:1", None),
    ]
    assert [r.id for r in records if isinstance(r, ThreadRecord)] == [
        "net.example/b:post:7",
        "net.example/b:post:8",
    ]


def test_items_without_comments_are_counted(tmp_path: Path) -> None:
    records = read(tmp_path, item(), item(comment(1), number=8), item(number=9))
    assert [r.id for r in records if isinstance(r, ThreadRecord)] == ["quay.example:post:8"]
    assert Note("items without comments left out", 2) in records


def test_times_without_a_zone_are_estimated_and_zeros_are_none(tmp_path: Path) -> None:
    zeros = "0000-00-00 00:00:00"
    records = read(
        tmp_path,
        item(
            comment(1, comment_date_gmt="2020-01-01 10:00:00", comment_date="2020-01-01 12:00:00"),
            comment(2, comment_date_gmt=zeros, comment_date="2020-01-01 12:00:00"),
            comment(3, comment_date_gmt=zeros, comment_date=zeros),
            comment(4, comment_date_gmt="soon"),
        ),
    )
    assert [(c.posted_at and c.posted_at.hour, c.posted_at_estimated) for c in said(records)] == [
        (10, False),
        (12, True),
        (None, False),
        (None, False),
    ]
    assert Note("times left out that cannot be read", 1) in records


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("a\nb", "a\nb"),
        ("a\r\n\r\nb", "a\n\nb"),
        ("<em>a</em>\nb", "a\nb"),
        ("a<br />\nb", "a\nb"),
        ("<p>a</p>\n\n<p>b</p>", "a\n\nb"),
        ("<ul>\n<li>a</li>\n<li>b</li>\n</ul>", "a\nb"),
        ("<pre>\na\n\n\nb</pre>", "a\n\n\nb"),
    ],
)
def test_line_ends_are_those_that_the_blog_shows(tmp_path: Path, written: str, text: str) -> None:
    (found,) = said(read(tmp_path, item(comment(1, written))))
    assert (found.text, found.html) == (text, written.replace("\r\n", "\n"))


def test_many_unclosed_tags_take_no_time(tmp_path: Path) -> None:
    (found,) = said(read(tmp_path, item(comment(1, "<pre\n" * 20_000 + " \n" * 20_000))))
    assert found.status == "visible"


def test_a_broken_export_gives_nothing_and_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "input.xml"
    path.write_text(EXPORT.read_text().replace("</channel>", "</chanel>"))
    with pytest.raises(UnreadableFile, match="mismatched tag in line 92"):
        next(wordpress.read(Source(path), {}))


def test_private_fields_are_kept_if_asked() -> None:
    records = wordpress.read(Source(EXPORT), {"keep_private": True})
    first = said(list(records))[0]
    assert first.raw["comment_author_email"] == "ada@mail.example"
    assert first.raw["comment_author_IP"] == "192.0.2.9"


def test_options_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InvalidInput, match="options"):
        list(wordpress.read(Source(EXPORT), {"site": "x"}))


changes = st.lists(
    st.tuples(
        st.integers(0, len(EXPORT.read_bytes())),
        st.integers(0, 30),
        st.sampled_from(
            [b"", b"<x/>", b"</item>", b"<item>", b"<wp:comment>", b"\xff", b"[", b"9" * 600]
        ),
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=40, deadline=None)
@given(changes=changes)
def test_a_damaged_export_gives_records_or_a_refusal(changes: list[tuple[int, int, bytes]]) -> None:
    data = EXPORT.read_bytes()
    for at, length, put in changes:
        data = data[:at] + put + data[at + length :]
    taken_bytes(wordpress.read, data, {})


values = st.one_of(
    st.sampled_from(["", "0", "-1", "9" * 600, "0000", "2024-13-45", "<br>", "//[", "?p=3"]),
    st.text(st.characters(exclude_categories=["C"], exclude_characters="<&>"), max_size=8),
)
names = st.sampled_from(
    ["comment_id", "comment_parent", "comment_date_gmt", "comment_date", "comment_approved",
     "comment_type", "comment_author", "comment_user_id"]
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(parts=st.dictionaries(names, values.map(lambda v: v.replace("<", "&lt;"))), site=values)
def test_any_values_give_records_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, parts: dict[str, str], site: str
) -> None:
    fields = {"comment_id": "1", **parts}
    written = "".join(f"<wp:{name}>{value}</wp:{name}>" for name, value in fields.items())
    records = read(
        tmp_path_factory.getbasetemp(),
        item(f"<wp:comment>{written}</wp:comment>"),
        site=site.replace("<", "&lt;"),
    )
    assert any(isinstance(record, ThreadRecord) for record in records)


@settings(max_examples=40, deadline=None)
@given(data=readable_anyhow)
def test_any_bytes_give_records_or_a_refusal(data: bytes) -> None:
    taken_bytes(wordpress.read, data, {})
