"""PHEME's folders, read back by the importer of them."""

from __future__ import annotations

import json
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.exporters.dataset import CodebookFacts, Dataset, LabelFacts, QuestionFacts
from annotations.exporters.reply_tree import ReplyTree
from annotations.exporters.rows import CommentRow, Row, ThreadRow
from annotations.exporters.tweets import tweet_number
from importers.formats import pheme
from importers.records import CommentRecord, GoldRecord, Record, RecordError, ThreadRecord
from importers.source import Source
from tests.annotations.exporters.discussion import AT, dataset, label, said
from tests.annotations.exporters.written import unpacked, written_files

STANCES = ("support", "deny", "query", "comment")


def question(key: str, unit: str, *labels: str) -> QuestionFacts:
    options = tuple(LabelFacts(key=one, title=one) for one in labels)
    return QuestionFacts(key=key, kind="single_label", title=key, unit=unit, labels=options)


QUESTIONS = (
    question("tone", "comment", "calm", "rude"),
    question("stance", "comment", *STANCES),
    question("veracity", "thread", "true", "false", "unverified"),
)


def rumours(rows: list[Row], *questions: QuestionFacts) -> Dataset:
    codebook = CodebookFacts(key="k", version=1, title="t", questions=questions or QUESTIONS)
    study = replace(dataset().study, codebook=codebook)

    def read() -> Any:
        yield from rows

    return Dataset(study, read)


def imported(study: Dataset) -> list[Record]:
    with tempfile.TemporaryDirectory() as folder:
        return list(pheme.read(Source(unpacked("rumoureval", study, Path(folder))), {}))


def comments(records: list[Record]) -> dict[str, CommentRecord]:
    return {one.id: one for one in records if isinstance(one, CommentRecord)}


def keys(study: Dataset, name: str = "train-key.json") -> Any:
    return json.loads(written_files("rumoureval", study)[name])


def stance(value: str) -> tuple[Any, ...]:
    return (said("A1", label("stance", value)),)


@st.composite
def discussions(draw: st.DrawFn) -> list[Row]:
    """Threads whose comments answer any earlier one, in no order of the tree, or a missing one."""
    rows: list[Row] = []
    for thread in range(draw(st.integers(1, 2))):
        rows.append(ThreadRow(id=f"t{thread}", title=draw(st.text("ab&<> ", max_size=5))))
        names = [f"t3_{thread}", *(f"{thread}{n}" for n in range(draw(st.integers(0, 6))))]
        for n, name in enumerate(names):
            text = draw(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20))
            rows.append(
                CommentRow(
                    id=name, position=n, text=text, posted_at=AT,
                    author=draw(st.sampled_from(["", "Ada"])),
                    reply_to=draw(st.sampled_from([*names[:n], "gone"])) if n else "",
                    annotations=stance(draw(st.sampled_from(STANCES))),
                )
            )  # fmt: skip
    return rows


@given(rows=discussions())
@settings(max_examples=15, deadline=None)
def test_the_importer_finds_the_same_texts_tree_and_labels(rows: list[Row]) -> None:
    records = imported(rumours(rows))
    assert not [record for record in records if isinstance(record, RecordError)]
    found = comments(records)
    said_rows = [row for row in rows if isinstance(row, CommentRow)]
    assert found.keys() == {tweet_number(row.id) for row in said_rows}
    for row in said_rows:
        record = found[tweet_number(row.id)]
        assert record.text == row.text
        assert record.reply_to == (tweet_number(row.reply_to) if row.reply_to else None)
        assert (record.author_name, record.posted_at) == (row.author, row.posted_at)
    labels = {one.comment_id: one.label for one in records if isinstance(one, GoldRecord)}
    assert labels == {
        tweet_number(row.id): row.annotations[0].answers[0].value for row in said_rows
    }


def nested(study: Dataset) -> Any:
    files = written_files("rumoureval", study)
    (name,) = (name for name in files if name.endswith("structure.json"))
    return json.loads(files[name])


def test_the_structure_nests_replies_in_their_order() -> None:
    rows: list[Row] = [
        ThreadRow(id="1"),
        CommentRow(id="1"),
        CommentRow(id="2", reply_to="1", position=1),
        CommentRow(id="3", reply_to="2", position=2),
        CommentRow(id="5", reply_to="1", position=3),
        CommentRow(id="4", reply_to="2", position=4),
        CommentRow(id="6", reply_to="404", position=5),
        CommentRow(id="7", position=6),
    ]
    tree = nested(rumours(rows))
    assert tree == {"1": {"2": {"3": [], "4": []}, "5": [], "7": [], "404": {"6": []}}}
    assert list(tree["1"]) == ["2", "5", "7", "404"]


def test_a_source_that_nobody_answers_is_a_leaf() -> None:
    assert nested(rumours([ThreadRow(id="1"), CommentRow(id="1")])) == {"1": []}


def test_a_thread_without_its_opening_is_opened_by_its_title() -> None:
    rows: list[Row] = [
        ThreadRow(id="9", title="Q & A"),
        CommentRow(id="2", reply_to="1", position=1),
    ]
    records = imported(rumours(rows))
    source = tweet_number("thread/9")
    assert [one.id for one in records if isinstance(one, ThreadRecord)] == [source]
    assert comments(records)[source].text == "Q & A"
    assert comments(records)["2"].reply_to == "1"


@pytest.mark.parametrize("depth", [20_000])
def test_a_deep_thread_is_written_without_end_of_stack(depth: int) -> None:
    with closing(ReplyTree()) as tree:
        tree.begin("0")
        for number in range(1, depth):
            tree.add(str(number), str(number - 1))
        written = b"".join(tree.written())
    assert written.count(b"{") == written.count(b"}") == depth
    assert written.startswith(b'{"0": {"1": {"2": ')
    assert written.endswith(b'": []' + b"}" * depth + b"\n")


def test_the_keys_are_of_stance_and_veracity_whatever_comes_first() -> None:
    veracity = (said("A1", label("veracity", "false")),)
    tone = said("A2", label("tone", "rude"))
    rows: list[Row] = [
        ThreadRow(id="1", annotations=veracity, split="validation"),
        CommentRow(id="1", annotations=(*stance("support"), tone), split="validation"),
        CommentRow(id="2", reply_to="1", annotations=stance("deny"), split="validation"),
    ]
    study = rumours(rows)
    found = {"subtaskaenglish": {"1": "support", "2": "deny"}, "subtaskbenglish": {"1": "false"}}
    assert keys(study, "dev-key.json") == found
    assert keys(study) == {"subtaskaenglish": {}, "subtaskbenglish": {}}
    assert keys(study, "tone-dev.json") == {"1": "rude"}
    files = written_files("rumoureval", study)
    assert json.loads(files["bridge-study/1/annotation.json"]) == {"veracity": "false"}


def test_without_stances_the_first_question_of_one_label_is_the_subtask() -> None:
    rows: list[Row] = [
        ThreadRow(id="1"),
        CommentRow(id="1", annotations=(said("A1", label("tone", "calm")),)),
    ]
    found = keys(rumours(rows, QUESTIONS[0], question("other", "comment", "a", "b")))
    assert found == {"subtaskaenglish": {"1": "calm"}, "subtaskbenglish": {}}


def test_a_tie_has_no_label() -> None:
    tie = (said("A1", label("stance", "deny")), said("A2", label("stance", "query")))
    assert keys(rumours([ThreadRow(id="1"), CommentRow(id="1", annotations=tie)])) == {
        "subtaskaenglish": {},
        "subtaskbenglish": {},
    }


@given(name=st.text(min_size=1, max_size=30))
def test_every_id_becomes_a_number_that_a_file_can_be_called_by(name: str) -> None:
    number = tweet_number(name)
    assert number.isascii()
    assert number.isdigit()
    assert len(number) <= 19
    assert number == name or int(number) < 2**63
