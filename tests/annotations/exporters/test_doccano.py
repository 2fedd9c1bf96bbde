"""doccano's lines, read as its importer reads them: a table by pandas, the labels one by one."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pandas
from hypothesis import given

from annotations.exporters.dataset import Dataset
from annotations.exporters.drawers import HELD_BYTES
from annotations.exporters.rows import AnswerRow, CommentRow, Row, ThreadRow
from tests.annotations.exporters.discussion import BEFORE, TEXT, dataset, label, one_comment, said
from tests.annotations.exporters.marked import FEW, marked
from tests.annotations.exporters.written import written_files


def files(study: Dataset | None = None) -> Mapping[str, bytes]:
    return written_files("doccano", study or dataset())


def table(content: bytes) -> pandas.DataFrame:
    return pandas.read_json(io.BytesIO(content), lines=True, dtype=False)


def test_each_kind_of_question_is_a_project_of_its_own() -> None:
    projects = {tuple(name.split("/")[:2]) for name in files()}
    assert projects == {
        ("sequence_labeling", "part"),
        ("sequence_to_sequence", "why"),
        ("sequence_to_sequence", "mood"),
        ("text_classification", "claim"),
        ("text_classification", "reasons"),
        ("text_classification", "tone"),
        ("text_classification", "count"),
    }


def test_each_annotator_model_and_layer_has_a_file() -> None:
    found = {name.split("/")[2] for name in files() if "/claim/" in name}
    assert found == {
        "A1.jsonl",
        "A2.jsonl",
        "adjudication.jsonl",
        "gold.jsonl",
        "model-guesser-1.jsonl",
    }


def test_every_line_is_as_the_importer_takes_it() -> None:
    for name, content in files().items():
        for row in table(content).to_dict(orient="records"):
            assert isinstance(row["text"], str)
            assert row["text"]
            for one in row["label"]:
                if name.startswith("sequence_labeling/"):
                    start, end, key = one
                    assert 0 <= start < end <= len(row["text"])
                    assert key
                else:
                    assert isinstance(one, str)
                    assert one


def test_labels_stand_beside_the_text_that_was_labeled() -> None:
    spans = table(files()["sequence_labeling/part/A1.jsonl"])
    found = dict(zip(spans["comment_id"], spans["text"], strict=True))
    assert (found["c1"], found["c2"]) == (TEXT, BEFORE)
    classes = table(files()["text_classification/reasons/A1.jsonl"])
    labels = dict(zip(classes["comment_id"], classes["label"], strict=True))
    assert (labels["c1"], labels["c2"]) == (["rude", "wrong"], [])


def test_a_question_that_did_not_come_up_has_no_line() -> None:
    found = files(one_comment("Hm.", said("A1", label("claim", "no"))))
    assert "text_classification/reasons/A1.jsonl" not in found
    assert "text_classification/tone/A1.jsonl" in found


def test_what_was_skipped_or_has_no_words_is_in_no_file() -> None:
    rows: list[Row] = [
        ThreadRow(id="t1"),
        CommentRow(id="c1", annotations=(said("A1", label("claim", "yes")),)),
        CommentRow(id="c2", text="Hm", annotations=(said("A1", state="skipped"),)),
    ]
    assert files(dataset(rows)) == {}


def test_files_of_many_lines_are_whole_and_in_order() -> None:
    comments = [
        CommentRow(
            id=f"c{number}",
            text="x" * 500,
            annotations=(said(f"A{number % 3}", label("claim", "yes")),),
        )
        for number in range(3 * HELD_BYTES // 1000)
    ]
    found = files(dataset([ThreadRow(id="t1"), *comments]))
    for number in range(3):
        ids = list(table(found[f"text_classification/claim/A{number}.jsonl"])["comment_id"])
        assert ids == [one.id for one in comments[number::3]]
    assert list(found) == sorted(found)


@FEW
@given(marked())
def test_spans_count_code_points(drawn: tuple[str, tuple[AnswerRow, ...]]) -> None:
    text, marks = drawn
    content = files(one_comment(text, said("A1", *marks)))["sequence_labeling/part/A1.jsonl"]
    (row,) = table(content).to_dict(orient="records")
    assert [row["text"][start:end] for start, end, _ in row["label"]] == [m.quote for m in marks]
