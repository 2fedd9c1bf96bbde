"""The formats that are tables: CSV and JSON Lines."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.exporters.flat import COLUMNS
from tests.annotations.exporters.discussion import TEXT, dataset, label, one_comment, said
from tests.annotations.exporters.written import written

# A csv reader of Python takes what fits a cell of a database: no NUL, no half of a pair.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
SIGNS = [*"=+-@＝＋－＠", "\t", "\r", "\n", " =", "  @", "\0="]
FORMULAS = pytest.mark.parametrize("formulas", ["keep", "escape"])


def read_csv(content: bytes) -> list[dict[str, str]]:
    text = content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def in_csv(text: str, note: str = "", formulas: str = "keep") -> dict[str, str]:
    study = one_comment(text, said("A1", label("why", text, "text"), note=note), author=text)
    study = dataset(study.rows(), formulas=formulas)
    (found,) = read_csv(written("csv", study))
    return found


def lines(**contents: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written("jsonl", dataset(**contents)).splitlines()]


@given(text=TEXTS, note=TEXTS)
def test_json_lines_keep_every_text(text: str, note: str) -> None:
    content = written("jsonl", one_comment(text, said("A1", note=note)))
    (line,) = content.splitlines()
    found = json.loads(line)
    assert (found["text"], found["note"]) == (text, note)


@given(text=TEXTS, note=TEXTS)
def test_csv_keeps_every_text(text: str, note: str) -> None:
    found = in_csv(text, note)
    assert (found["text"], found["note"]) == (text, note)


@given(text=TEXTS, padding=st.sampled_from(["", " ", "  "]))
def test_no_text_starts_a_formula_where_they_are_escaped(text: str, padding: str) -> None:
    found = in_csv(padding + text, formulas="escape")
    assert found["text"] in (padding + text, "'" + padding + text)
    assert not found["text"].lstrip(" ").startswith(tuple("=+-@\t\r\n＝＋－＠"))


@pytest.mark.parametrize("sign", SIGNS, ids=ascii)
def test_what_looks_like_a_formula_is_disarmed_only_on_request(sign: str) -> None:
    raw, safe = in_csv(f"{sign}1"), in_csv(f"{sign}1", formulas="escape")
    assert {raw[name] for name in ("text", "author", "value")} == {f"{sign}1"}
    assert {safe[name] for name in ("text", "author", "value")} == {f"'{sign}1"}


@FORMULAS
def test_numbers_times_and_truth_in_csv(formulas: str) -> None:
    rows = read_csv(written("csv", dataset(formulas=formulas)))
    found = {(row["comment_id"], row["annotator"], row["question"]): row for row in rows}
    number, skipped = found["c1", "A1", "count"], found["c2", "A2", ""]
    assert (number["value"], number["flagged"], number["seconds"]) == ("2.5", "true", "12.5")
    assert found["c1", "A2", "tone"]["flagged"] == "false"
    assert number["submitted_at"] == "2026-03-01T12:05:30.250000Z"
    assert (skipped["saved_at"], skipped["submitted_at"]) == ("2026-03-01T12:05:30.250000Z", "")
    assert (skipped["value"], skipped["share"]) == ("", "")


@FORMULAS
def test_no_rows_give_a_header_alone(formulas: str) -> None:
    content = written("csv", dataset([], formulas=formulas)).decode("utf-8-sig")
    (header,) = content.splitlines()
    assert tuple(header.split(",")) == COLUMNS


def test_excel_is_told_that_an_escaped_file_is_utf_8() -> None:
    assert written("csv", dataset(formulas="escape")).startswith("\ufeff".encode())
    assert not written("csv", dataset()).startswith("\ufeff".encode())


def test_pandas_reads_csv() -> None:
    frame = pandas.read_csv(io.BytesIO(written("csv", dataset())), keep_default_na=False)
    assert list(frame.columns) == list(COLUMNS)
    spans = frame[(frame["kind"] == "span") & (frame["comment_id"] == "c1")]
    for row in spans.to_dict("records"):
        assert TEXT[int(row["span_start"]) : int(row["span_end"])] == row["span_quote"]


def test_pandas_reads_json_lines_an_annotation_a_row() -> None:
    frame = pandas.read_json(io.BytesIO(written("jsonl", dataset())), lines=True)
    humans = frame[frame["source"] == "human"]
    assert list(humans["annotation"]) == [
        *("t1/A1", "c1/A1", "c1/A2", "c2/A1", "c2/A2", "c3/A2"),
        *("c6/A1", "c6/A2", "c7/A1"),
    ]
    first = humans[humans["annotation"] == "c1/A1"].iloc[0]
    assert first["answers"]["reasons"] == ["rude", "wrong"]
    assert first["answers"]["part"][0]["quote"] == "it\u00a0costs 2 million"
    assert str(first["posted_at"]) == "2026-03-01 12:00:00+00:00"


def test_every_annotation_has_a_line_and_what_is_only_context_has_none() -> None:
    found = lines()
    assert len({line["annotation"] for line in found}) == len(found)
    assert {line["comment_id"] for line in found} == {"", "c1", "c2", "c3", "c6", "c7"}


def test_a_thread_is_one_line_with_its_comments_inside() -> None:
    first, second, _ = map(json.loads, written("threads", dataset()).splitlines())
    assert [comment["id"] for comment in first["comments"]] == ["a1", "c1", "c2"]
    assert [comment["id"] for comment in second["comments"]] == ["c3", "c4"]
    assert first["comments"][1]["annotations"][0]["answers"][0]["value"] == "yes"
