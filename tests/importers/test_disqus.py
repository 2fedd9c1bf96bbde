from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import InvalidInput, UnreadableFile
from importers.formats import disqus
from importers.records import CommentRecord, Note, Record, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.golden import CASES, cases, check_case
from tests.importers.hostile import taken_bytes
from tests.importers.reading import readable_anyhow

EXPORT = CASES / "disqus" / "threads" / "input.xml"
HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n<disqus xmlns="http://disqus.com" '
    'xmlns:dsq="http://disqus.com/disqus-internals">'
)


def thread(number: int, link: str = "http://quay.example/a") -> str:
    return f'<thread dsq:id="{number}"><id/><link>{link}</link><title>T{number}</title></thread>\n'


def post(number: int, in_thread: int = 1, **parts: str) -> str:
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in parts.items())
    return (
        f'<post dsq:id="{number}"><message>Words</message>{inside}'
        f'<thread dsq:id="{in_thread}"/></post>\n'
    )


def read(folder: Path, *parts: str, **options: bool) -> list[Record]:
    path = folder / "input.xml"
    path.write_text(f"{HEAD}{''.join(parts)}</disqus>")
    return list(disqus.read(Source(path), options))


def said(records: list[Record]) -> dict[str, CommentRecord]:
    return {record.id: record for record in records if isinstance(record, CommentRecord)}


@pytest.mark.parametrize("case", cases("disqus"), ids=lambda case: case.name)
def test_golden_case(case: Path) -> None:
    check_case(case)


def test_it_is_recognised_by_its_root_also_where_it_is_broken(tmp_path: Path) -> None:
    assert choose_format(Source(EXPORT)).name == "disqus"
    broken = tmp_path / "export.xml"
    broken.write_text("`" + EXPORT.read_text())
    assert disqus.detect(Source(broken)) > 0.95
    broken.write_text("<rss>" + EXPORT.read_text())
    assert disqus.detect(Source(broken)) == 0


def test_a_broken_export_gives_nothing_and_names_the_line(tmp_path: Path) -> None:
    lines = EXPORT.read_text().splitlines()
    lines[70] = '<post dsq:id=505">'
    path = tmp_path / "input.xml"
    path.write_text("\n".join(lines))
    with pytest.raises(UnreadableFile, match="line 71"):
        next(disqus.read(Source(path), {}))


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ({}, "visible"),
        ({"isDeleted": "true"}, "deleted_by_author"),
        ({"isSpam": "true"}, "spam"),
        ({"isSpam": "True", "isDeleted": "true"}, "spam"),
        ({"isApproved": "false"}, "unapproved"),
    ],
)
def test_statuses(tmp_path: Path, parts: dict[str, Any], status: str) -> None:
    author = "<name>Ada</name><username>ada</username><isAnonymous>false</isAnonymous>"
    found = said(read(tmp_path, thread(1), post(5, author=author, **parts)))["disqus:5"]
    assert (found.status, found.text) == (status, "Words")
    assert found.author_name == ("" if status == "deleted_by_author" else "Ada")


def test_a_guest_is_not_the_account_of_that_name(tmp_path: Path) -> None:
    guest = "<name>ada</name><isAnonymous>true</isAnonymous>"
    account = "<name>Ada</name><username>ada</username><isAnonymous>false</isAnonymous>"
    records = read(tmp_path, thread(1), post(5, author=guest), post(6, author=account))
    assert [c.author_id for c in said(records).values()] == ["guest:ada", "ada"]


def test_threads_of_one_page_are_counted_and_merged_only_if_asked(tmp_path: Path) -> None:
    links = ["http://quay.example/a/", "https://QUAY.example/a", "http://quay.example/a?p=2"]
    parts = [*(thread(n + 9, link) for n, link in enumerate(links)), post(1, 9), post(2, 10)]
    apart = read(tmp_path, *parts, post(3, 11))
    assert [r.id for r in apart if isinstance(r, ThreadRecord)] == [
        "disqus:9",
        "disqus:10",
        "disqus:11",
    ]
    assert Note("threads that share their link with another", 2) in apart
    merged = read(tmp_path, *parts, post(3, 11), merge_by_link=True)
    assert [r.id for r in merged if isinstance(r, ThreadRecord)] == ["disqus:9", "disqus:11"]
    assert [c.thread_id for c in said(merged).values()] == ["disqus:9", "disqus:9", "disqus:11"]


def test_a_newer_export_keeps_the_ids(tmp_path: Path) -> None:
    older = read(tmp_path, thread(1), thread(2), post(5, 2), merge_by_link=True)
    newer = read(tmp_path, thread(2), post(5, 2), thread(1), post(6, 1), merge_by_link=True)
    assert said(older)["disqus:5"].thread_id == said(newer)["disqus:5"].thread_id == "disqus:1"


def test_the_text_of_a_thread_is_its_opening(tmp_path: Path) -> None:
    written = thread(1).replace("<id/>", "<id/><message>&lt;p&gt;Read this.&lt;/p&gt;</message>")
    opening = said(read(tmp_path, written, post(5)))["disqus:thread:1"]
    assert (opening.kind, opening.text, opening.thread_id) == ("article", "Read this.", "disqus:1")


def test_what_cannot_be_taken_is_refused_with_its_line(tmp_path: Path) -> None:
    records = read(tmp_path, thread(1), post(5, author=f"<name>{'x' * 400}</name>"), post(6))
    assert [(r.line, "400" in r.message) for r in records if isinstance(r, RecordError)] == [
        (3, True)
    ]
    assert list(said(records)) == ["disqus:6"]


def test_options_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="merge_by_link"):
        read(tmp_path, thread(1), merge_by_link="yes")  # type: ignore[arg-type]


changes = st.lists(
    st.tuples(
        st.integers(0, len(EXPORT.read_bytes())),
        st.integers(0, 30),
        st.sampled_from([b"", b"<x/>", b"</post>", b"<post>", b"\xff", b"true", b"9" * 600]),
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
    taken_bytes(disqus.read, data, {"merge_by_link": True})


@settings(max_examples=40, deadline=None)
@given(data=readable_anyhow)
def test_any_bytes_give_records_or_a_refusal(data: bytes) -> None:
    taken_bytes(disqus.read, data, {})
