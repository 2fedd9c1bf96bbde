"""What models suggest: annotations of their own, beside those of people and never mixed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import uuid4

from django.db import transaction

from annotations.errors import Conflict, InvalidInput
from annotations.models import Annotation, Answer, Campaign, Comment, Question, Revision, Unit
from annotations.selectors.answers import WITH_ANSWERS, answers_from, answers_of
from annotations.selectors.codebooks import for_unit, questions_of
from annotations.services.answers import read_answers
from annotations.services.audit import Act, note_act
from annotations.services.changes import note_annotations

MOST = 1_000
NO_UNIT = "No unit of this campaign is about the comment {comment}."
TWICE = "The comment {comment} stands in the list twice: only the first is taken."
UNSURE = "How sure a model is lies between 0 and 1."
NOTHING = "The suggestion answers no question."


@dataclass(frozen=True)
class Suggestion:
    """A model's answers to the unit about the comment with this id, and how sure it is (0 to 1)."""

    comment: int
    answers: Mapping[str, Any]
    certainty: float | None = None


@dataclass(frozen=True)
class Refused:
    comment: int
    message: str
    fields: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass
class Suggested:
    """How many suggestions are new, how many say something else now, and which were refused.

    ``outcomes`` says it by comment of those that were taken; the others say what they said.
    """

    created: int = 0
    updated: int = 0
    refused: list[Refused] = field(default_factory=list)
    outcomes: dict[int, Literal["created", "updated"]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Told:
    """What is stored of a suggestion: unsaved answers, and how sure the model is of them."""

    answers: list[Answer]
    certainty: float | None


@transaction.atomic
def suggest_answers(
    *, campaign: Campaign, model: str, suggestions: Sequence[Suggestion], now: datetime
) -> Suggested:
    """Store what a model suggests; the same again changes nothing, other answers replace its own.

    What cannot be taken is refused by itself, and the rest goes on. Raises Conflict for a closed
    campaign, and InvalidInput for a model without a name or more than 1,000 suggestions.
    """
    if not 1 <= len(model) <= 100:
        raise InvalidInput("The name of a model has 1 to 100 characters.")
    if len(suggestions) > MOST:
        raise InvalidInput(f"At most {MOST:,} suggestions are taken at once.")
    locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if locked.state == Campaign.State.CLOSED:
        raise Conflict(f"{campaign.name} is closed: it takes no suggestions any more.")
    told = Suggested()
    rows = _readable(locked, suggestions, told)
    _store(locked, model, rows, told, now)
    details = {"model": model, "suggestions": len(suggestions)}
    note_act(act=Act.SUGGESTIONS_SENT, about=locked, details=details, now=now)
    return told


def _readable(
    campaign: Campaign, suggestions: Sequence[Suggestion], told: Suggested
) -> dict[Unit, _Told]:
    """Unsaved answers by unit; what is refused is told."""
    asked = for_unit(questions_of(campaign.codebook_id), Question.Unit.COMMENT)
    units = _units(campaign, suggestions)
    threads = _threads_of_related(suggestions)
    rows: dict[Unit, _Told] = {}
    for one in suggestions:
        try:
            unit = units.get(one.comment)
            if unit is None or unit in rows:
                reason = NO_UNIT if unit is None else TWICE
                raise InvalidInput(reason.format(comment=one.comment))
            rows[unit] = _Told(_rows(asked, unit, one, threads), one.certainty)
        except InvalidInput as error:
            told.refused.append(Refused(one.comment, error.message, error.fields))
    return rows


def _units(campaign: Campaign, suggestions: Sequence[Suggestion]) -> dict[int, Unit]:
    comments = {one.comment for one in suggestions}
    units = Unit.objects.filter(campaign=campaign, comment__in=comments, repeat_of__isnull=True)
    units = units.select_related("comment")
    unread = ("comment__raw", "comment__html", "comment__blocks", "comment__links")
    return {unit.comment_id: unit for unit in units.defer(*unread) if unit.comment_id}


def _threads_of_related(suggestions: Sequence[Suggestion]) -> dict[int, int]:
    """The threads of all comments that answers may relate to, read at once."""
    named = {
        item["comment"]
        for one in suggestions
        for value in one.answers.values()
        if isinstance(value, list)
        for item in value
        if isinstance(item, dict) and type(item.get("comment")) is int
    }
    known = Comment.objects.filter(pk__in={pk for pk in named if 0 <= pk < 2**63})
    return dict(known.values_list("pk", "thread"))


def _rows(
    asked: Sequence[Question], unit: Unit, suggestion: Suggestion, threads: Mapping[int, int]
) -> list[Answer]:
    """Raises InvalidInput. A model need not answer every question."""
    assert unit.comment is not None
    if suggestion.certainty is not None and not 0 <= suggestion.certainty <= 1:
        raise InvalidInput(UNSURE)
    rows = read_answers(
        questions=asked,
        answers=suggestion.answers,
        text=unit.comment.text,
        related_ids=lambda ids: {
            pk for pk in ids if threads.get(pk) == unit.thread_id and pk != unit.comment_id
        },
        complete=False,
    )
    if not rows:
        raise InvalidInput(NOTHING)
    return rows


def _store(
    campaign: Campaign, model: str, rows: Mapping[Unit, _Told], told: Suggested, now: datetime
) -> None:
    known = {
        annotation.unit_id: annotation
        for annotation in Annotation.objects.filter(
            unit__in=rows, source=Annotation.Source.MODEL, model=model
        ).prefetch_related(*WITH_ANSWERS)
    }
    new, changed = [], []
    for unit, said in rows.items():
        annotation = known.get(unit.pk)
        if annotation is None:
            new.append(_new(unit, model, said, now))
        elif not _says(annotation, unit, said):
            changed.append(_said_anew(annotation, unit, said, now))
    Annotation.objects.bulk_create(new)
    Annotation.objects.bulk_update(
        changed, ["revision", "text_revision", "certainty", "saved_at", "submitted_at"]
    )
    Answer.objects.filter(annotation__in=changed).delete()
    by_unit = {unit.pk: said.answers for unit, said in rows.items()}
    _append([(annotation, by_unit[annotation.unit_id]) for annotation in (*new, *changed)], now)
    noted = [annotation.pk for annotation in (*new, *changed)]
    note_annotations(campaign=campaign, annotations=noted, now=now)
    told.created, told.updated = len(new), len(changed)
    comments = {unit.pk: unit.comment_id or 0 for unit in rows}
    told.outcomes.update({comments[annotation.unit_id]: "created" for annotation in new})
    told.outcomes.update({comments[annotation.unit_id]: "updated" for annotation in changed})


def _new(unit: Unit, model: str, said: _Told, now: datetime) -> Annotation:
    annotation = Annotation(
        unit=unit,
        source=Annotation.Source.MODEL,
        model=model,
        state=Annotation.State.SUBMITTED,
        revision=0,
        created_at=now,
    )
    return _said_anew(annotation, unit, said, now)


def _said_anew(annotation: Annotation, unit: Unit, said: _Told, now: datetime) -> Annotation:
    annotation.revision += 1
    annotation.certainty = said.certainty
    annotation.text_revision = _text_revision(unit)
    annotation.saved_at = annotation.submitted_at = now
    return annotation


def _says(annotation: Annotation, unit: Unit, said: _Told) -> bool:
    """Whether the annotation says so already, of the same text and as surely."""
    same_text = annotation.text_revision == _text_revision(unit)
    as_sure = annotation.certainty == said.certainty
    return same_text and as_sure and answers_of(annotation) == answers_from(said.answers)


def _text_revision(unit: Unit) -> int:
    return unit.comment.text_revision if unit.comment else 1


def _append(said: Sequence[tuple[Annotation, list[Answer]]], now: datetime) -> None:
    """The answers, and each annotation's revision."""
    for annotation, answers in said:
        for answer in answers:
            answer.annotation = annotation
    Answer.objects.bulk_create(answer for _, answers in said for answer in answers)
    Revision.objects.bulk_create(
        Revision(
            annotation=annotation,
            number=annotation.revision,
            save_id=uuid4(),
            state=annotation.state,
            content={
                "state": annotation.state,
                "text_revision": annotation.text_revision,
                "model": annotation.model,
                "certainty": annotation.certainty,
                "answers": answers_from(answers),
            },
            saved_at=now,
        )
        for annotation, answers in said
    )
