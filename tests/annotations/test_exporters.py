"""What may be relied on in the bytes of every export format.

``UPDATE_CASES=1 pytest tests/annotations/test_exporters.py`` writes the golden files anew.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from pathlib import Path

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.errors import InvalidInput
from annotations.exporters.registry import Exporter, exporter, exporters
from annotations.exporters.rows import LabelRow

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases" / "exports"
DOCS = (ROOT / "docs" / "exports.md").read_text()
EXPORTERS = pytest.mark.parametrize("chosen", exporters().values(), ids=exporters())
CSV_FORMATS = pytest.mark.parametrize("name", ["csv", "spreadsheet"])
# A csv reader of Python takes what fits a cell of a database: no NUL, no half of a pair.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))

SPAN = LabelRow(
    campaign="bridge-study",
    codebook="claims",
    codebook_version=3,
    thread_id="t1",
    thread_title='The "old" bridge, and what it costs',
    thread_url="https://news.example/1",
    comment_id="c1",
    comment_kind="comment",
    comment_status="visible",
    reply_to="a1",
    position=1,
    depth=1,
    author="u123",
    posted_at=datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
    text="😀 =2+2 says:\nשלום, it\u00a0costs 2 million.",
    annotation=41,
    annotator="A1",
    source="human",
    model="",
    state="submitted",
    revision=4,
    question="part",
    kind="span",
    value="fact",
    span_start=21,
    span_end=39,
    span_quote="it\u00a0costs 2 million",
    related_comment="",
    saved_at=datetime(2026, 3, 1, 12, 6, tzinfo=UTC),
    submitted_at=datetime(2026, 3, 1, 12, 5, 30, 250000, tzinfo=UTC),
    seconds=12.5,
    confidence=2,
    flagged=True,
    note="=HYPERLINK(1)",
    skip_reason="",
)
NUMBER = replace(
    SPAN,
    question="balance",
    kind="number",
    value=-3,
    span_start=None,
    span_end=None,
    span_quote="",
    source="model",
    model="guesser-1",
    confidence=None,
    flagged=False,
)
SKIPPED = replace(
    NUMBER,
    source="human",
    model="",
    comment_id="",
    position=None,
    depth=None,
    posted_at=None,
    text="",
    state="skipped",
    question="",
    kind="",
    value="",
    submitted_at=None,
    note="",
    skip_reason="Not in English",
)
ROWS = [SPAN, NUMBER, SKIPPED]


def written(name: str, rows: list[LabelRow]) -> bytes:
    return b"".join(exporter(name).write(rows))


def read_csv(content: bytes) -> list[dict[str, str]]:
    text = content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@EXPORTERS
def test_golden_file(chosen: Exporter) -> None:
    path = CASES / chosen.name
    content = written(chosen.name, ROWS)
    if os.environ.get("UPDATE_CASES"):
        path.write_bytes(content)
    assert content == path.read_bytes()


@EXPORTERS
def test_rows_are_written_as_they_come(chosen: Exporter) -> None:
    """Bytes come out before the rows have ended, so no exporter gathers them first."""
    taken = []

    def rows() -> Iterator[LabelRow]:
        for number in range(1_000):
            taken.append(number)
            yield SPAN

    chunks = iter(chosen.write(rows()))
    for _ in range(10):
        next(chunks)
    assert len(taken) <= 10


def test_each_format_and_nothing_else_is_documented() -> None:
    assert re.findall(r"^### `(\w+)`$", DOCS, re.MULTILINE) == sorted(exporters(), key=DOCS.index)
    assert set(re.findall(r"^### `(\w+)`$", DOCS, re.MULTILINE)) == set(exporters())


def test_each_column_is_documented_in_its_order() -> None:
    columns = DOCS[DOCS.index("## Columns") : DOCS.index("## Add a format")]
    documented = re.findall(r"^\| `(\w+)` \|", columns, re.MULTILINE)
    assert documented == [field.name for field in fields(LabelRow)]


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match=r"'xml' is no export format.*csv, jsonl, spreadsheet"):
        exporter("xml")


@given(text=TEXTS, note=TEXTS)
def test_json_lines_keep_every_text_and_number(text: str, note: str) -> None:
    row = replace(NUMBER, text=text, note=note)
    content = written("jsonl", [row, row])
    first, second = content.splitlines()
    expected = asdict(row)
    expected |= {
        "posted_at": "2026-03-01T12:00:00Z",
        "saved_at": "2026-03-01T12:06:00Z",
        "submitted_at": "2026-03-01T12:05:30.250000Z",
    }
    assert json.loads(first) == json.loads(second) == expected


@given(text=TEXTS, note=TEXTS)
def test_csv_keeps_every_text(text: str, note: str) -> None:
    (found,) = read_csv(written("csv", [replace(SPAN, text=text, note=note)]))
    assert (found["text"], found["note"]) == (text, note)


@given(text=TEXTS, padding=st.sampled_from(["", " ", "  "]))
def test_no_text_starts_a_formula_in_a_spreadsheet(text: str, padding: str) -> None:
    (found,) = read_csv(written("spreadsheet", [replace(SPAN, text=padding + text)]))
    assert found["text"] in (padding + text, "'" + padding + text)
    assert not found["text"].lstrip(" ").startswith(tuple("=+-@\t\r\n＝＋－＠"))


@pytest.mark.parametrize("sign", [*"=+-@＝＋－＠", "\t", "\r", "\n", " ="])
def test_what_looks_like_a_formula_is_disarmed_only_for_spreadsheets(sign: str) -> None:
    row = replace(SPAN, text=f"{sign}1", author=f"{sign}1", value=f"{sign}1")
    (raw,) = read_csv(written("csv", [row]))
    (safe,) = read_csv(written("spreadsheet", [row]))
    assert {raw[name] for name in ("text", "author", "value")} == {f"{sign}1"}
    assert {safe[name] for name in ("text", "author", "value")} == {f"'{sign}1"}


@CSV_FORMATS
def test_numbers_times_and_truth_in_csv(name: str) -> None:
    span, number, skipped = read_csv(written(name, ROWS))
    assert (number["value"], number["flagged"], span["flagged"]) == ("-3", "false", "true")
    assert (span["seconds"], span["span_end"]) == ("12.5", "39")
    assert span["submitted_at"] == "2026-03-01T12:05:30.250000Z"
    assert (skipped["saved_at"], skipped["submitted_at"]) == ("2026-03-01T12:06:00Z", "")
    assert (skipped["position"], skipped["posted_at"]) == ("", "")


@CSV_FORMATS
def test_no_rows_give_a_header_alone(name: str) -> None:
    (header,) = written(name, []).decode("utf-8-sig").splitlines()
    assert header.split(",") == [field.name for field in fields(LabelRow)]


@CSV_FORMATS
def test_pandas_reads_csv(name: str) -> None:
    frame = pandas.read_csv(io.BytesIO(written(name, ROWS)), keep_default_na=False)
    assert list(frame.columns) == [field.name for field in fields(LabelRow)]
    assert list(frame["annotation"]) == [41, 41, 41]


def test_pandas_reads_json_lines() -> None:
    frame = pandas.read_json(io.BytesIO(written("jsonl", ROWS)), lines=True, dtype={"value": str})
    assert list(frame["text"]) == [row.text for row in ROWS]
    assert [str(time) for time in frame["posted_at"][:2]] == ["2026-03-01 12:00:00+00:00"] * 2


@EXPORTERS
def test_the_same_rows_give_the_same_bytes(chosen: Exporter) -> None:
    assert written(chosen.name, ROWS) == written(chosen.name, ROWS)
