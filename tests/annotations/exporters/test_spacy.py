"""DocBin files, read back by spaCy; and what is said where it is not installed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc, DocBin

from annotations.errors import InvalidInput
from annotations.exporters import registry
from annotations.exporters.dataset import Dataset
from annotations.exporters.formats.spacy import MOST_DOCS
from annotations.exporters.rows import AnnotationRow, AnswerRow, CommentRow, Row, ThreadRow
from annotations.exporters.stored import stored
from tests.annotations.exporters.discussion import TEXT, dataset, label, one_comment, said, span
from tests.annotations.exporters.marked import FEW, marked
from tests.annotations.exporters.written import written_files

pytestmark = pytest.mark.slow
VOCAB = spacy.blank("xx").vocab


def docs(study: Dataset, name: str) -> list[Doc]:
    content = written_files("spacy", study)[name]
    return list(DocBin().from_bytes(content).get_docs(VOCAB))


def doc(*annotations: AnnotationRow, text: str = "It costs.", layer: str = "human") -> Doc:
    (found,) = docs(one_comment(text, *annotations), f"{layer}/all-00000.spacy")
    return found


def test_each_layer_and_split_has_its_files() -> None:
    assert {
        "human/train-00000.spacy",
        "gold/train-00000.spacy",
        "adjudication/train-00000.spacy",
        "model-guesser-1/train-00000.spacy",
        "aggregated-majority/train-00000.spacy",
        "human/test-00000.spacy",
    } <= set(written_files("spacy", dataset()))


def test_spans_of_all_people_stand_in_one_group_each_with_its_author() -> None:
    found = docs(dataset(), "human/train-00000.spacy")[0]
    assert found.text == TEXT
    assert [(one.text, one.label_, one.id_) for one in found.spans["part"]] == [
        ("it\u00a0costs 2 million", "fact", "A1"),
        ("😀 =2+2", "opinion", "A1"),
        ("costs", "fact", "A2"),
    ]


def test_categories_are_shares_of_the_people() -> None:
    found = doc(
        said("A1", label("claim", "yes"), label("reasons", "rude", "multi_label")),
        said("A2", label("claim", "yes")),
        said("A3", label("claim", "no")),
        said("A4", state="skipped"),
    )
    assert found.cats == {
        "claim=yes": pytest.approx(2 / 3),
        "claim=no": pytest.approx(1 / 3),
        "reasons=rude": 0.5,
        "reasons=wrong": 0.0,
    }


def test_a_question_that_nobody_answered_has_no_categories() -> None:
    assert doc(said("A1", label("tone", 2, "rating"))).cats == {}


def test_categories_of_an_aggregation_are_its_soft_labels() -> None:
    by_method = AnnotationRow(
        source="aggregated", model="mace", shares={"claim": {"yes": 0.75, "no": 0.25}}
    )
    found = doc(by_method, layer="aggregated-mace")
    assert found.cats == {"claim=yes": 0.75, "claim=no": 0.25}


def test_all_answers_stand_in_the_user_data() -> None:
    found = docs(dataset(), "human/train-00000.spacy")[0].user_data
    assert (found["comment_id"], found["thread_id"], found["author"]) == ("c1", "t1", "u123")
    assert found["answers"]["A1"]["tone"] == 2
    assert found["answers"]["A1"]["to"] == ({"comment": "a1", "label": "disagrees"},)


def test_what_grew_or_was_left_out_is_counted() -> None:
    now = "unbelievable claim"
    found = doc(
        said("A1", span(now, "believable")),
        said("A2", span("It was.", "was"), text="It was."),
        text=now,
    )
    assert [one.text for one in found.spans["part"]] == ["unbelievable"]
    assert (found.user_data["spans_grown"], found.user_data["spans_left_out"]) == (1, 1)


@pytest.mark.parametrize("language", ["", "xx", "de", "en-US", "ja", "zh", "tlh", "no such"])
def test_a_comment_in_any_language_keeps_its_text(language: str) -> None:
    text = "Das ist's: 好的 2.5"
    study = one_comment(text, said("A1"), language=language)
    (found,) = docs(study, "human/all-00000.spacy")
    assert found.text == text


def test_many_docs_come_in_several_files() -> None:
    comments = [
        CommentRow(id=f"c{n}", text="No.", annotations=(said("A1"),)) for n in range(MOST_DOCS + 1)
    ]
    rows: list[Row] = [ThreadRow(id="t1"), *comments]
    study = dataset(rows)
    first = docs(study, "human/all-00000.spacy")
    second = docs(study, "human/all-00001.spacy")
    assert [one.user_data["comment_id"] for one in [*first, *second]] == [c.id for c in comments]


@FEW
@given(marked())
def test_a_span_holds_its_text_whatever_that_is(
    drawn: tuple[str, tuple[AnswerRow, ...]],
) -> None:
    text, marks = drawn
    found = doc(said("A1", *marks), text=text)
    assert found.text == text
    spans = iter(found.spans["part"])
    assert len(found.spans["part"]) + found.user_data["spans_left_out"] == len(marks)
    for mark in marks:
        if mark.quote.strip():
            held = next(one for one in spans if mark.quote.strip() in one.text)
            assert held.label_ == "fact"


@given(st.binary(max_size=200) | st.integers(0, 200_000).map(bytes))
def test_a_stream_that_is_not_packed_is_a_zlib_stream(content: bytes) -> None:
    assert zlib.decompress(stored(content)) == content


@pytest.fixture
def without_spacy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(registry, "find_spec", lambda _: None)
    registry.exporters.cache_clear()
    yield
    monkeypatch.undo()
    registry.exporters.cache_clear()


@pytest.mark.usefixtures("without_spacy")
def test_where_the_library_is_missing_the_format_is_not_offered() -> None:
    assert "spacy" not in registry.exporters()
    assert "jsonl" in registry.exporters()
    with pytest.raises(InvalidInput, match=r"'spacy' needs the library spacy.*pip install spacy"):
        registry.exporter("spacy")


def test_where_the_library_is_there_the_format_is_offered() -> None:
    assert registry.exporter("spacy").requires == "spacy"
