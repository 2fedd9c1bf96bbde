from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import importers.demo
from annotations.errors import InvalidInput, UnreadableFile
from importers import tables
from importers.columns import ROLES
from importers.formats import table
from importers.json_text import REPLACED
from importers.lines import Line, numbered_lines
from importers.presets import PRESETS
from importers.records import CommentRecord, Note, Record, RecordError, ThreadRecord
from importers.source import HEAD_BYTES, Piece, Source
from importers.table_rows import DELIMITERS
from importers.tables import DIALECTS
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
        ('"Fri May 31 14:00:00 +0200 2024"', datetime(2024, 5, 31, 12, tzinfo=UTC), False),
        ('"2024-05-31 08:00:00 EDT"', datetime(2024, 5, 31, 12, tzinfo=UTC), False),
        ('"2024-01-31 08:00:00 EST"', datetime(2024, 1, 31, 13, tzinfo=UTC), False),
        ('"2024-01-31 08:00:00 PST"', datetime(2024, 1, 31, 16, tzinfo=UTC), False),
        ('"2024-05-31 12:00:00 GMT"', datetime(2024, 5, 31, 12, tzinfo=UTC), False),
        ('"2024-05-31 14:00:00 +0200"', datetime(2024, 5, 31, 12, tzinfo=UTC), False),
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


@pytest.mark.parametrize("written", ["12/9/20", "3/4/2024 14:00", "9-12-2020"])
def test_a_date_that_may_be_another_is_refused_in_words(tmp_path: Path, written: str) -> None:
    columns = {"text": "text", "time": "time"}
    records = read(tmp_path, json.dumps({"text": "a", "time": written}), columns=columns)
    assert "which of its numbers is the day" in refused(records)[1]


@pytest.mark.parametrize(("written", "score"), [("1,234", 1234), ("-12,345,678", -12345678)])
def test_thousands_are_read(tmp_path: Path, written: str, score: int) -> None:
    records = read(tmp_path, f'text,likes\nHello,"{written}"\n')
    assert comments(records)[0].score == score


def test_an_id_that_was_rounded_is_refused(tmp_path: Path) -> None:
    records = read(tmp_path, "id,text\n1.23457E+18,One\n12,Two\n13,Three\n")
    assert [comment.id for comment in comments(records)] == ["12", "13"]
    assert "rounded" in refused(records)[2]


def test_a_deleted_author_is_nobody(tmp_path: Path) -> None:
    records = read(tmp_path, "author,author_id,text\n[deleted],9,Still here\n")
    (comment,) = comments(records)
    assert (comment.author_id, comment.author_name, comment.status) == ("", "", "visible")


def test_an_opening_may_have_no_text(tmp_path: Path) -> None:
    records = read(tmp_path, "thread,id,kind,text\nt,t,post,\nt,2,comment,\n")
    assert [(comment.kind, comment.text) for comment in comments(records)] == [("post", "")]
    assert list(refused(records)) == [3]


def test_html_becomes_text_only_where_it_is_asked_for(tmp_path: Path) -> None:
    lines = "id,text\n1,<p>Late &amp; <a href='https://a.example/'>full</a></p>\n"
    (comment,) = comments(read(tmp_path, lines, html=True, columns={"text": "text"}))
    assert comment.text == "Late & full"
    assert comment.html == "<p>Late &amp; <a href='https://a.example/'>full</a></p>"
    assert [link.url for link in comment.links] == ["https://a.example/"]
    (comment,) = comments(read(tmp_path, lines))
    assert (comment.text[:3], comment.html) == ("<p>", "")


def test_columns_that_differ_within_a_thread_are_not_its_title_or_address(tmp_path: Path) -> None:
    rows = [("t", "1", "a", "x"), ("t", "2", "b", "x"), ("u", "3", "c", "y")]
    lines = "thread,id,url,title,text\n" + "".join(",".join((*row, "Words\n")) for row in rows)
    columns = table.propose(source(tmp_path, lines))["columns"]
    assert "thread_url" not in columns
    assert columns["thread_title"] == "title"


def test_ids_that_begin_anew_in_every_thread_are_scoped(tmp_path: Path) -> None:
    file = source(tmp_path, "thread,id,parent,text\n1,1,,A\n1,2,1,B\n2,1,,C\n2,2,1,D\n")
    proposal = table.propose(file)
    assert proposal["ids"] == "thread"
    found = {comment.id: comment.reply_to for comment in comments(list(table.read(file, proposal)))}
    assert found == {"1:1": None, "1:2": "1:1", "2:1": None, "2:2": "2:1"}
    plain = {**proposal, "ids": "corpus"}
    assert list(refused(list(table.read(file, plain)))) == [4, 5]


def test_ids_that_come_twice_in_a_thread_are_not_scoped(tmp_path: Path) -> None:
    file = source(tmp_path, "thread,id,text\n1,1,A\n1,2,B\n1,2,C\n2,3,D\n")
    assert "ids" not in table.propose(file)
    assert list(refused(list(table.read(file, {})))) == [4]


def test_the_thread_of_a_file_can_be_named(tmp_path: Path) -> None:
    records = read(tmp_path, "id,parent,text\n1,,A\n2,v9,B\n", thread="v9")
    assert [(c.thread_id, c.reply_to) for c in comments(records)] == [("v9", None), ("v9", None)]


ALONE = [
    {"thread": "t", "title": "T", "id": "1", "text": "One"},
    {"thread": "u", "title": "U", "id": "2", "text": "Two", "email": "a@mail.example"},
    {"thread": "t", "title": "T", "id": "3", "parent": "1", "text": "Three"},
    {"thread": "t", "title": "T", "id": "1", "text": "One, mended"},
]


def json_lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.mark.parametrize(
    ("rows", "is_alone"),
    [
        (ALONE, True),
        ([{**row, "title": str(n)} for n, row in enumerate(ALONE)], True),  # no title then
        ([{key: row[key] for key in row if key != "thread"} for row in ALONE], True),  # by title
        ([{key: row[key] for key in ("id", "text")} for row in ALONE], False),
        ([{key: row[key] for key in ("thread", "text")} for row in ALONE], False),
        (ALONE[:1] * 2 + [{"thread": "t", "title": None, "id": "9", "text": "No title"}], False),
    ],
)
def test_lines_that_stand_for_themselves(
    tmp_path: Path, rows: list[dict[str, Any]], is_alone: bool
) -> None:
    assert table.by_line(source(tmp_path, json_lines(rows)), {}) == is_alone


def test_a_table_of_cells_is_never_read_in_pieces(tmp_path: Path) -> None:
    assert not table.by_line(source(tmp_path, "thread,id,text\nt,1,A\nt,2,B\n"), {})


def test_pieces_give_the_records_of_the_whole(tmp_path: Path) -> None:
    file = source(tmp_path, json_lines(ALONE))
    lines = file.path.read_bytes().splitlines(keepends=True)
    half = sum(map(len, lines[:2]))
    pieces = [Piece(file, 0, half, 1), Piece(file, half, file.size, 3)]
    options = table.propose(file)
    whole = [r for r in table.read(file, options) if isinstance(r, CommentRecord)]
    found = [list(table.read(piece, options)) for piece in pieces]
    assert [r for records in found for r in comments(records)] == whole
    assert [comment.text for comment in whole] == ["One", "Two", "Three", "One, mended"]
    assert [comment.line for comment in whole] == [1, 2, 3, 4]
    for records in found:
        threads = {
            record.id: record.title for record in records if isinstance(record, ThreadRecord)
        }
        assert threads.items() <= {"t": "T", "u": "U"}.items()
        assert {comment.thread_id for comment in comments(records)} == threads.keys()


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ('[{"id": 1, "text": "a"}, {"id": 2, "text": "b"}]', 0.8),
        ('{"data": [{"id": 1, "text": "a"}, {"id": 2, "text": "b"}]}', 0.4),
        ('{"messages": [{"id": 1, "text": "a"}]}', 0.0),
        ('{"id": 1, "text": "a"}', 0.4),
        ('{"id": 1, "text": "a"}\n{"id": 2, "text": "b"}', 0.9),
        ('{"text": "a", "url": "b"}\n{"text": "c", "url": "d"}', 0.5),
        ("[1, 2, 3]", 0.0),
        ('["text", "id"]', 0.0),
        ("<p>text, id</p>\n<p>1, 2</p>", 0.0),
        ("id,text\n1,a\n", 0.9),
        ("n,m\n1,These are some words\n2,And some more words\n", 0.3),
    ],
)
def test_how_sure_it_is_of_a_file(tmp_path: Path, text: str, score: float) -> None:
    assert table.detect(source(tmp_path, text)) == score


def test_a_list_cut_short_gives_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="Nothing of it was imported"):
        read(tmp_path, '[{"id": 1, "text": "a"}, {"id": 2, "te')


def test_what_no_text_holds_is_replaced_in_lists_and_counted(tmp_path: Path) -> None:
    records = read(tmp_path, r'[{"id": 1, "text": "a\ud800"}, {"id": 2, "text": "b\u0000"}]')
    assert [comment.text for comment in comments(records)] == ["a\ufffd", "b\ufffd"]
    assert records[-1] == Note(REPLACED, 2)


@pytest.mark.parametrize("word", ["", "None", "nan", "null", "NaN", "root", "0", "t3_a", "thread"])
def test_words_for_no_parent(tmp_path: Path, word: str) -> None:
    records = read(tmp_path, f"thread,id,parent,text\nthread,1,{word},Hello\n")
    assert comments(records)[0].reply_to is None


def test_author_zero_is_somebody(tmp_path: Path) -> None:
    records = read(tmp_path, "author,text\n0,Hello\nroot,Hello\nNone,Hello\n")
    assert [comment.author_name for comment in comments(records)] == ["0", "root", ""]


def test_repeated_and_empty_names_of_columns_become_unique(tmp_path: Path) -> None:
    records = read(tmp_path, "text,,a,a (column 4),a,a\nSome words,1,2,3,4,5\n")
    assert comments(records)[0].raw == {
        "text": "Some words",
        "column 2": "1",
        "a": "2",
        "a (column 4)": "3",
        "a (column 5)": "4",
        "a (column 6)": "5",
    }


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_table_of_very_many_columns_is_refused_in_words(tmp_path: Path, delimiter: str) -> None:
    words = "has 100,001 columns; at most 1,000 are read"
    wide = delimiter.join(["text"] + ["a"] * 100_000) + "\n"
    assert table.detect(source(tmp_path, wide)) == 0
    with pytest.raises(UnreadableFile, match=words):
        read(tmp_path, wide)
    survey = delimiter.join(["text", *(f"question {n}" for n in range(999))])
    assert len(comments(read(tmp_path, f"{survey}\nSome words{delimiter * 999}\n"))) == 1


@pytest.mark.parametrize("form", ["%s\n{}", "[%s, {}]"])
def test_an_object_of_very_many_values_costs_itself(tmp_path: Path, form: str) -> None:
    wide = json.dumps({"text": "Some words"} | {f"a{n}": n for n in range(1_000)})
    records = read(tmp_path, form.format('{"text": "Other words"}') % wide)
    assert [comment.text for comment in comments(records)] == ["Other words"]
    assert "holds 1,001 values; at most 1,000 are read" in next(iter(refused(records).values()))


@pytest.mark.parametrize(
    ("start", "piece"),
    [("text,id\n", "\n"), ('text,id\n"', "a,b\n"), ('text,id\n"', "\n"), ("", "\n")],
)
def test_only_so_many_lines_are_looked_at_to_know_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: str, piece: str
) -> None:
    taken: Counter[str] = Counter()

    def counted(file: BinaryIO) -> Iterator[Line | RecordError]:
        for line in numbered_lines(file):
            taken["lines"] += 1
            yield line

    monkeypatch.setattr(tables, "numbered_lines", counted)
    table.detect(source(tmp_path, start + piece * (HEAD_BYTES // len(piece))))
    assert taken["lines"] <= (len(DELIMITERS) + 1) * tables.SAMPLE_LINES


def test_a_long_first_row_does_not_hide_the_delimiter(tmp_path: Path) -> None:
    long = "A line of a long article; it has many.\n" * 3_000
    records = read(tmp_path, f'id,text\n1,"{long}"\n2,Short\n')
    assert [comment.text for comment in comments(records)] == [long, "Short"]


@pytest.mark.parametrize(
    ("value", "reason"), [("NaN", "invalid character"), ("9" * 10_000, "out of range")]
)
@pytest.mark.parametrize("form", ['[{"text": "a", "n": N}]', '[\n{"text": "a"},\n{"n": N}\n]'])
def test_a_list_that_is_no_json_is_refused_with_the_reason(
    tmp_path: Path, form: str, value: str, reason: str
) -> None:
    with pytest.raises(UnreadableFile, match=f"not valid JSON.*{reason}"):
        read(tmp_path, form.replace("N", value))


@pytest.mark.parametrize("text", ["[1, 2]", '["a", {}', "[]", "[1]\n[2]\n", '[{"a": 1}]\n[2]\n'])
def test_a_list_of_other_things_is_no_table(tmp_path: Path, text: str) -> None:
    assert table.detect(source(tmp_path, text)) == 0


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
    rest = "".join(f"{n},words {n}\n" for n in range(2, 20_000))
    records = read(tmp_path, f'id,text\n1,"oh\n{rest}')
    assert len(comments(records)) == 19_998
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
    [
        {"dialect": "xml"},
        {"columns": {"texts": "text"}},
        {"delimiter": ","},
        {"columns": ["text"]},
        {"ids": "file"},
        {"html": "yes"},
    ],
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


def noteless(file: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    return (record for record in table.read(file, options) if not isinstance(record, Note))


cell = st.one_of(st.sampled_from(["", "a", "1", "None", '"', "x,y", "1.0"]), st.text(max_size=20))


@given(rows=st.lists(st.lists(cell, min_size=2, max_size=2), max_size=10))
def test_what_the_csv_module_writes_is_read_back(rows: list[list[str]]) -> None:
    written = io.StringIO()
    csv.writer(written).writerows([["n", "text"], ["x", "first"], *rows])
    data = written.getvalue().encode(errors="replace")
    records = outcome(noteless, data, {"dialect": "csv", "columns": {"text": "text"}})
    kept = [row[1] for row in rows if row[1].strip() and "\x00" not in "".join(row)]
    found = [comment.text for comment in comments(records)][1:]
    if not any("\x00" in value for row in rows for value in row):
        assert found == [text.encode(errors="replace").decode() for text in kept]


@given(data=readable_anyhow, dialect=st.sampled_from([None, *DIALECTS]))
def test_any_bytes_give_records_or_a_refusal(data: bytes, dialect: str | None) -> None:
    outcome(noteless, data, {"dialect": dialect, "columns": {"text": "text"}} if dialect else {})


json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**70), 2**70),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(["[deleted]", "removed", "1e9", "2024-05-31", "<p>", ">>1", "0"]),
    ),
    lambda values: st.one_of(
        st.lists(values, max_size=3), st.dictionaries(st.text(max_size=3), values, max_size=3)
    ),
    max_leaves=5,
)
ROLES_TOLD = {role: role for role in ROLES}


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.dictionaries(st.sampled_from(ROLES), json_values), min_size=1, max_size=6),
    told=st.fixed_dictionaries(
        {
            "columns": st.sampled_from([{}, ROLES_TOLD]),
            "html": st.booleans(),
            "ids": st.sampled_from([None, "thread"]),
            "preset": st.sampled_from([None, *(preset.name for preset in PRESETS)]),
        }
    ),
    is_list=st.booleans(),
)
def test_any_values_give_records_or_a_refusal(
    rows: list[dict[str, Any]], told: dict[str, Any], is_list: bool
) -> None:
    text = json.dumps(rows) if is_list else json_lines(rows)
    outcome(noteless, text.encode(errors="surrogatepass"), told)
