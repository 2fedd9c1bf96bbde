"""What was said of the comments and threads of a dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Any

from django.db.models import Q, QuerySet

from annotations.exporters.contents import Contents
from annotations.exporters.rows import AnnotationRow, AnswerRow
from annotations.models import (
    Aggregation,
    Annotation,
    Answer,
    Campaign,
    Codebook,
    Comment,
    CommentRevision,
    Unit,
)
from annotations.selectors.codebooks import questions_of
from annotations.selectors.dataset_comments import FoundComment
from annotations.selectors.dataset_consensus import consensus_rows, whole
from annotations.selectors.plain_rows import in_utc, plain_rows, these

ANNOTATION = (
    *("pk", "unit_id", "source", "membership_id", "model", "state", "revision", "saved_at"),
    *("submitted_at", "seconds", "confidence", "certainty", "flagged", "note", "skip_reason"),
    *("reason", "rule", "text_revision"),
)
ANSWER = (
    *("annotation_id", "question_id", "label_id", "number", "text", "start", "end", "quote"),
    "related__source_id",
)

KNOWN_AT_MOST = 10_000

ByUnit = Mapping[int, tuple[AnnotationRow, ...]]


def exported_annotations(campaign: Campaign, contents: Contents | None = None) -> QuerySet[Any]:
    """All that was submitted or skipped in the layers chosen, by whomever; no drafts.

    A unit that was skipped because it harms is left out: somebody else labels it, and that it
    harmed is nobody's business. Units that train, test, check or repeat are in no dataset. What
    the source took back does not leave.
    """
    return _that_leave(contents or Contents()).filter(
        Q(unit__comment=None) | Q(unit__comment__status=Comment.Status.VISIBLE),
        unit__campaign=campaign,
        unit__purpose=Unit.Purpose.STUDY,
    )


def _that_leave(contents: Contents) -> QuerySet[Annotation]:
    """Of units that leave, whatever is said of them and may."""
    said = Annotation.objects.filter(source__in=contents.layers, harmful=False)
    return said.exclude(state=Annotation.State.DRAFT).order_by()


class Said:
    """What a campaign's annotators, models and methods say, by the choice of layers."""

    def __init__(
        self,
        campaign: Campaign,
        codebook: Codebook,
        contents: Contents,
        aggregation: Aggregation | None,
    ) -> None:
        questions = questions_of(codebook.pk)
        self._questions = {one.pk: one for one in questions}
        self._places = {one.key: place for place, one in enumerate(questions)}
        self._is_disordered = list(self._questions) != sorted(self._questions)
        self._labels = {
            label.pk: label.key for question in questions for label in question.labels.all()
        }
        self._contents = contents
        self._annotations = _that_leave(contents)
        self._numbers = dict(campaign.memberships.values_list("pk", "number"))
        self._aggregation = aggregation
        self._known: dict[Sequence[Any], AnswerRow] = {}

    def of_threads(self, units: Iterable[int]) -> ByUnit:
        """Of threads as a whole."""
        return self._of(list(units), {})

    def of_comments(self, comments: Iterable[FoundComment]) -> ByUnit:
        by_unit = {one.unit: one for one in comments if one.unit is not None}
        return self._of(list(by_unit), by_unit)

    def _of(self, units: list[int], comments: Mapping[int, FoundComment]) -> ByUnit:
        if not units:
            return {}
        found: dict[int, list[AnnotationRow]] = {}
        given = self._annotations.filter(unit__in=these(units)).values_list(*ANNOTATION)
        rows = sorted(plain_rows(given), key=self._by_whom)
        texts = _earlier_texts(rows, comments)
        answers = self._answers([row[0] for row in rows])
        for row in rows:
            comment = comments.get(row[1])
            text = texts.get((comment.pk, row[17])) if comment and texts else None
            said = self._annotation_row(row, tuple(answers.get(row[0], ())), text)
            found.setdefault(row[1], []).append(said)
        if self._aggregation is not None:
            made = consensus_rows(self._aggregation, self._questions, units, comments)
            for unit, consensus in made.items():
                found.setdefault(unit, []).append(consensus)
        return {unit: tuple(said) for unit, said in found.items()}

    def _annotation_row(
        self, row: Sequence[Any], answers: tuple[AnswerRow, ...], text: str | None
    ) -> AnnotationRow:
        notes = self._contents.notes
        return AnnotationRow(
            source=row[2],
            annotator=f"A{self._numbers[row[3]]}" if row[3] is not None else "",
            model=row[4],
            state=row[5],
            revision=row[6],
            saved_at=in_utc(row[7]),
            submitted_at=in_utc(row[8]),
            seconds=row[9],
            confidence=row[10],
            certainty=row[11],
            flagged=bool(row[12]),
            note=row[13] if notes else "",
            skip_reason=row[14] if notes else "",
            reason=row[15] if notes else "",
            rule=row[16],
            text=text,
            answers=answers,
        )

    def _by_whom(self, row: Sequence[Any]) -> tuple[float, str, str]:
        """People by their numbers, then everybody else; the source and the model of each."""
        return inf if row[3] is None else self._numbers[row[3]], row[2], row[4]

    def _answers(self, annotations: Sequence[int]) -> dict[int, list[AnswerRow]]:
        """By annotation, in the order of the questions."""
        given = Answer.objects.filter(annotation__in=these(annotations))
        given = given.order_by("annotation_id", "question_id", "position")
        found: dict[int, list[AnswerRow]] = {}
        for row in plain_rows(given.values_list(*ANSWER)):
            found.setdefault(row[0], []).append(self._answer_row(row))
        if self._is_disordered:
            for answers in found.values():
                answers.sort(key=lambda answer: self._places[answer.question])
        return found

    def _answer_row(self, row: Sequence[Any]) -> AnswerRow:
        """One object for all that say the same without words, which are few."""
        if row[4] or row[7] or row[8]:
            return self._new_answer_row(row)
        said = row[1:4]
        known = self._known.get(said)
        if known is None:
            known = self._new_answer_row(row)
            if len(self._known) < KNOWN_AT_MOST:
                self._known[said] = known
        return known

    def _new_answer_row(self, row: Sequence[Any]) -> AnswerRow:
        question = self._questions[row[1]]
        return AnswerRow(
            question=question.key,
            kind=question.kind,
            value=_value(self._labels.get(row[2]), row[3], row[4]),
            start=row[5],
            end=row[6],
            quote=row[7],
            related=row[8] or "",
        )


def _earlier_texts(
    rows: list[tuple[Any, ...]], comments: Mapping[int, FoundComment]
) -> dict[tuple[int, int], str]:
    """The texts, by comment and revision, of comments that changed after they were labeled."""
    changed = {
        comments[row[1]].pk
        for row in rows
        if row[1] in comments and comments[row[1]].text_revision != row[17]
    }
    if not changed:
        return {}
    revisions = CommentRevision.objects.filter(comment__in=changed)
    return {(revision.comment_id, revision.number): revision.text for revision in revisions}


def _value(label: str | None, number: float | None, text: str) -> str | int | float:
    if label is not None:
        return label
    if number is not None:
        return whole(number)
    return text
