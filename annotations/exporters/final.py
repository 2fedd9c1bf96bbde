"""The one answer to each question about a comment, out of all that was said of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from annotations.aggregation.spans import majority_spans
from annotations.agreement.marks import Mark
from annotations.exporters.dataset import QuestionFacts
from annotations.exporters.rows import (
    ADJUDICATION,
    AGGREGATED,
    GOLD,
    HUMAN,
    AnnotationRow,
    AnswerRow,
    CommentRow,
    ThreadRow,
    said_by,
)

MAJORITY = "majority"
Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Final:
    """``answers`` are none where nobody decided, or where it was decided that there is none:
    ``decided_by`` is a layer, or ``majority`` for that of the people, or "".

    ``counts``: how many people gave each value, or marked anything with each label;
    ``shares``: the soft labels, 0 to 1, of the aggregation where there is one, else of people.
    """

    answers: tuple[AnswerRow, ...] = ()
    decided_by: str = ""
    counts: Figures = field(default_factory=dict)
    shares: Figures = field(default_factory=dict)


def final_answer(about: ThreadRow | CommentRow, question: QuestionFacts) -> Final:
    """What the adjudicator decided, else what is right by the gold standard, else the answer of
    the aggregation, else the majority of people, where there is one.

    An adjudicator decides on all questions of a unit; the others may be silent about some.
    """
    people = [one for one in said_by(about.annotations, HUMAN) if _asked(one, question)]
    counts, voters = _counts(people, question)
    method = next((one for one in said_by(about.annotations, AGGREGATED)), None)
    shares: Figures = method.shares.get(question.key, {}) if method else {}
    if not shares and voters:
        shares = {value: round(count / voters, 6) for value, count in counts.items()}
    decided_by, answers = _decided(about, question) or ("", ())
    if not decided_by and (answers := _majority(people, question, about)):
        decided_by = MAJORITY
    return Final(answers, decided_by, counts, shares)


def _decided(
    about: ThreadRow | CommentRow, question: QuestionFacts
) -> tuple[str, tuple[AnswerRow, ...]] | None:
    for one in said_by(about.annotations, ADJUDICATION):
        return ADJUDICATION, one.about(question.key)
    for source in (GOLD, AGGREGATED):
        for one in said_by(about.annotations, source):
            if (answers := one.about(question.key)) or question.key in one.shares:
                return source, answers
    return None


def _asked(annotation: AnnotationRow, question: QuestionFacts) -> bool:
    led = annotation.about(question.depends_on) if question.depends_on else ()
    return not question.depends_on or any(one.value in question.depends_labels for one in led)


def _counts(people: Sequence[AnnotationRow], question: QuestionFacts) -> tuple[Figures, int]:
    """How many gave each value, and of how many."""
    if question.kind in ("text", "relation"):
        return {}, 0
    answers = [one.about(question.key) for one in people]
    if question.kind not in ("multi_label", "span"):
        answers = [one for one in answers if one]
    given = Counter(value for one in answers for value in {_key(answer) for answer in one})
    return dict(sorted(given.items())), len(answers)


def _key(answer: AnswerRow) -> str:
    return answer.value if isinstance(answer.value, str) else f"{answer.value:g}"


def _majority(
    people: Sequence[AnnotationRow], question: QuestionFacts, about: ThreadRow | CommentRow
) -> tuple[AnswerRow, ...]:
    """The value that most people gave, with no other as frequent; each label, and each stretch
    of text, that more than half of them chose; a text or relation that all give alike."""
    if question.kind == "span":
        return _stretches(people, question, about)
    answers = [one.about(question.key) for one in people]
    if question.kind == "multi_label":
        given = Counter(answer for one in answers for answer in one)
        most = [answer for answer, count in given.items() if 2 * count > len(people)]
        return tuple(sorted(most, key=_key))
    answers = [one for one in answers if one]
    if question.kind in ("text", "relation"):
        return answers[0] if answers and all(one == answers[0] for one in answers) else ()
    ranked = Counter(answers).most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return ()
    return ranked[0][0]


def _stretches(
    people: Sequence[AnnotationRow], question: QuestionFacts, about: ThreadRow | CommentRow
) -> tuple[AnswerRow, ...]:
    """Of those who saw the text as it is now."""
    text = about.text if isinstance(about, CommentRow) else ""
    looks = [_marks(one, question) for one in people if one.text is None]
    return tuple(
        AnswerRow(
            question=question.key,
            kind=question.kind,
            value=mark.label,
            start=mark.start,
            end=mark.end,
            quote=text[mark.start : mark.end],
        )
        for mark in majority_spans(looks)
    )


def _marks(annotation: AnnotationRow, question: QuestionFacts) -> list[Mark]:
    return [
        Mark(one.start, one.end, str(one.value))
        for one in annotation.about(question.key)
        if one.start is not None and one.end is not None and one.start < one.end
    ]
