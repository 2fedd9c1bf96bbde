"""Label Studio's tasks: what its importer asks for, and that results fit its interface."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

from hypothesis import given

from annotations.exporters.rows import AnswerRow, CommentRow, Row, ThreadRow
from tests.annotations.exporters.discussion import (
    BEFORE,
    CODEBOOK,
    dataset,
    label,
    one_comment,
    said,
)
from tests.annotations.exporters.marked import FEW, marked
from tests.annotations.exporters.written import written_files

KINDS = {
    "choices": "Choices",
    "labels": "Labels",
    "rating": "Rating",
    "number": "Number",
    "textarea": "TextArea",
}


def tasks(study: Any = None) -> list[dict[str, Any]]:
    files = written_files("label_studio", study or dataset())
    return json.loads(files["tasks.json"])  # type: ignore[no-any-return]


def interface() -> ElementTree.Element:
    return ElementTree.fromstring(written_files("label_studio", dataset())["config.xml"])  # noqa: S314


def results(task: dict[str, Any]) -> list[dict[str, Any]]:
    given_by = [*task["annotations"], *task["predictions"]]
    return [item for one in given_by for item in one["result"]]


def test_every_result_belongs_to_a_control_of_its_kind() -> None:
    controls = {one.get("name"): one for one in interface().iter() if one.get("toName")}
    assert list(controls) == [question.key for question in CODEBOOK.questions]
    found = [item for task in tasks() for item in results(task)]
    assert {item["type"] for item in found} == set(KINDS)
    for item in found:
        control = controls[item["from_name"]]
        assert control.tag == KINDS[item["type"]]
        assert control.get("toName") == item["to_name"] == "text"
        options = {option.get("value") for option in control}
        if item["type"] in ("choices", "labels"):
            assert set(item["value"][item["type"]]) <= options


def test_everything_that_the_interface_shows_is_in_every_task() -> None:
    shown = {one.get("value") for one in interface().iter() if (one.get("value") or "")[:1] == "$"}
    assert shown == {"$text", "$context"}
    for task in tasks():
        assert {"text", "context"} <= task["data"].keys()


def test_people_annotate_models_predict_and_only_what_is_decided_is_the_truth() -> None:
    task = next(one for one in tasks() if one["data"]["comment_id"] == "c1")
    by = [(one["completed_by"]["email"], one["ground_truth"]) for one in task["annotations"]]
    assert by == [
        ("a1@annotators.invalid", False),
        ("a2@annotators.invalid", False),
        ("a2@annotators.invalid", True),
        ("gold@annotators.invalid", True),
    ]
    models = {one["model_version"]: one["score"] for one in task["predictions"]}
    assert models == {"guesser-1": 0.75, "aggregated:majority": None}


def test_stars_are_whole_and_a_median_between_two_is_left_out() -> None:
    stars = [
        item["value"]["rating"]
        for task in tasks()
        for item in results(task)
        if item["type"] == "rating"
    ]
    assert stars
    assert all(float(one).is_integer() for one in stars)
    (aggregated,) = [
        one for one in tasks()[1]["predictions"] if one["model_version"] == "aggregated:majority"
    ]
    assert "tone" not in {item["from_name"] for item in aggregated["result"]}


def test_a_skipped_unit_is_a_cancelled_annotation_without_results() -> None:
    task = next(one for one in tasks() if one["data"]["comment_id"] == "c2")
    cancelled = [one for one in task["annotations"] if one["was_cancelled"]]
    assert [(one["completed_by"]["email"], one["result"]) for one in cancelled] == [
        ("a2@annotators.invalid", [])
    ]


def test_a_task_shows_what_stands_above_in_the_thread() -> None:
    rows: list[Row] = [
        ThreadRow(id="t"),
        CommentRow(id="a", kind="article", text="Bridge"),
        CommentRow(id="b", reply_to="a", position=1, depth=1, text="Old"),
        CommentRow(id="c", reply_to="a", position=2, depth=1, text="New"),
        CommentRow(
            id="d",
            reply_to="c",
            position=3,
            depth=2,
            text="No",
            annotations=(said("A1", label("claim", "no")),),
        ),
    ]
    (task,) = tasks(dataset(rows))
    assert [one["text"] for one in task["data"]["context"]] == ["Bridge", "New"]


def test_a_span_of_an_earlier_text_that_is_gone_is_counted_as_left_out() -> None:
    task = next(one for one in tasks() if one["data"]["comment_id"] == "c2")
    assert task["data"]["spans_left_out"] == 1
    assert "labels" not in {item["type"] for item in results(task)}
    assert BEFORE not in json.dumps(task)


@FEW
@given(marked())
def test_spans_count_code_points_of_the_text(drawn: tuple[str, tuple[AnswerRow, ...]]) -> None:
    text, marks = drawn
    (task,) = tasks(one_comment(text, said("A1", *marks)))
    found = [item["value"] for item in results(task)]
    assert [(one["start"], one["end"]) for one in found] == [(m.start, m.end) for m in marks]
    for one in found:
        assert task["data"]["text"][one["start"] : one["end"]] == one["text"]
