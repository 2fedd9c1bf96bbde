from __future__ import annotations

import gzip
import json
import re
import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import InvalidInput, UnreadableFile
from importers.formats import web_documents
from importers.records import CommentRecord, Note, Record, RecordError, ThreadRecord
from importers.source import Source
from tests.importers.golden import CASES, cases, check_case
from tests.importers.reading import comments, readable_anyhow

ARCHIVE = (CASES / "web_documents" / "wet" / "input.wet").read_bytes()
CRAWL = (CASES / "web_documents" / "warc" / "input.warc").read_bytes()
DOCUMENT = "Title\n\nAda's picture\n\nArticle.\n\nBen's picture\n\nComment."


def source(tmp_path: Path, data: bytes | str) -> Source:
    path = tmp_path / "crawl"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return Source(path)


def read(tmp_path: Path, data: bytes | str) -> list[Record]:
    return list(web_documents.read(source(tmp_path, data), {}))


@pytest.mark.parametrize("case", cases("web_documents"), ids=lambda case: case.name)
def test_golden_case(case: Path) -> None:
    check_case(case)


def test_lines_stand_for_themselves(tmp_path: Path) -> None:
    lines = [json.dumps({"text": DOCUMENT, "url": f"https://a.example/{n}"}) for n in range(3)]
    whole = read(tmp_path, "\n".join(lines))
    alone = [record for line in lines for record in read(tmp_path, line)]
    assert [getattr(r, "id", r) for r in whole] == [getattr(r, "id", r) for r in alone]
    assert web_documents.by_line(source(tmp_path, lines[0]), {})
    assert not web_documents.by_line(source(tmp_path, ARCHIVE), {})


@pytest.mark.parametrize(
    "place", [{"url": "U"}, {"meta": {"url": "U"}}, {"metadata": {"source_url": "U"}}]
)
def test_addresses_name_threads(tmp_path: Path, place: dict[str, object]) -> None:
    told = json.loads(json.dumps(place).replace('"U"', '"https://a.example/1"'))
    thread = read(tmp_path, json.dumps({"text": DOCUMENT, **told}))[0]
    assert isinstance(thread, ThreadRecord)
    assert (thread.id, thread.url) == ("https://a.example/1", "https://a.example/1")


def test_an_address_too_long_is_no_id(tmp_path: Path) -> None:
    url = "https://a.example/" + "x" * 3_000
    records = read(tmp_path, json.dumps({"text": DOCUMENT, "url": url}))
    assert isinstance(records[0], ThreadRecord)
    assert len(records[0].id) == 32
    assert len(comments(records)) == 1


def test_private_fields_are_dropped_unless_asked_for(tmp_path: Path) -> None:
    line = json.dumps({"text": DOCUMENT, "meta": {"email": "a@b.example"}})
    thread = next(r for r in read(tmp_path, line) if isinstance(r, ThreadRecord))
    assert thread.raw == {"meta": {}}
    kept = next(web_documents.read(source(tmp_path, line), {"keep_private": True}))
    assert isinstance(kept, ThreadRecord)
    assert kept.raw == {"meta": {"email": "a@b.example"}}


def test_wrong_options_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        list(web_documents.read(source(tmp_path, "{}"), {"keep": 1}))


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no WARC archive"):
        read(tmp_path, b"WARC/banana\n\nnothing")


def test_a_broken_archive_keeps_what_came_before(tmp_path: Path) -> None:
    records = read(tmp_path, ARCHIVE + b"this is no record\r\n\r\n")
    assert len(comments(records)) == 2
    assert "broken behind its record 3" in records[-1].message  # type: ignore[union-attr]


def test_an_archive_cut_off_keeps_what_came_before(tmp_path: Path) -> None:
    for cut in range(0, len(ARCHIVE), 97):
        whole = outcome(ARCHIVE[:cut])
        assert len(comments(whole)) <= 2
    assert len(comments(outcome(ARCHIVE[:-60]))) == 2


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("archive", [ARCHIVE, CRAWL], ids=["wet", "warc"])
def test_a_record_that_is_cut_off_is_refused_wherever_it_ends(
    tmp_path: Path, archive: bytes, packed: bool
) -> None:
    """But between two records, where nothing tells that there were more."""
    begins = [found.start() for found in re.finditer(rb"WARC/1.0\r\n", archive)]
    for begin, end in pairwise((*begins[1:], len(archive))):
        before = read(tmp_path, archive[:begin])
        for cut in range(begin + 3, end - len(b"\r\n\r\n"), 41 if packed else 7):
            data = archive[:cut]
            *records, last = read(tmp_path, gzip.compress(data) if packed else data)
            assert records == before
            assert isinstance(last, RecordError)
            assert "left out" in last.message


def test_an_archive_whose_first_record_is_cut_off_is_refused(tmp_path: Path) -> None:
    for cut in (30, 200, CRAWL.index(b"\r\n\r\n") + 20):
        with pytest.raises(UnreadableFile, match="cut off in its first record"):
            read(tmp_path, CRAWL[:cut])


def test_a_wrong_length_costs_no_other_record() -> None:
    wrong = ARCHIVE.replace(b"Content-Length: 25", b"Content-Length: 20")
    assert wrong != ARCHIVE
    assert len(comments(outcome(wrong))) == 2


@pytest.mark.parametrize(
    ("rows", "low", "high"),
    [
        ([{"text": "x" * 300, "url": "https://a.example"}] * 2, 0.95, 1),
        ([{"text": "x" * 300, "meta": {"url": "https://a.example"}}] * 2, 0.95, 1),
        ([{"text": "x" * 300, "timestamp": "2019", "url": "https://a.example"}], 0.95, 1),
        ([{"text": "x" * 300}] * 3, 0.5, 0.9),
        ([{"text": "short"}] * 3, 0, 0),
        ([{"text": "x" * 300, "url": "https://a.example", "author": "Ada"}] * 2, 0, 0),
        ([{"id": 1, "parent_id": 2, "text": "x" * 300}] * 2, 0, 0),
        ([{"a": 1}] * 2, 0, 0),
    ],
)
def test_detection(tmp_path: Path, rows: list[object], low: float, high: float) -> None:
    lines = "\n".join(map(json.dumps, rows))
    assert low <= web_documents.detect(source(tmp_path, lines)) <= high


def outcome(data: bytes) -> list[Record]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input"
        path.write_bytes(data)
        try:
            web_documents.detect(Source(path))
            records = list(web_documents.read(Source(path), {}))
        except UnreadableFile:
            return []
    kinds = ThreadRecord | CommentRecord | RecordError | Note
    assert all(isinstance(record, kinds) for record in records)
    return records


@settings(max_examples=50, deadline=None)
@given(data=readable_anyhow)
def test_any_bytes_give_records_or_a_refusal(data: bytes) -> None:
    outcome(data)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, len(ARCHIVE)), st.binary(max_size=12), st.integers(0, 30))
def test_any_change_to_an_archive_gives_records(at: int, data: bytes, gone: int) -> None:
    outcome(b"WARC/1.0" + (ARCHIVE[:at] + data + ARCHIVE[at + gone :])[8:])


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2)
    ),
    max_leaves=5,
)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from(["text", "url", "meta", "timestamp", "html"]), anything))
def test_any_fields_give_records(fields: dict[str, object]) -> None:
    line = json.dumps({"text": DOCUMENT, **fields})
    assert outcome(line.encode())
