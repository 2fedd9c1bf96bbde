from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import importers.demo
from annotations.errors import InvalidInput, UnreadableFile
from importers.formats import table
from importers.records import CommentRecord, Record, RecordError, ThreadRecord
from importers.source import Source
from importers.table_rows import DIALECTS
from tests.importers.golden import cases, check_case
from tests.importers.reading import outcome, readable_anyhow


def source(tmp_path: Path, text: str | bytes) -> Source:
    path = tmp_path / "input"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Source(path)


def read(tmp_path: Path, text: str | bytes, **options: Any) -> list[Record]:
    return list(table.read(source(tmp_path, text), options))


def comments(records: list[Record]) -> list[CommentRecord]:
    return [record for record in records if isinstance(record, CommentRecord)]


def refused(records: list[Record]) -> dict[int | None, str]:
    return {record.line: record.message for record in records if isinstance(record, RecordError)}


@pytest.mark.parametrize("case", cases("table"), ids=lambda case: case.name)
def test_golden_case(case: Path) -> None:
    check_case(case)


def test_the_proposal_can_be_given_back_as_options(tmp_path: Path) -> None:
    file = source(tmp_path, "id,Body,In Reply To\n1,Hello,\n2,Hello yourself,1\n")
    proposal = json.loads(json.dumps(table.propose(file)))
    assert proposal == {
        "dialect": "csv",
        "columns": {"comment": "id", "parent": "In Reply To", "text": "Body"},
    }
    assert list(table.read(file, proposal)) == list(table.read(file, {}))


@pytest.mark.parametrize(
    ("header", "role", "column"),
    [
        ("id,body", "comment", "id"),
        ("commentID,commentBody", "comment", "commentID"),
        ("link_id,body", "thread", "link_id"),
        ("articleID,commentBody", "thread", "articleID"),
        ("parent_id,content", "parent", "parent_id"),
        ("inReplyTo,message", "parent", "inReplyTo"),
        ("username,content", "author", "username"),
    ],
)
def test_known_names_are_recognised(tmp_path: Path, header: str, role: str, column: str) -> None:
    file = source(tmp_path, f"{header}\nt1_a,Some words\nt1_b,Other words\n")
    assert table.propose(file)["columns"][role] == column


def test_a_column_is_not_guessed_against_its_values(tmp_path: Path) -> None:
    file = source(tmp_path, "id,time,score,text\n1,soon,many,A\n1,late,few,B\n")
    assert table.propose(file)["columns"] == {"text": "text"}


def test_a_column_of_sentences_is_the_text_whatever_its_name(tmp_path: Path) -> None:
    file = source(tmp_path, "a,b\n1,This is what they said there\n2,And that is the answer\n")
    assert table.propose(file)["columns"] == {"text": "b"}


@pytest.mark.parametrize(
    ("written", "time", "is_estimated"),
    [
        ('"2024-05-31T14:00:00+02:00"', datetime(2024, 5, 31, 12, tzinfo=UTC), False),
        ('"2024-05-31T12:00:00Z"', datetime(2024, 5, 31, 12, tzinfo=UTC), False),
        ('"2024-05-31 12:00:00 UTC"', datetime(2024, 5, 31, 12, tzinfo=UTC), False),
        ('"2024-05-31 12:00:00"', datetime(2024, 5, 31, 12, tzinfo=UTC), True),
        ('"2024-05-31"', datetime(2024, 5, 31, tzinfo=UTC), True),
        ("1717156800", datetime(2024, 5, 31, 12, tzinfo=UTC), False),
        ("1717156800.0", datetime(2024, 5, 31, 12, tzinfo=UTC), False),
        ('"1717156800"', datetime(2024, 5, 31, 12, tzinfo=UTC), False),
        ("1717156800000", datetime(2024, 5, 31, 12, tzinfo=UTC), False),
        ("null", None, False),
    ],
)
def test_times(tmp_path: Path, written: str, time: datetime | None, is_estimated: bool) -> None:
    (comment,) = comments(read(tmp_path, f'{{"text": "a", "time": {written}}}'))
    assert (comment.posted_at, comment.posted_at_estimated) == (time, is_estimated)


@pytest.mark.parametrize(
    "written", ['"soon"', "true", "1e300", '"0001-01-01"', "[1]", '"99999999999999999"']
)
def test_an_unreadable_time_refuses_the_row(tmp_path: Path, written: str) -> None:
    columns = {"text": "text", "time": "time"}
    lines = f'{{"text": "a", "time": {written}}}\n{{"text": "b", "time": 1717156800}}\n'
    records = read(tmp_path, lines, columns=columns)
    assert [comment.text for comment in comments(records)] == ["b"]
    assert list(refused(records)) == [1]


@pytest.mark.parametrize("word", ["", "None", "nan", "null", "NaN", "root", "0", "t3_a", "thread"])
def test_words_for_no_parent(tmp_path: Path, word: str) -> None:
    records = read(tmp_path, f"thread,id,parent,text\nthread,1,{word},Hello\n")
    assert comments(records)[0].reply_to is None


def test_author_zero_is_somebody(tmp_path: Path) -> None:
    records = read(tmp_path, "author,text\n0,Hello\nroot,Hello\nNone,Hello\n")
    assert [comment.author_name for comment in comments(records)] == ["0", "root", ""]


def test_text_stays_as_it_is(tmp_path: Path) -> None:
    text = "  &amp; <b>“Ünïcode”</b>\u00a0🇳🇴\r\nnone\u200f "
    records = read(tmp_path, json.dumps({"text": text}))
    assert comments(records)[0].text == text


def test_lines_are_counted_where_a_row_starts(tmp_path: Path) -> None:
    records = read(tmp_path, 'id,text\n1,"a\nb\nc"\n\n2,d\n3\n')
    assert [comment.line for comment in comments(records)] == [2, 6]
    assert refused(records) == {7: "The row has 1 cells, but the header has 2."}


@pytest.mark.slow
def test_a_quotation_mark_never_closed_costs_one_row(tmp_path: Path) -> None:
    rest = "".join(f"{n},words {n}\n" for n in range(2, 60_000))
    records = read(tmp_path, f'id,text\n1,"oh\n{rest}')
    assert len(comments(records)) == 59_998
    assert list(refused(records)) == [2]


def test_a_line_without_end_costs_itself(tmp_path: Path) -> None:
    endless = b'{"text": "' + b"x" * 9_000_000 + b'"}\n'
    records = read(tmp_path, b'{"text": "a"}\n' + endless + b'{"text": "b"}\n')
    assert [comment.text for comment in comments(records)] == ["a", "b"]
    assert list(refused(records)) == [2]


def test_a_line_that_is_not_utf8_costs_its_row(tmp_path: Path) -> None:
    records = read(tmp_path, b"id,text\n1,a\n2,na\xefve\n3,c\n")
    assert [comment.text for comment in comments(records)] == ["a", "c"]
    assert list(refused(records)) == [3]


def test_deep_json_is_refused_with_its_line(tmp_path: Path) -> None:
    for depth in (60, 100_000):
        deep = '{"text": "a", "b": ' + "[" * depth + "]" * depth + "}"
        records = read(tmp_path, f'{{"text": "b"}}\n{deep}\n')
        assert list(refused(records)) == [2]
        assert len(comments(records)) == 1


def test_ids_are_made_from_thread_and_ordinal(tmp_path: Path) -> None:
    first = read(tmp_path, "thread,text\na,One\nb,Two\na,\na,Three\n")
    longer = read(tmp_path, "thread,text\na,One\nb,Two\na,Mended\na,Three\nb,Four\n")
    assert [comment.id for comment in comments(first)] == ["a:1", "b:1", "a:3"]
    assert [comment.id for comment in comments(longer)] == ["a:1", "b:1", "a:2", "a:3", "b:2"]


def test_addresses_of_people_are_left_out_unless_asked_for(tmp_path: Path) -> None:
    lines = "author,author_email,IP,text\nana,ana@mail.example,192.0.2.1,Hello\n"
    assert set(comments(read(tmp_path, lines))[0].raw) == {"author", "text"}
    kept = comments(read(tmp_path, lines, keep_private=True))[0]
    assert kept.raw["author_email"] == "ana@mail.example"


@pytest.mark.parametrize(
    "options",
    [{"dialect": "xml"}, {"columns": {"texts": "text"}}, {"delimiter": ","}, {"columns": ["text"]}],
)
def test_options_that_make_no_sense_are_refused(tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="options"):
        read(tmp_path, "text\nHello\n", **options)


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"no column 'bodi' for text.*id, body"):
        read(tmp_path, "id,body\n1,Hello\n", columns={"text": "bodi"})


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    file = source(tmp_path, "id,text\n" + "".join(f"{n},{'x' * 900}\n" for n in range(20_000)))
    tracemalloc.start()
    count = sum(isinstance(record, CommentRecord) for record in table.read(file, {}))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 0.5 * file.size


def test_the_demo_is_read_without_a_refusal() -> None:
    records = list(table.read(Source(Path(importers.demo.__path__[0]) / "harbour.jsonl"), {}))
    assert Counter(type(record) for record in records) == {ThreadRecord: 1, CommentRecord: 31}
    parents = {comment.id: comment.reply_to for comment in comments(records)}
    assert {parent for parent in parents.values() if parent} <= parents.keys()
    assert [comment.kind for comment in comments(records)].count("article") == 1


cell = st.one_of(st.sampled_from(["", "a", "1", "None", '"', "x,y", "1.0"]), st.text(max_size=20))


@given(rows=st.lists(st.lists(cell, min_size=2, max_size=2), max_size=10))
def test_what_the_csv_module_writes_is_read_back(rows: list[list[str]]) -> None:
    written = io.StringIO()
    csv.writer(written).writerows([["n", "text"], ["x", "first"], *rows])
    data = written.getvalue().encode(errors="replace")
    records = outcome(table.read, data, {"dialect": "csv", "columns": {"text": "text"}})
    kept = [row[1] for row in rows if row[1].strip() and "\x00" not in "".join(row)]
    found = [comment.text for comment in comments(records)][1:]
    if not any("\x00" in value for row in rows for value in row):
        assert found == [text.encode(errors="replace").decode() for text in kept]


@given(data=readable_anyhow, dialect=st.sampled_from([None, *DIALECTS]))
def test_any_bytes_give_records_or_a_refusal(data: bytes, dialect: str | None) -> None:
    outcome(table.read, data, {"dialect": dialect, "columns": {"text": "text"}} if dialect else {})
