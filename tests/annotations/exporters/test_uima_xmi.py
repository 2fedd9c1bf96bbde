"""UIMA CAS XMI, read back by cassis."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from cassis import Cas, load_cas_from_xmi, load_typesystem
from hypothesis import given

from annotations.exporters.dataset import Dataset, QuestionFacts
from annotations.exporters.formats.uima_xmi import layer_type
from annotations.exporters.markup import for_xml
from annotations.exporters.rows import AnswerRow, CommentRow, Row, ThreadRow
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
from tests.annotations.exporters.marked import FEW, HARD, marked
from tests.annotations.exporters.written import written_files

COMMENT, PART = "webanno.custom.LabeledComment", "webanno.custom.Part"


def export(study: Dataset | None = None) -> Mapping[str, bytes]:
    return written_files("uima_xmi", study or dataset())


def read(files: Mapping[str, bytes], name: str = "A1/t1-001.xmi") -> Cas:
    types = load_typesystem(io.BytesIO(files["TypeSystem.xml"]))
    return load_cas_from_xmi(io.BytesIO(files[name]), typesystem=types)


def comment(cas: Cas, name: str = "c1") -> Any:
    (found,) = [one for one in cas.select(COMMENT) if one.comment_id == name]
    return found


def test_each_annotator_and_layer_has_the_thread_with_all_its_comments() -> None:
    files = export()
    for layer in ("A1", "A2", "adjudication", "gold", "model-guesser-1", "aggregated-majority"):
        found = read(files, f"{layer}/t1-001.xmi")
        texts = {one.comment_id: one.get_covered_text() for one in found.select(COMMENT)}
        assert texts["c1"] == TEXT
        assert list(texts) == ["a1", "c1", "c2"]


def test_a_span_between_emoji_is_where_it_was() -> None:
    found = read(export())
    assert [(one.get_covered_text(), one.label) for one in found.select(PART)] == [
        ("😀 =2+2", "opinion"),
        ("it\u00a0costs 2 million", "fact"),
    ]


def test_offsets_in_the_file_count_utf_16() -> None:
    text = "😀 it 😀"
    files = export(one_comment(text, said("A1", span(text, "it"))))
    content = files["A1/t1-001.xmi"].decode()
    (places,) = re.findall(r'<custom:Part [^>]*begin="(\d+)" end="(\d+)"', content)
    before = read(files).sofa_string.index(text)
    assert [int(place) - before for place in places] == [3, 5]


def test_answers_are_features_of_the_comment() -> None:
    found = comment(read(export()))
    assert (found.q_claim, found.q_tone, found.q_count) == ("yes", 2.0, 2.5)
    assert found.q_reasons.elements == ["rude", "wrong"]
    assert (found.state, found.confidence, found.note) == ("submitted", 2, "=HYPERLINK(1)")
    assert (found.author, found.reply_to) == ("u123", "a1")


def test_a_relation_joins_two_comments_and_names_the_one_that_is_elsewhere() -> None:
    far = AnswerRow(question="to", kind="relation", value="disagrees", related="far")
    near = AnswerRow(question="to", kind="relation", value="disagrees", related="a")
    rows: list[Row] = [
        ThreadRow(id="t1"),
        CommentRow(id="a", text="Yes."),
        CommentRow(id="c1", text="No.", annotations=(said("A1", near, far),)),
    ]
    found = read(export(dataset(rows)))
    (relation,) = found.select("webanno.custom.To")
    assert (relation.Governor.comment_id, relation.Dependent.comment_id) == ("c1", "a")
    assert comment(found).q_to.elements == ["disagrees a", "disagrees far"]


def test_what_is_said_of_the_thread_stands_at_its_title() -> None:
    found = read(export())
    (thread,) = found.select("webanno.custom.LabeledThread")
    assert (thread.thread_id, thread.q_mood) == ("t1", "Calm, mostly.")
    assert thread.get_covered_text() == '[t1] The "old" bridge, and what it costs'


def test_a_span_of_an_earlier_text_that_is_gone_is_counted() -> None:
    assert comment(read(export()), "c2").spans_left_out == 1


def test_characters_that_xml_forbids_move_no_offset() -> None:
    text = "a\x00b\x0bc it\uffff"
    found = read(export(one_comment(text, said("A1", span(text, "it"), note="\x1b"))))
    (part,) = found.select(PART)
    assert part.get_covered_text() == "it"
    assert comment(found).get_covered_text() == "a\ufffdb\ufffdc it\ufffd"


@pytest.mark.parametrize("key", ["begin", "type", "self", "label", "state", "labeledcomment"])
def test_a_question_may_be_called_like_a_part_of_the_format(key: str) -> None:
    asked = tuple(QuestionFacts(key=key, kind=kind, title="?") for kind in ("text", "span"))
    codebook = replace(CODEBOOK, questions=asked)
    mark = AnswerRow(question=key, kind="span", start=0, end=2, quote="Hm")
    study = one_comment("Hm.", said("A1", label(key, "so", "text"), mark))
    found = read(export(Dataset(replace(STUDY, codebook=codebook), study.read)))
    assert comment(found)[f"q_{key}"] == "so"
    (span_found,) = found.select(layer_type(key))
    assert span_found.get_covered_text() == "Hm"


@FEW
@given(marked(HARD + "\x00\x1f"))
def test_every_text_and_span_comes_back(drawn: tuple[str, tuple[AnswerRow, ...]]) -> None:
    text, marks = drawn
    found = read(export(one_comment(text, said("A1", *marks))))
    assert comment(found).get_covered_text() == for_xml(text)
    spans = sorted((one.begin, one.end) for one in found.select(PART))
    begin = comment(found).begin
    assert spans == sorted((begin + (m.start or 0), begin + (m.end or 0)) for m in marks)
