"""A dataset as a table: one row for each value that was given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

from annotations.exporters.dataset import Dataset
from annotations.exporters.rows import AnnotationRow, CommentRow, ThreadRow


class LabelRow(Struct, frozen=True, kw_only=True):
    """One value, or, with ``question`` empty, that none was given.

    The fields are the columns, in this order; docs/exports.md explains each.
    """

    campaign: str
    codebook: str
    codebook_version: int
    split: str
    thread_id: str
    thread_title: str
    thread_url: str
    platform: str
    comment_id: str
    comment_kind: str
    reply_to: str
    position: int | None
    depth: int | None
    author: str
    posted_at: datetime | None
    language: str
    score: int | None
    text: str
    annotation: str
    source: str
    annotator: str
    model: str
    state: str
    revision: int
    question: str
    kind: str
    value: str | int | float
    span_start: int | None
    span_end: int | None
    span_quote: str
    related_comment: str
    share: float | None
    saved_at: datetime | None
    submitted_at: datetime | None
    seconds: float
    confidence: int | None
    certainty: float | None
    flagged: bool
    note: str
    skip_reason: str
    reason: str
    rule: str


COLUMNS = LabelRow.__struct_fields__


def label_rows(dataset: Dataset) -> Iterator[LabelRow]:
    """All values in the dataset's order. What is only context has no row."""
    study = {
        "campaign": dataset.study.campaign,
        "codebook": dataset.study.codebook.key,
        "codebook_version": dataset.study.codebook.version,
    }
    for thread, comments in dataset.threads():
        where = {**study, **_thread_part(thread)}
        yield from _rows_of(thread.annotations, {**where, **NO_COMMENT}, thread.id, "")
        for comment in comments:
            if comment.annotations:
                about = {**where, **_comment_part(comment)}
                yield from _rows_of(comment.annotations, about, comment.id, comment.text)


def annotation_id(place: str, annotation: AnnotationRow) -> str:
    """Names the annotation of the comment or thread with the id ``place``, in every dataset."""
    return f"{place}/{annotation.who}"


def _rows_of(
    annotations: tuple[AnnotationRow, ...], about: dict[str, Any], place: str, text: str
) -> Iterator[LabelRow]:
    for one in annotations:
        shared = {
            **about,
            "text": text if one.text is None else one.text,
            "annotation": annotation_id(place, one),
            "source": one.source,
            "annotator": one.annotator,
            "model": one.model,
            "state": one.state,
            "revision": one.revision,
            "saved_at": one.saved_at,
            "submitted_at": one.submitted_at,
            "seconds": one.seconds,
            "confidence": one.confidence,
            "certainty": one.certainty,
            "flagged": one.flagged,
            "note": one.note,
            "skip_reason": one.skip_reason,
            "reason": one.reason,
            "rule": one.rule,
        }
        for part in _answers(one) or [NO_ANSWER]:
            yield LabelRow(**shared, **part)


def _answers(annotation: AnnotationRow) -> list[dict[str, Any]]:
    return [
        {
            "question": answer.question,
            "kind": answer.kind,
            "value": answer.value,
            "span_start": answer.start,
            "span_end": answer.end,
            "span_quote": answer.quote,
            "related_comment": answer.related,
            "share": annotation.shares.get(answer.question, {}).get(str(answer.value)),
        }
        for answer in annotation.answers
    ]


def _thread_part(thread: ThreadRow) -> dict[str, Any]:
    return {
        "split": thread.split,
        "thread_id": thread.id,
        "thread_title": thread.title,
        "thread_url": thread.url,
        "platform": thread.platform,
    }


def _comment_part(comment: CommentRow) -> dict[str, Any]:
    return {
        "split": comment.split,
        "comment_id": comment.id,
        "comment_kind": comment.kind,
        "reply_to": comment.reply_to,
        "position": comment.position,
        "depth": comment.depth,
        "author": comment.author,
        "posted_at": comment.posted_at,
        "language": comment.language,
        "score": comment.score,
    }


NO_COMMENT: dict[str, Any] = {
    "comment_id": "",
    "comment_kind": "",
    "reply_to": "",
    "position": None,
    "depth": None,
    "author": "",
    "posted_at": None,
    "language": "",
    "score": None,
}
NO_ANSWER: dict[str, Any] = {
    "question": "",
    "kind": "",
    "value": "",
    "span_start": None,
    "span_end": None,
    "span_quote": "",
    "related_comment": "",
    "share": None,
}
