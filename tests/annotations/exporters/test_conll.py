"""CoNLL-U Plus, read back by conllu."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import replace

import conllu
from conllu.models import TokenList
from hypothesis import given

from annotations.exporters.bio import tagged
from annotations.exporters.dataset import Dataset, QuestionFacts
from annotations.exporters.offsets import Span
from annotations.exporters.rows import AnnotationRow, AnswerRow, CommentRow, Row, ThreadRow
from annotations.exporters.tokens import tokens
from tests.annotations.exporters.discussion import (
    CODEBOOK,
    STUDY,
    TEXT,
    dataset,
    label,
    one_comment,
    said,
    span,
)
from tests.annotations.exporters.marked import FEW, marked, span_of
from tests.annotations.exporters.written import written_files


def export(study: Dataset | None = None) -> Mapping[str, bytes]:
    return written_files("conll", study or dataset())


def sentences(content: bytes) -> list[TokenList]:
    return list(conllu.parse_incr(io.StringIO(content.decode(), newline="")))


def of_comment(content: bytes, comment: str = "c1") -> list[TokenList]:
    return [one for one in sentences(content) if one.metadata["comment_id"] == comment]


def tags(found: list[TokenList], column: str) -> list[str]:
    return [token[column] for sentence in found for token in sentence]


def place(token: conllu.models.Token) -> tuple[int, int]:
    start, end = token["misc"]["TokenRange"].split(":")
    return int(start), int(end)


def spans_of(found: list[TokenList], column: str) -> list[tuple[int, int]]:
    """First and last character of each run of tags."""
    spans: list[tuple[int, int]] = []
    for token in (token for sentence in found for token in sentence):
        start, end = place(token)
        if token[column].startswith("B-"):
            spans.append((start, end))
        elif token[column].startswith("I-"):
            spans[-1] = (spans[-1][0], end)
    return spans


def test_a_file_for_each_split_with_a_column_for_each_question_and_annotator() -> None:
    files = export()
    columns = files["train.conllup"].decode().splitlines()[0]
    assert columns == (
        "# global.columns = ID FORM part:A1 part:A2 part:adjudication part:aggregated-majority MISC"
    )
    assert "test.conllup" in files


def test_the_words_say_where_they_stand_in_the_comment() -> None:
    found = of_comment(export()["train.conllup"])
    for sentence in found:
        for token in sentence:
            start, end = place(token)
            assert TEXT[start:end] == token["form"]
    assert [sentence.metadata["text"] for sentence in found] == TEXT.splitlines()


def test_each_annotator_has_their_own_spans_in_the_same_words() -> None:
    found = of_comment(export()["train.conllup"])
    of_first = [TEXT[start:end] for start, end in spans_of(found, "part:a1")]
    assert of_first == ["😀 =2+2", "it\u00a0costs 2 million"]
    assert [TEXT[start:end] for start, end in spans_of(found, "part:a2")] == ["costs"]


def test_who_did_not_label_a_comment_has_no_tags_there() -> None:
    found = of_comment(export()["train.conllup"], "c2")
    assert set(tags(found, "part:a1")) == {"O"}
    assert set(tags(found, "part:a2")) == {"_"}
    assert found[0].metadata["spans_left_out"] == "1"


def test_a_question_that_did_not_come_up_has_no_tags_there() -> None:
    asked = QuestionFacts(
        key="part", kind="span", title="?", depends_on="claim", depends_labels=("yes",)
    )
    by_answer = {"c1": "yes", "c2": "no"}
    rows: list[Row] = [
        ThreadRow(id="t1"),
        *(
            CommentRow(id=one, text="Hm.", annotations=(said("A1", label("claim", answer)),))
            for one, answer in by_answer.items()
        ),
    ]
    study = replace(STUDY, codebook=replace(CODEBOOK, questions=(asked,)))
    (content,) = export(Dataset(study, dataset(rows).read)).values()
    assert tags(of_comment(content, "c1"), "part:a1") == ["O", "O"]
    assert tags(of_comment(content, "c2"), "part:a1") == ["_", "_"]


def test_a_layer_that_marks_something_has_its_column_in_every_comment() -> None:
    def by_model(*answers: AnswerRow) -> tuple[AnnotationRow, ...]:
        return (AnnotationRow(source="model", model="m", answers=answers),)

    rows: list[Row] = [
        ThreadRow(id="t1"),
        CommentRow(id="c1", text="Hm.", annotations=by_model(label("claim", "no"))),
        CommentRow(id="c2", text="It is.", annotations=by_model(span("It is.", "is"))),
    ]
    (content,) = export(dataset(rows)).values()
    assert tags(of_comment(content, "c1"), "part:model-m") == ["O", "O"]
    assert tags(of_comment(content, "c2"), "part:model-m") == ["O", "B-fact", "O"]


def test_a_span_that_cuts_a_word_grows_and_is_counted() -> None:
    text = "unbelievable claim"
    (content,) = export(one_comment(text, said("A1", span(text, "believable")))).values()
    (sentence,) = of_comment(content)
    assert tags([sentence], "part:a1") == ["B-fact", "O"]
    assert sentence.metadata["spans_grown"] == "1"


def test_of_spans_that_overlap_the_one_that_begins_first_stays_then_the_longer() -> None:
    text = "a b c d"
    marks = [span_of(text, 2, 5), span_of(text, 0, 1), span_of(text, 0, 3, "opinion")]
    (content,) = export(one_comment(text, said("A1", *marks))).values()
    (sentence,) = of_comment(content)
    assert tags([sentence], "part:a1") == ["B-opinion", "I-opinion", "O", "O"]
    assert sentence.metadata["spans_overlapping"] == "2"


def test_spans_that_touch_stay_two() -> None:
    cut = tokens("a b")
    found = tagged(cut, [Span("part", "fact", 0, 1, "a"), Span("part", "fact", 2, 3, "b")], [0])
    assert found.tags == ["B-fact", "B-fact"]


def test_a_span_over_paragraphs_begins_anew_in_each() -> None:
    text = "one two\n\nthree"
    (content,) = export(one_comment(text, said("A1", span(text, "two\n\nthree")))).values()
    found = of_comment(content)
    assert [tags([sentence], "part:a1") for sentence in found] == [["O", "B-fact"], ["B-fact"]]


def test_a_comment_without_words_is_no_sentence() -> None:
    (content,) = export(one_comment(" \n ", said("A1", label("claim", "no")))).values()
    assert sentences(content) == []


@FEW
@given(marked())
def test_whatever_the_text_is_its_words_and_spans_come_back(
    drawn: tuple[str, tuple[AnswerRow, ...]],
) -> None:
    text, (mark, *_) = drawn
    (content,) = export(one_comment(text, said("A1", mark))).values()
    found = of_comment(content)
    words = [token["form"] for sentence in found for token in sentence]
    assert "".join(words) == "".join(text.split())
    covered = {number for start, end in spans_of(found, "part:a1") for number in range(start, end)}
    inked = [found.start() for found in re.finditer(r"\S", text)]
    assert mark.start is not None
    assert mark.end is not None
    assert {number for number in inked if mark.start <= number < mark.end} <= covered
