"""The Parquet file, as pandas, polars, DuckDB and datasets read it."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import datasets
import duckdb
import pandas
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.exporters.dataset import CodebookFacts, Dataset, QuestionFacts
from annotations.exporters.fields import OURS
from annotations.exporters.flat import COLUMNS
from annotations.exporters.privacy import protected
from annotations.exporters.rows import AnswerRow
from tests.annotations.exporters.discussion import (
    LATER,
    STUDY,
    TEXT,
    dataset,
    label,
    one_comment,
    said,
)
from tests.annotations.exporters.written import written

pytestmark = pytest.mark.slow

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
OF_ONE_VALUE = {
    *("question", "kind", "value", "span_start", "span_end", "span_quote"),
    *("related_comment", "share"),
}
SPANS = [
    {"start": 19, "end": 37, "quote": "it\u00a0costs 2 million", "label": "fact"},
    {"start": 0, "end": 6, "quote": "😀 =2+2", "label": "opinion"},
]
MEMORY = """
import resource
from tests.annotations.exporters.many import many
from annotations.exporters.formats import parquet

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
size = sum(map(len, parquet.write(many(annotations={annotations}))))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "labels.parquet"
    path.write_bytes(written("parquet", dataset()))
    return path


def read(study: Dataset) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(written("parquet", study))).to_pylist()
    return rows


def asking(*questions: QuestionFacts) -> Dataset:
    codebook = CodebookFacts(key="odd", version=1, title="Odd", questions=questions)
    return replace(dataset([]), study=replace(STUDY, codebook=codebook))


def test_questions_have_columns_of_their_own_types(file: Path) -> None:
    schema = pq.read_schema(file)
    part = pa.struct(
        [("start", pa.int64()), ("end", pa.int64()), ("quote", pa.string()), ("label", pa.string())]
    )
    assert {name: schema.field(name).type for name in ("claim", "tone", "count", "why")} == {
        "claim": pa.string(),
        "tone": pa.float64(),
        "count": pa.float64(),
        "why": pa.string(),
    }
    assert schema.field("reasons").type.value_type == pa.string()
    assert schema.field("part").type.value_type == part
    assert schema.field("to").type.value_type.names == ["comment", "label"]
    assert schema.field("posted_at").type == pa.timestamp("us", tz="UTC")


def test_every_column_that_is_not_of_a_single_value_is_there() -> None:
    (first, *_) = read(dataset())
    assert set(COLUMNS) - OF_ONE_VALUE <= set(first)


def test_a_row_for_each_annotation_with_its_answers() -> None:
    rows = {row["annotation"]: row for row in read(dataset())}
    one = rows["c1/A1"]
    assert (one["claim"], one["tone"], one["count"]) == ("yes", 2.0, 2.5)
    assert (one["reasons"], one["part"]) == (["rude", "wrong"], SPANS)
    assert one["to"] == [{"comment": "a1", "label": "disagrees"}]
    assert one["submitted_at"] == LATER
    assert rows["t1/A1"]["mood"] == "Calm, mostly."
    assert rows["c1/A2"]["reasons"] is None


def test_soft_labels_stand_by_question() -> None:
    rows = {row["annotation"]: row for row in read(dataset())}
    shares = rows["c1/aggregated:majority"]["shares"]
    assert shares["claim"] == [{"value": "no", "share": 0.5}, {"value": "yes", "share": 0.5}]
    assert shares["reasons"] is None
    assert "shares" not in read(dataset(layers=["human"], method=""))[0]


def test_pandas_reads_it_with_types(file: Path) -> None:
    frame = pandas.read_parquet(file).set_index("annotation")
    assert str(frame["posted_at"].dtype) == "datetime64[us, UTC]"
    assert frame["tone"].dtype == "float64"
    marked = frame[frame["part"].notna()]
    assert len(marked) == 6
    for text, spans in zip(marked["text"], marked["part"], strict=True):
        assert all(text[one["start"] : one["end"]] == one["quote"] for one in spans)


def test_polars_reads_and_scans_it(file: Path) -> None:
    frame = polars.read_parquet(file)
    assert frame.schema["posted_at"] == polars.Datetime("us", "UTC")
    assert frame.schema["reasons"] == polars.List(polars.String)
    spans = (
        polars.scan_parquet(file)
        .filter(polars.col("annotation") == "c1/A1")
        .select("part")
        .explode("part")
        .unnest("part")
        .collect()
    )
    assert spans.to_dicts() == SPANS


def test_duckdb_asks_it(file: Path) -> None:
    labels = duckdb.read_parquet(str(file))
    people = labels.filter("source = 'human'").aggregate("claim, count(*)").order("claim")
    assert people.fetchall() == [("no", 2), ("yes", 4), (None, 3)]
    shared = labels.filter("source = 'aggregated'")
    found = shared.project("part[1].quote, shares.claim[1].share").fetchall()
    assert found == [("costs", 0.5)]


def test_datasets_reads_it(file: Path, tmp_path: Path) -> None:
    found = datasets.load_dataset(
        "parquet", data_files=str(file), split="train", cache_dir=str(tmp_path / "cache")
    )
    assert found.features["posted_at"].dtype == "timestamp[us, tz=UTC]"
    rows = {row["annotation"]: row for row in found}
    assert rows["c1/A1"]["part"] == SPANS
    assert rows["c1/A1"]["posted_at"] == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_question_named_like_our_column_has_an_underscore() -> None:
    study = asking(
        QuestionFacts(key="text", kind="text", title="Text?"),
        QuestionFacts(key="claim", kind="single_label", title="Claim?"),
        QuestionFacts(key="shares", kind="number", title="Shares?"),
    )
    rows = one_comment(
        TEXT,
        said("A1", label("text", "My own.", "text"), label("shares", 3, "number")),
    )
    (row,) = read(replace(study, read=rows.read))
    assert (row["text"], row["text_"], row["shares_"]) == (TEXT, "My own.", 3.0)


def test_every_column_of_ours_is_kept_from_questions() -> None:
    names = pq.read_schema(io.BytesIO(written("parquet", asking()))).names
    assert set(names) <= OURS


def test_a_codebook_without_questions_has_a_table() -> None:
    rows = one_comment(TEXT, said("A1", note="Nothing asked."))
    (row,) = read(replace(asking(), read=rows.read))
    assert (row["annotation"], row["note"]) == ("c1/A1", "Nothing asked.")


@given(
    text=TEXTS,
    note=TEXTS,
    answers=st.lists(
        st.sampled_from(
            [
                label("reasons", "rude", "multi_label"),
                label("why", "x", "text"),
                AnswerRow(question="to", kind="relation", related="c0", value="disagrees"),
                AnswerRow(question="part", kind="span", start=0, end=0, value="fact"),
            ]
        ),
        unique_by=lambda answer: answer.question,
    ),
)
@settings(deadline=None)
def test_texts_and_answers_come_back_as_they_were(
    text: str, note: str, answers: list[AnswerRow]
) -> None:
    (row,) = read(one_comment(text, said("A1", *answers, note=note)))
    assert (row["text"], row["note"]) == (text, note)
    told = {answer.question for answer in answers}
    assert {name for name in ("reasons", "why", "to", "part") if row[name] is not None} == told


def test_lists_stay_with_their_rows_across_row_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(dataset())
    monkeypatch.setattr("annotations.exporters.table.ROWS_AT_ONCE", 2)
    content = written("parquet", dataset())
    assert pq.ParquetFile(io.BytesIO(content)).num_row_groups > 3
    assert pq.read_table(io.BytesIO(content)).to_pylist() == whole


def test_long_texts_end_a_row_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotations.exporters.table.BYTES_AT_ONCE", 10)
    content = written("parquet", dataset())
    assert pq.ParquetFile(io.BytesIO(content)).num_row_groups > 3


def test_the_earlier_text_that_was_labeled_is_the_row_s_text() -> None:
    rows = {row["annotation"]: row for row in read(dataset())}
    assert rows["c2/A1"]["text"] == "It costs 1 million."
    assert rows["c2/A2"]["text"] == "Nein. Das kostet 2 Millionen."


def test_what_privacy_takes_away_is_in_no_column() -> None:
    told = str(read(protected(dataset(privacy="redacted"), "0" * 64)))
    assert not re.findall(r"\b(?:u123|u456|t1|c1|news\.example|@ada)\b", told)
    assert "[EMAIL]" in told


def test_memory_does_not_grow_with_the_rows() -> None:
    few, many = (
        int(subprocess.check_output([sys.executable, "-c", MEMORY.format(annotations=count)]))
        for count in (30_000, 90_000)
    )
    assert many < few + 40, f"{few} MB for 30,000 annotations, {many} MB for 90,000"
