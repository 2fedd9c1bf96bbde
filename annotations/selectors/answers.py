"""Answer rows in the one shape that clients read and send (see services/answers.py)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from annotations.models import Annotation, Answer, Question

WITH_ANSWERS = ("answers__question", "answers__label")


def answers_of(annotation: Annotation) -> dict[str, Any]:
    """``{question key: value}``; prefetch WITH_ANSWERS where there are many annotations."""
    return answers_from(annotation.answers.all())


def keep_answers(annotation: Annotation, rows: Sequence[Answer]) -> None:
    """Let the annotation know its answers, just stored, so that nobody asks for them again."""
    stored = annotation.answers.all()
    stored._result_cache = list(rows)
    annotation._prefetched_objects_cache = {"answers": stored}  # type: ignore[attr-defined]


def answers_from(rows: Iterable[Answer]) -> dict[str, Any]:
    """The same from rows, which must stand in order of question and position."""
    answers: dict[str, Any] = {}
    for row in rows:
        key, kind = row.question.key, row.question.kind
        if kind in (Question.Kind.MULTI_LABEL, Question.Kind.SPAN, Question.Kind.RELATION):
            answers.setdefault(key, []).append(_value(row, kind))
        else:
            answers[key] = _value(row, kind)
    return answers


def _value(row: Answer, kind: str) -> Any:
    label = row.label.key if row.label else None
    match kind:
        case Question.Kind.SINGLE_LABEL | Question.Kind.MULTI_LABEL:
            return label
        case Question.Kind.RATING | Question.Kind.NUMBER:
            return row.number
        case Question.Kind.TEXT:
            return row.text
        case Question.Kind.SPAN:
            return {"start": row.start, "end": row.end, "quote": row.quote, "label": label}
        case _:
            return {"comment": row.related_id, "label": label}
