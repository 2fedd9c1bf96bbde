"""The one answer to each question about a comment, out of all that was said of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
)
from annotations.exporters.softlabels import was_asked

MAJORITY = "majority"
Figures = Mapping[str, float]
Answers = tuple[AnswerRow, ...]


@dataclass(frozen=True, slots=True)
class Final:
    """``answers`` are none where nobody decided, or where it was decided that there is none:
    ``decided_by`` is a layer, or ``majority`` for that of the people, or "".

    ``counts``: how many people gave each value, or marked anything with each label;
    ``shares``: the soft labels, 0 to 1, of the aggregation where there is one, else of people.
    """

    answers: Answers = ()
    decided_by: str = ""
    counts: Figures = field(default_factory=dict)
    shares: Figures = field(default_factory=dict)


def final_answers(
    about: ThreadRow | CommentRow, questions: Iterable[QuestionFacts]
) -> Iterator[Final]:
    """To each question what the adjudicator decided, else what is right by the gold standard,
    else the answer of the aggregation, else the majority of people, where there is one.

    An adjudicator decides on all questions of a unit; the others may be silent about some. Of
    spans that were marked in an earlier text there are those that still read the same.
    """
    layers = _Layers(about)
    return (layers.final(question) for question in questions)


class _Said:
    """An annotation with its answers by question."""

    def __init__(self, annotation: AnnotationRow) -> None:
        self.annotation = annotation
        self.shares = annotation.shares
        self.text = annotation.text
        self._answers: dict[str, Answers] = {}
        for answer in annotation.answers:
            before = self._answers.get(answer.question, ())
            self._answers[answer.question] = (*before, answer)

    def __contains__(self, question: str) -> bool:
        return question in self._answers or question in self.shares

    def about(self, question: str) -> Answers:
        return self._answers.get(question, ())


class _Layers:
    """What was submitted about a comment, by layer."""

    def __init__(self, about: ThreadRow | CommentRow) -> None:
        self._text = about.text if isinstance(about, CommentRow) else ""
        self._said: dict[str, list[_Said]] = {}
        for one in about.annotations:
            if one.state == "submitted":
                self._said.setdefault(one.source, []).append(_Said(one))

    def final(self, question: QuestionFacts) -> Final:
        decided_by, answers = self._decided(question.key)
        if question.kind == "span":
            answers = tuple(one for one in answers if self._text[one.start : one.end] == one.quote)
        if not any(question.key in one for layer in self._said.values() for one in layer):
            return Final(decided_by=decided_by)
        said = self._said.get(HUMAN, ())
        people = [one for one in said if was_asked(question, one.annotation)]
        counts, voters = _counts(people, question)
        method = next(iter(self._said.get(AGGREGATED, ())), None)
        shares: Figures = method.shares.get(question.key, {}) if method else {}
        if not shares and voters:
            shares = {value: round(count / voters, 6) for value, count in counts.items()}
        if not decided_by and (answers := _majority(people, question, self._text)):
            decided_by = MAJORITY
        return Final(answers, decided_by, counts, shares)

    def _decided(self, question: str) -> tuple[str, Answers]:
        for one in self._said.get(ADJUDICATION, ()):
            return ADJUDICATION, one.about(question)
        for source in (GOLD, AGGREGATED):
            for one in self._said.get(source, ()):
                if question in one:
                    return source, one.about(question)
        return "", ()


def _counts(people: Sequence[_Said], question: QuestionFacts) -> tuple[Figures, int]:
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


def _majority(people: Sequence[_Said], question: QuestionFacts, text: str) -> Answers:
    """The value that most people gave, with no other as frequent; each label, and each stretch
    of text, that more than half of them chose; a text or relation that all give alike."""
    if question.kind == "span":
        return _stretches(people, question.key, text)
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


def _stretches(people: Sequence[_Said], question: str, text: str) -> Answers:
    """Of those who saw the text as it is now."""
    looks = [_marks(one.about(question)) for one in people if one.text is None]
    return tuple(
        AnswerRow(
            question=question,
            kind="span",
            value=mark.label,
            start=mark.start,
            end=mark.end,
            quote=text[mark.start : mark.end],
        )
        for mark in majority_spans(looks)
    )


def _marks(answers: Answers) -> list[Mark]:
    return [
        Mark(one.start, one.end, str(one.value))
        for one in answers
        if one.start is not None and one.end is not None and one.start < one.end
    ]
