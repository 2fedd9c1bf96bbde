"""The one answer out of many: whose counts, and when there is none."""

from __future__ import annotations

from annotations.exporters.final import Final, final_answers
from annotations.exporters.rows import AnnotationRow, AnswerRow, CommentRow
from tests.annotations.exporters.discussion import CODEBOOK, TEXT, label, said, span

QUESTIONS = {one.key: one for one in CODEBOOK.questions}


def final(question: str, *annotations: AnnotationRow, text: str = TEXT) -> Final:
    comment = CommentRow(id="c1", text=text, annotations=annotations)
    (found,) = final_answers(comment, [QUESTIONS[question]])
    return found


def by(source: str, *answers: AnswerRow, **shares: dict[str, float]) -> AnnotationRow:
    return AnnotationRow(source=source, answers=answers, shares=shares)


def values(found: Final) -> list[object]:
    return [answer.value for answer in found.answers]


def people(*claims: str) -> list[AnnotationRow]:
    return [said(f"A{place}", label("claim", one)) for place, one in enumerate(claims)]


def test_the_adjudicator_outweighs_gold_gold_the_method_and_the_method_people() -> None:
    layers = [
        *people("no", "no"),
        by("aggregated", label("claim", "no"), claim={"no": 1.0}),
        by("gold", label("claim", "yes")),
        by("adjudication", label("claim", "no")),
    ]
    found = [final("claim", *layers[:count]) for count in (2, 3, 4, 5)]
    assert [(one.decided_by, values(one)) for one in found] == [
        ("majority", ["no"]),
        ("aggregated", ["no"]),
        ("gold", ["yes"]),
        ("adjudication", ["no"]),
    ]


def test_the_most_frequent_value_wins_and_a_tie_has_no_winner() -> None:
    assert values(final("claim", *people("no", "yes", "yes"))) == ["yes"]
    tied = final("claim", *people("no", "yes"))
    assert (tied.answers, tied.decided_by) == ((), "")
    assert tied.counts == {"no": 1, "yes": 1}
    assert tied.shares == {"no": 0.5, "yes": 0.5}


def test_a_tie_of_the_method_is_not_broken_by_people() -> None:
    found = final("claim", *people("no", "yes", "yes"), by("aggregated", claim={"no": 0.5}))
    assert (found.answers, found.decided_by, found.shares) == ((), "aggregated", {"no": 0.5})


def test_gold_that_is_silent_about_a_question_leaves_it_to_people() -> None:
    found = final("claim", *people("yes"), by("gold", label("tone", 2, "rating")))
    assert (found.decided_by, values(found)) == ("majority", ["yes"])


def test_an_adjudicator_decides_that_there_is_no_answer() -> None:
    found = final("part", said("A1", span(TEXT, "costs")), by("adjudication", label("claim", "no")))
    assert (found.answers, found.decided_by) == ((), "adjudication")


def test_labels_that_more_than_half_of_those_asked_chose() -> None:
    yes = label("claim", "yes")
    rude, wrong = (label("reasons", one, "multi_label") for one in ("rude", "wrong"))
    found = final(
        "reasons",
        said("A1", yes, rude, wrong),
        said("A2", yes, wrong),
        said("A3", yes),
        said("A4", label("claim", "no")),
    )
    assert values(found) == ["wrong"]
    assert found.counts == {"rude": 1, "wrong": 2}
    assert found.shares == {"rude": 0.333333, "wrong": 0.666667}


def test_characters_that_more_than_half_marked() -> None:
    text = "It costs two million."
    found = final(
        "part",
        said("A1", span(text, "costs two million")),
        said("A2", span(text, "two million.")),
        said("A3"),
        said("A4", span("Two million", "Two"), text="Two million"),
        text=text,
    )
    (answer,) = found.answers
    assert (answer.quote, text[answer.start : answer.end]) == ("two million", "two million")


def test_texts_are_final_where_all_say_the_same() -> None:
    one, other = label("why", "Because.", "text"), label("why", "Well.", "text")
    assert values(final("why", said("A1", one), said("A2", one))) == ["Because."]
    assert values(final("why", said("A1", one), said("A2", other))) == []
    assert final("why", said("A1", one)).counts == {}


def test_who_skipped_has_no_voice() -> None:
    skipped = said("A2", label("claim", "no"), state="skipped")
    assert final("claim", *people("yes"), skipped).counts == {"yes": 1}


def test_models_have_no_voice() -> None:
    assert final("claim", by("model", label("claim", "yes"))) == Final()
