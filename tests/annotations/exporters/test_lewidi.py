"""LeWiDi's files, read as the shared task's own baselines read them."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.exporters.dataset import CodebookFacts, Dataset, LabelFacts, QuestionFacts
from annotations.exporters.rows import AnnotationRow, CommentRow, ThreadRow
from tests.annotations.exporters.discussion import BEFORE, TEXT, dataset, label, said
from tests.annotations.exporters.written import written_files

FIELDS = [
    *("text", "annotation task", "number of annotations", "annotations", "annotators", "lang"),
    *("hard_label", "soft_label", "split", "other_info"),
]


def read(name: str, study: Dataset | None = None) -> dict[str, dict[str, Any]]:
    found = json.loads(written_files("lewidi", study or dataset())[name])
    assert isinstance(found, dict)
    return found


def voted(*values: str, more: tuple[AnnotationRow, ...] = (), split: str = "") -> Dataset:
    votes = tuple(said(f"A{n}", label("claim", value)) for n, value in enumerate(values, start=1))
    comment = CommentRow(id="c1", text="Well.", split=split, annotations=(*votes, *more))
    return dataset([ThreadRow(id="t1"), comment])


def test_an_item_has_the_fields_of_the_task_and_all_votes() -> None:
    item = read("claim_train.json")["c1"]
    assert list(item) == FIELDS
    assert (item["text"], item["lang"], item["split"]) == (TEXT, "en", "train")
    assert (item["annotators"], item["annotations"]) == ("A1,A2", "yes,no")
    assert (item["number of annotations"], item["soft_label"]) == (2, {"yes": 0.5, "no": 0.5})


@given(values=st.lists(st.sampled_from(["yes", "no"]), min_size=1, max_size=6))
def test_soft_and_hard_labels_follow_from_the_votes(values: list[str]) -> None:
    item = read("claim_train.json", voted(*values))["c1"]
    annotations = item["annotations"].split(",")
    assert annotations == values
    assert item["annotators"].split(",") == [f"A{n}" for n in range(1, len(values) + 1)]
    for key, share in item["soft_label"].items():
        assert share == annotations.count(key) / len(annotations)
    most = max(item["soft_label"].values())
    assert item["hard_label"] == "" or item["soft_label"][item["hard_label"]] == most
    assert (item["hard_label"] == "") == (values.count("yes") == values.count("no"))


def test_an_adjudicator_breaks_a_tie_and_only_a_tie() -> None:
    decision = (AnnotationRow(source="adjudication", answers=(label("claim", "no"),)),)
    assert read("claim_train.json", voted("yes", "no", more=decision))["c1"]["hard_label"] == "no"
    clear = voted("yes", "yes", "no", more=decision)
    assert read("claim_train.json", clear)["c1"]["hard_label"] == "yes"


@pytest.mark.parametrize(
    ("split", "file"), [("train", "train"), ("validation", "dev"), ("test", "test"), ("", "train")]
)
def test_each_item_is_in_the_file_of_its_split(split: str, file: str) -> None:
    found = {
        name: read(f"claim_{name}.json", voted("yes", split=split))
        for name in ("train", "dev", "test")
    }
    assert {name: list(items) for name, items in found.items() if items} == {file: ["c1"]}
    assert found[file]["c1"]["split"] == file


def test_each_choice_of_the_codebook_is_a_dataset() -> None:
    names = {name.rsplit("_", 1)[0] for name in written_files("lewidi", dataset())}
    assert {name.removesuffix("_annotators") for name in names} == {
        *("claim", "reasons.rude", "reasons.wrong", "tone")
    }
    assert read("reasons.rude_train.json")["c1"]["annotations"] == "1"
    assert read("tone_test.json")["c3"]["soft_label"] == {
        **dict.fromkeys(["1", "2", "3", "4"], 0.0),
        "5": 1.0,
    }


def test_what_was_labeled_before_it_changed_is_told_beside() -> None:
    items = read("claim_train.json")
    assert items["c2"]["other_info"]["earlier_texts"] == {"A1": BEFORE}
    assert "earlier_texts" not in items["c1"]["other_info"]


def test_a_question_about_threads_has_threads_as_items() -> None:
    question = QuestionFacts(
        key="mood", kind="single_label", title="Mood?", unit="thread",
        labels=(LabelFacts(key="calm", title="Calm"),),
    )  # fmt: skip
    study = replace(
        dataset().study,
        codebook=CodebookFacts(key="k", version=1, title="t", questions=(question,)),
    )
    row = ThreadRow(id="t1", title="The bridge", annotations=(said("A1", label("mood", "calm")),))

    def rows() -> Any:
        yield row

    item = read("mood_train.json", Dataset(study, rows))["t1"]
    assert (item["text"], item["hard_label"]) == ("The bridge", "calm")


def test_a_codebook_of_more_tasks_than_files_can_be_open_is_written_whole() -> None:
    labels = tuple(LabelFacts(key=f"l{n}", title="L") for n in range(60))
    questions = tuple(
        QuestionFacts(key=f"q{n}", kind="multi_label", title="?", labels=labels) for n in range(8)
    )
    codebook = CodebookFacts(key="k", version=1, title="t", questions=questions)
    study = replace(dataset().study, codebook=codebook, annotators=())
    files = written_files("lewidi", Dataset(study, dataset().rows))
    assert len(files) == 8 * 60 * 3
    assert json.loads(files["q7.l59_train.json"])["c1"]["annotations"] == "0,0"


def test_traits_that_may_be_told_are_beside_the_items() -> None:
    assert read("claim_annotators_meta.json") == {"A1": {"first_language": "German"}}


def test_pandas_reads_it_as_documented() -> None:
    content = written_files("lewidi", dataset())["claim_train.json"]
    frame = pandas.read_json(io.BytesIO(content), orient="index", convert_axes=False, dtype=False)
    assert list(frame.index) == ["c1", "c2"]
    assert frame.loc["c1"]["annotations"] == "yes,no"
