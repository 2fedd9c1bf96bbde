"""Which answers are taken, and what is said of the others, in the words of their paths."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import InvalidAnswers
from annotations.models import Answer, Codebook
from annotations.selectors.answers import answers_from
from annotations.selectors.codebooks import questions_of
from annotations.services.answers import MAX_ANSWERS, MAX_TEXT, read_answers
from tests.builders import build_codebook, build_question

TEXT = "No \U0001f468‍\U0001f469‍\U0001f467, أهلا وسهلا\u00a0there."
KNOWN = {7, 8}

pytestmark = pytest.mark.django_db


@pytest.fixture
def codebook() -> Codebook:
    codebook = build_codebook()
    build_question(codebook, "marked", "span")
    build_question(codebook, "percent", "number", minimum=0, maximum=100)
    build_question(codebook, "tenths", "number", minimum=0, step=0.1)
    build_question(codebook, "stars", "rating", minimum=1, maximum=5)
    return codebook


def read(
    codebook: Codebook, answers: dict[str, Any], text: str = TEXT, complete: bool = False
) -> list[Answer]:
    return read_answers(
        questions=questions_of(codebook.pk),
        answers=answers,
        text=text,
        related_ids=lambda ids: ids & KNOWN,
        complete=complete,
    )


def faults(codebook: Codebook, answers: dict[str, Any], **more: Any) -> dict[str, list[str]]:
    with pytest.raises(InvalidAnswers) as refused:
        read(codebook, answers, **more)
    return refused.value.fields


class TestTaken:
    @pytest.mark.parametrize(
        "answers",
        [
            {"claim": "no"},
            {"reasons": ["wrong", "old", "rude"]},
            {"certainty": 5},
            {"count": -0.25},
            {"count": 2**53},
            {"percent": 100},
            {"tenths": 0.3},
            {"tenths": 1234567.1},
            {"why": "  spaces stay \n"},
            {"part": [{"start": 3, "end": 4, "quote": TEXT[3], "label": "fact"}]},
            {"marked": [{"start": 0, "end": len(TEXT), "quote": TEXT, "label": None}]},
            {"to": [{"comment": 7, "label": "agrees"}, {"comment": 8, "label": "disagrees"}]},
            {},
        ],
        ids=lambda answers: "-".join(answers) or "nothing",
    )
    def test_it_is_read_back_as_it_was_sent(self, codebook: Codebook, answers: Any) -> None:
        assert answers_from(read(codebook, answers)) == answers

    @pytest.mark.parametrize("nothing", [None, "", []])
    def test_an_empty_value_is_no_answer(self, codebook: Codebook, nothing: object) -> None:
        assert read(codebook, {"claim": nothing, "reasons": nothing, "why": nothing}) == []

    def test_zero_is_an_answer(self, codebook: Codebook) -> None:
        assert [row.number for row in read(codebook, {"count": 0})] == [0]


class TestRefused:
    @pytest.mark.parametrize(
        ("answers", "path", "words"),
        [
            ({"nope": 1}, "nope", "no question 'nope' for this unit"),
            ({"claim": "maybe"}, "claim", "'maybe' is no label of “Claim”; it has yes, no"),
            ({"claim": ["yes"]}, "claim", "is no label"),
            ({"claim": True}, "claim", "is no label"),
            ({"reasons": "old"}, "reasons", "A list is expected"),
            ({"reasons": ["old", "new"]}, "reasons[1]", "'new' is no label"),
            ({"reasons": ["old", "old"]}, "reasons", "chosen twice"),
            ({"reasons": [{}]}, "reasons[0]", "is no label"),
            ({"certainty": 0}, "certainty", "0 lies outside 1 to 5"),
            ({"certainty": 6}, "certainty", "6 lies outside 1 to 5"),
            ({"certainty": 2.5}, "certainty", "2.5 is no step of 1 from 1"),
            ({"stars": 2.5}, "stars", "2.5 is no step of 1 from 1"),
            ({"tenths": 0.25}, "tenths", "0.25 is no step of 0.1 from 0"),
            ({"percent": -1}, "percent", "-1 lies outside 0 to 100"),
            ({"tenths": -1}, "tenths", "-1 lies outside 0 to anything"),
            ({"why": 5}, "why", "A text is expected"),
            ({"why": "x" * (MAX_TEXT + 1)}, "why", "10,001 characters; at most 10,000"),
            ({"why": "a\0b"}, "why", "NUL"),
            ({"why": "a\ud83d"}, "why", "surrogate"),
            ({"marked": {}}, "marked", "A list is expected"),
            ({"marked": ["x"]}, "marked[0]", "object with start, end and quote"),
            ({"marked": [{}] * (MAX_ANSWERS + 1)}, "marked", "201 values are too many"),
            ({"to": [{"comment": 9, "label": "agrees"}]}, "to[0]", "another comment of the thread"),
            ({"to": [{"label": "agrees"}]}, "to[0]", "another comment of the thread"),
            ({"to": [{"comment": True, "label": "agrees"}]}, "to[0]", "another comment"),
            ({"to": [{"comment": "7", "label": "agrees"}]}, "to[0]", "another comment"),
            ({"to": [{"comment": 2**63, "label": "agrees"}]}, "to[0]", "another comment"),
            ({"to": [{"comment": 7}]}, "to[0]", "asks for a label with each entry"),
            ({"to": [{"comment": 7, "label": "likes"}]}, "to[0]", "'likes' is no label"),
        ],
    )
    def test_the_path_names_the_value_at_fault(
        self, codebook: Codebook, answers: dict[str, Any], path: str, words: str
    ) -> None:
        (found, sentences), *others = faults(codebook, answers).items()
        assert (found, others) == (f"answers.{path}", [])
        assert words in " ".join(sentences)

    @pytest.mark.parametrize(
        "value",
        [float("nan"), float("inf"), -float("inf"), 1e300, 10**400, 2**53 + 1, True, "4", [4]],
        ids=str,
    )
    @pytest.mark.parametrize("question", ["count", "certainty"])
    def test_what_is_no_number_that_can_be_kept(
        self, codebook: Codebook, question: str, value: object
    ) -> None:
        (sentence,) = faults(codebook, {question: value})[f"answers.{question}"]
        assert "is not a number that can be kept" in sentence or "lies outside" in sentence

    def test_all_faults_are_named_at_once(self, codebook: Codebook) -> None:
        wrong = {"claim": "maybe", "count": "many", "gone": 1}
        assert set(faults(codebook, wrong)) == {"answers.claim", "answers.count", "answers.gone"}
        with pytest.raises(InvalidAnswers, match=r"\(and 2 more\)$"):
            read(codebook, wrong)


class TestSpans:
    def test_any_stretch_with_its_own_quote_is_taken_and_no_other(self, codebook: Codebook) -> None:
        questions = questions_of(codebook.pk)
        sign = st.one_of(st.sampled_from("a \n\u00a0é\u0301שאי🙂👩‍👧🇳🇴‏"), st.characters())
        places = st.integers(-2, 40)
        where: set[str] = set()

        @settings(max_examples=300, deadline=None)
        @given(text=st.text(sign, max_size=30), start=places, end=places, moved=st.integers(-1, 1))
        def holds(text: str, start: int, end: int, moved: int) -> None:
            quote = text[max(start + moved, 0) : max(end + moved, 0)]
            span = {"start": start, "end": end, "quote": quote}
            fits = 0 <= start < end <= len(text) and quote == text[start:end]
            try:
                (row,) = read_answers(
                    questions=questions,
                    answers={"marked": [span]},
                    text=text,
                    related_ids=lambda ids: ids,
                    complete=False,
                )
            except InvalidAnswers as refused:
                assert not fits
                where.add(*refused.fields)
            else:
                assert fits
                assert (row.start, row.end, row.quote) == (start, end, text[start:end])

        holds()
        assert where == {"answers.marked[0]"}

    def test_offsets_in_javascript_s_units_are_refused(self, codebook: Codebook) -> None:
        text = "🙂🙂 is it"
        quote = "is it"
        start = len(text[: text.index(quote)].encode("utf-16-le")) // 2
        span = {"start": start, "end": start + len(quote), "quote": quote}
        (sentence,) = faults(codebook, {"marked": [span]}, text=text)["answers.marked[0]"]
        assert "lies outside the text of 8" in sentence

    @pytest.mark.parametrize(
        ("start", "end"),
        [(True, 2), (0.0, 2.0), ("0", "2"), (None, None), (0, 2**70), (2, 2), (3, 1), (-2, -1)],
    )
    def test_offsets_are_whole_numbers_in_the_text(
        self, codebook: Codebook, start: object, end: object
    ) -> None:
        span = {"start": start, "end": end, "quote": "No"}
        (sentence,) = faults(codebook, {"marked": [span]})["answers.marked[0]"]
        assert f"lies outside the text of {len(TEXT)}" in sentence

    def test_a_span_needs_a_label_where_the_question_has_some(self, codebook: Codebook) -> None:
        span = {"start": 0, "end": 2, "quote": "No"}
        (sentence,) = faults(codebook, {"part": [span]})["answers.part[0]"]
        assert "asks for a label with each entry" in sentence
        assert "answers.marked[1]" in faults(
            codebook, {"marked": [span, {**span, "label": "fact"}]}
        )


class TestQuestionsThatDependOnAnswers:
    """misleading? -> why (several) -> what is missing, each required."""

    @pytest.fixture
    def chain(self) -> Codebook:
        codebook = Codebook.objects.create(key="chain", version=1, created_at="2026-03-01T12:00Z")
        first = build_question(codebook, "misleading", "single_label", ("yes", "no"), required=True)
        second = build_question(
            codebook,
            "reasons",
            "multi_label",
            ("error", "context", "other"),
            required=True,
            depends_on=first,
            depends_labels=["yes"],
        )
        build_question(
            codebook,
            "lacking",
            "text",
            required=True,
            depends_on=second,
            depends_labels=["context", "other"],
        )
        return codebook

    @pytest.mark.parametrize(
        ("answers", "lacking"),
        [
            ({}, {"misleading"}),
            ({"misleading": "no"}, set()),
            ({"misleading": "yes"}, {"reasons"}),
            ({"misleading": "yes", "reasons": ["error"]}, set()),
            ({"misleading": "yes", "reasons": ["error", "other"]}, {"lacking"}),
            ({"misleading": "yes", "reasons": ["context"], "lacking": "The year."}, set()),
        ],
    )
    def test_a_submission_needs_what_its_answers_lead_to(
        self, chain: Codebook, answers: dict[str, Any], lacking: set[str]
    ) -> None:
        if lacking:
            found = faults(chain, answers, complete=True)
            assert set(found) == {f"answers.{key}" for key in lacking}
            assert all("has no answer yet" in sentences[0] for sentences in found.values())
        else:
            assert answers_from(read(chain, answers, complete=True)) == answers

    def test_a_draft_may_lack_anything(self, chain: Codebook) -> None:
        assert read(chain, {}) == []

    @pytest.mark.parametrize(
        ("answers", "paths"),
        [
            ({"misleading": "no", "reasons": ["error"]}, {"reasons"}),
            ({"reasons": ["error"]}, {"reasons"}),
            ({"misleading": "yes", "reasons": ["error"], "lacking": "?"}, {"lacking"}),
            ({"misleading": "no", "reasons": ["other"], "lacking": "?"}, {"reasons", "lacking"}),
        ],
    )
    def test_what_is_not_asked_is_not_taken(
        self, chain: Codebook, answers: dict[str, Any], paths: set[str]
    ) -> None:
        found = faults(chain, answers)
        assert set(found) == {f"answers.{path}" for path in paths}
        assert all("is not asked after these answers" in said[0] for said in found.values())
