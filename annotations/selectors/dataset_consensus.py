"""The layer of aggregated labels: one answer from many, with the shares that it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from annotations.errors import InvalidInput
from annotations.exporters.contents import Contents
from annotations.exporters.rows import AGGREGATED, AnnotationRow, AnswerRow
from annotations.models import (
    Aggregation,
    Campaign,
    Codebook,
    CommentRevision,
    Consensus,
    Question,
)
from annotations.selectors.dataset_comments import FoundComment


def chosen_aggregation(
    campaign: Campaign, codebook: Codebook, contents: Contents
) -> Aggregation | None:
    """The newest one that is done, by the method chosen; None where none is asked for.

    Raises InvalidInput where there is none, or it answers the questions of an earlier version of
    the codebook.
    """
    if AGGREGATED not in contents.layers:
        return None
    done = campaign.aggregations.filter(method=contents.method, state=Aggregation.State.DONE)
    found: Aggregation | None = done.order_by("-id").first()
    if found is None:
        _refuse(f"{campaign.name} has no finished aggregation by {contents.method}")
    elif found.consensus.exclude(question__codebook=codebook).exists():
        _refuse(
            f"The aggregation by {contents.method} was made with another version of the codebook"
        )
    return found


def _refuse(reason: str) -> None:
    sentence = f"{reason}: start one on the page Quality."
    raise InvalidInput(sentence, fields={"method": [sentence]})


def consensus_rows(
    aggregation: Aggregation,
    questions: Mapping[int, Question],
    units: Iterable[int],
    comments: Mapping[int, FoundComment],
) -> dict[int, AnnotationRow]:
    """By unit; ``comments`` are those of the units that have one."""
    rows = (
        Consensus.objects.filter(aggregation=aggregation, unit__in=units)
        .order_by("unit", "question__position")
        .values_list("unit_id", "question_id", "value", "shares")
    )
    texts = _texts_then(aggregation, comments)
    answers: dict[int, list[AnswerRow]] = {}
    shares: dict[int, dict[str, dict[str, float]]] = {}
    for unit, question_id, value, shared in rows:
        question = questions[question_id]
        comment = comments.get(unit)
        text = texts.get(unit, comment.text) if comment else ""
        answers.setdefault(unit, []).extend(_answers(question, value, text))
        told = shares.setdefault(unit, {})
        if shared:
            told[question.key] = {key: shared[key] for key in sorted(shared)}
    return {
        unit: AnnotationRow(
            source=AGGREGATED,
            model=aggregation.method,
            text=texts.get(unit),
            answers=tuple(given),
            shares=shares[unit],
        )
        for unit, given in answers.items()
    }


def _texts_then(aggregation: Aggregation, comments: Mapping[int, FoundComment]) -> dict[int, str]:
    """By unit, the texts that the source changed after the answers were computed from them."""
    changed = {one.pk: unit for unit, one in comments.items() if one.text_revision > 1}
    if not changed or aggregation.started_at is None:
        return {}
    later = CommentRevision.objects.filter(
        comment__in=changed, replaced_at__gt=aggregation.started_at
    )
    rows = later.order_by("comment", "-number").values_list("comment_id", "text")
    return {changed[comment]: text for comment, text in rows}


def _answers(question: Question, value: Any, text: str) -> list[AnswerRow]:
    """None where no answer is ahead of the others; several for several labels or spans."""
    if value is None:
        return []
    key, kind = question.key, question.kind
    if kind == Question.Kind.SPAN:
        return [
            AnswerRow(
                question=key,
                kind=kind,
                value=span["label"] or "",
                start=span["start"],
                end=span["end"],
                quote=text[span["start"] : span["end"]],
            )
            for span in value
        ]
    several = value if isinstance(value, list) else [value]
    return [AnswerRow(question=key, kind=kind, value=whole(one)) for one in several]


def whole(value: str | float) -> str | int | float:
    """A number without a fraction as a whole one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
