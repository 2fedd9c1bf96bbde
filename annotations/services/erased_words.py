"""Blanking what annotations say in words: of one who wrote them, or of one whom they quote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from annotations.models import Annotation, Answer, NoteReply, Question, Revision
from annotations.services.changes import note_annotations

ROWS_AT_ONCE = 500
BLANK = "█"
"""Stands for each character of a quote, and for a text, where a row has to say something."""

Row = TypeVar("Row", bound=Model)
CODEBOOK_UNREAD = ("source", "guidelines", "translations")
WORDS = ("note", "skip_reason")
WORDS_ABOUT = (*WORDS, "reason")


def in_chunks(rows: QuerySet[Row], size: int = ROWS_AT_ONCE) -> Iterator[list[Row]]:
    """The rows by their ids, some at a time; each time asked for anew, so that they may change."""
    last = 0
    while chunk := list(rows.filter(pk__gt=last).order_by("pk")[:size]):
        last = chunk[-1].pk
        yield chunk


def blank_notes(annotations: QuerySet[Annotation], *, now: datetime) -> None:
    """Take away what annotators wrote to managers: notes and reasons to skip; labels stay."""
    for chunk in in_chunks(annotations.select_related("unit")):
        _blank(chunk, WORDS, {}, now)


def blank_quotes(annotations: QuerySet[Annotation], *, now: datetime) -> None:
    """Take away all that may repeat the text of the unit: quotes of spans, texts, notes, reasons.

    Spans keep their offsets, and each label stays.
    """
    unread = (f"unit__campaign__codebook__{name}" for name in CODEBOOK_UNREAD)
    for chunk in in_chunks(annotations.select_related("unit__campaign__codebook").defer(*unread)):
        keys = {one.unit.campaign.codebook.key for one in chunk}
        asked = Question.objects.filter(codebook__key__in=keys)
        kinds = dict(asked.order_by("codebook__version").values_list("key", "kind"))
        _blank(chunk, WORDS_ABOUT, kinds, now)
        _blank_answers([one.pk for one in chunk])


def _blank(
    annotations: list[Annotation], words: tuple[str, ...], kinds: Mapping[str, str], now: datetime
) -> None:
    mine = [one.pk for one in annotations]
    Annotation.objects.filter(pk__in=mine).update(**dict.fromkeys(words, ""))
    NoteReply.objects.filter(annotation__in=mine).update(note=BLANK, text="")
    for revisions in in_chunks(Revision.objects.filter(annotation__in=mine)):
        for revision in revisions:
            revision.content = _without_words(revision.content, words, kinds)
            revision.erased_at = now
        Revision.objects.bulk_update(revisions, ["content", "erased_at"])
    by_campaign: dict[int, list[int]] = {}
    for one in annotations:
        by_campaign.setdefault(one.unit.campaign_id, []).append(one.pk)
    for campaign, changed in by_campaign.items():
        note_annotations(campaign=campaign, annotations=changed, now=now)


def _blank_answers(annotations: list[int]) -> None:
    spans = Answer.objects.filter(annotation__in=annotations, start__isnull=False)
    for chunk in in_chunks(spans):
        for answer in chunk:
            assert answer.start is not None
            assert answer.end is not None
            answer.quote = BLANK * (answer.end - answer.start)
        Answer.objects.bulk_update(chunk, ["quote"])
    Answer.objects.filter(annotation__in=annotations).exclude(text="").update(text=BLANK)


def _without_words(
    content: Mapping[str, Any], words: tuple[str, ...], kinds: Mapping[str, str]
) -> dict[str, Any]:
    """What a revision said, without its words; ``kinds`` are those of the questions to blank."""
    said = {name: "" if name in words else value for name, value in content.items()}
    answers = said.get("answers")
    if kinds and isinstance(answers, dict):
        said["answers"] = {
            key: _without_quotes(value, kinds.get(key)) for key, value in answers.items()
        }
    return said


def _without_quotes(value: Any, kind: str | None) -> Any:
    if kind == Question.Kind.TEXT:
        return BLANK
    if kind == Question.Kind.SPAN and isinstance(value, list):
        return [{**span, "quote": BLANK * (span["end"] - span["start"])} for span in value]
    return value
