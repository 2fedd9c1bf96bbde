"""A dataset as a table: one row for each value that was given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from msgspec import Struct

from annotations.exporters.dataset import Dataset
from annotations.exporters.places import place
from annotations.exporters.rows import AnnotationRow, CommentRow, ThreadRow


class LabelRow(Struct, frozen=True):
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
Values = tuple[Any, ...]

_who = attrgetter("source", "annotator", "model", "state", "revision")
_when_and_why = attrgetter(
    *("saved_at", "submitted_at", "seconds", "confidence", "certainty", "flagged", "note"),
    *("skip_reason", "reason", "rule"),
)
_given = attrgetter("question", "kind", "value", "start", "end", "quote", "related")
_NO_ANSWER = ("", "", "", None, None, "", "", None)


class FlatAnnotation(NamedTuple):
    """The rows of one annotation: each is ``before``, one of ``answers``, and ``after``."""

    before: Values
    answers: Sequence[Values]
    after: Values


def label_rows(dataset: Dataset) -> Iterator[LabelRow]:
    """All values in the dataset's order. What is only context has no row."""
    for before, answers, after in flat_annotations(dataset):
        for answer in answers:
            yield LabelRow(*before, *answer, *after)


def flat_annotations(dataset: Dataset) -> Iterator[FlatAnnotation]:
    """The same, with what the rows of an annotation share told once."""
    codebook = dataset.study.codebook
    study = (dataset.study.campaign, codebook.key, codebook.version)
    for thread, comments in dataset.threads():
        yield from _flat(thread, (*study, *place(thread, thread)), "")
        for comment in comments:
            if comment.annotations:
                yield from _flat(comment, (*study, *place(thread, comment)), comment.text)


def annotation_id(place: str, annotation: AnnotationRow) -> str:
    """Names the annotation of the comment or thread with the id ``place``, in every dataset."""
    return f"{place}/{annotation.who}"


def _flat(about: ThreadRow | CommentRow, where: Values, text: str) -> Iterator[FlatAnnotation]:
    for one in about.annotations:
        labeled = text if one.text is None else one.text
        before = (*where, labeled, annotation_id(about.id, one), *_who(one))
        yield FlatAnnotation(before, _answers(one) or [_NO_ANSWER], _when_and_why(one))


def _answers(annotation: AnnotationRow) -> list[Values]:
    shares = annotation.shares
    return [
        (*_given(answer), shares[answer.question].get(str(answer.value)))
        if answer.question in shares
        else (*_given(answer), None)
        for answer in annotation.answers
    ]
