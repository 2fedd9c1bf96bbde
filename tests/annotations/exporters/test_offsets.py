"""Spans of an earlier text, and what shows a comment's place in its thread."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.exporters.file_names import file_name
from annotations.exporters.offsets import anchored
from annotations.exporters.rows import AnswerRow, CommentRow
from tests.annotations.exporters.discussion import label, said, span
from tests.annotations.exporters.marked import marked

FEW = "ab😀\n "


def places(text: str, quote: str) -> list[int]:
    return [at for at in range(len(text)) if text.startswith(quote, at)]


@given(marked())
def test_spans_of_the_text_as_it_is_stay_where_they_are(
    drawn: tuple[str, tuple[AnswerRow, ...]],
) -> None:
    text, marks = drawn
    found = anchored(CommentRow(id="c", text=text), said("A1", *marks))
    assert [(one.start, one.end, one.quote) for one in found.spans] == [
        (one.start, one.end, one.quote) for one in marks
    ]
    assert (found.answers, found.left_out) == ((), 0)


@given(marked(FEW, 12), st.text(FEW, max_size=12))
def test_a_span_of_an_earlier_text_moves_where_its_quote_stands_once(
    drawn: tuple[str, tuple[AnswerRow, ...]], now: str
) -> None:
    before, (one, *_) = drawn
    found = anchored(CommentRow(id="c", text=now), said("A1", one, text=before))
    if before == now or len(places(now, one.quote)) == 1:
        (moved,) = found.spans
        assert now[moved.start : moved.end] == moved.quote == one.quote
        assert found.left_out == 0
    else:
        assert (found.spans, found.left_out) == ((), 1)


def test_answers_that_are_no_spans_stay_whatever_became_of_the_text() -> None:
    one = said("A1", label("claim", "yes"), span("It costs.", "costs"), text="It costs.")
    found = anchored(CommentRow(id="c", text="Gone."), one)
    assert (found.answers, found.spans, found.left_out) == ((label("claim", "yes"),), (), 1)


def test_a_span_whose_text_is_withheld_is_left_out() -> None:
    one = AnswerRow(question="part", kind="span", start=0, end=4)
    assert anchored(CommentRow(id="c"), said("A1", one)).left_out == 1


@given(st.sets(st.text(st.characters(exclude_categories=["Cs"]), max_size=90), max_size=6))
def test_names_of_files_differ_as_the_names_do_and_harm_no_system(names: set[str]) -> None:
    found = {file_name(name).lower() for name in names}
    assert len(found) == len(names)
    for name in found:
        assert 0 < len(name) < 100
        assert not set(name) & set('/\\:*?"<>|. \0') - {"."}
        assert not name.startswith(".")


@pytest.mark.parametrize(
    "name",
    [
        *("con", "nul.txt", "com1", "lpt9.tar.gz", "aux", "prn", "a.", "..", ".", "", "../x"),
        *("a\nb", "/etc/passwd", "C:\\x", "\u202egpj.exe", "\x00", "x" * 5_000, "-rf", "CON"),
    ],
)
def test_a_name_is_no_device_no_folder_and_no_other_place(name: str) -> None:
    found = file_name(name)
    assert re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}", found)
    assert not found.endswith(".")
    assert found.partition(".")[0].lower() not in {"con", "nul", "com1", "lpt9", "aux", "prn"}


def test_a_plain_name_is_its_own_file_name() -> None:
    assert file_name("t3_1abc") == "t3_1abc"
    assert file_name("T3_1abc") != file_name("t3_1abc")
