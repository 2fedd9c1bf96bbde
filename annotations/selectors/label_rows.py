"""The labels of a campaign as export rows: the one source behind files, API and command."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import islice
from typing import Any

from django.db.models import F, QuerySet

from annotations.exporters.rows import LabelRow
from annotations.models import (
    Annotation,
    Answer,
    Campaign,
    Codebook,
    Comment,
    CommentRevision,
    Corpus,
    Thread,
    Unit,
)
from annotations.selectors.authors import shown_name
from annotations.selectors.snapshot import snapshot

CHUNK = 500
LARGE_COLUMNS = ("text", "html", "blocks", "raw")
NOT_OF_RELATED = [f"related__{column}" for column in LARGE_COLUMNS]
NOT_EXPORTED = [
    "context",
    "unit__thread__raw",
    *(f"unit__comment__{column}" for column in LARGE_COLUMNS if column != "text"),
    *(f"unit__comment__reply_to__{column}" for column in LARGE_COLUMNS),
]


def exported_annotations(campaign: Campaign) -> QuerySet[Annotation]:
    """What an export holds: all that was submitted or skipped, by whomever; no drafts.

    A unit that was skipped because it harms is left out: somebody else labels it, and that it
    harmed is nobody's business. Units that train, test, check or repeat are in no dataset.
    Ordered by unit, then annotator or model, so that the same labels always give the same bytes.
    """
    return (
        Annotation.objects.filter(unit__campaign=campaign, unit__purpose=Unit.Purpose.STUDY)
        .exclude(state=Annotation.State.DRAFT)
        .filter(harmful=False)
        .order_by(
            "unit__order",
            F("membership__number").asc(nulls_last=True),
            *("source", "model", "id"),
        )
    )


def label_rows(campaign: Campaign) -> Generator[LabelRow]:
    """All rows of the campaign, in stable order and flat memory. Close it if you stop early."""
    with closing(rows_by_annotation(campaign)) as groups:
        for group in groups:
            yield from group


def rows_by_annotation(campaign: Campaign) -> Generator[list[LabelRow]]:
    """For each annotation its rows, as they stood when the reading began.

    It holds a transaction open until it is read to its end or closed.
    """
    with snapshot():
        # Read here, so that it is the version that the labels are of.
        codebook = Codebook.objects.only("key", "version").get(campaigns=campaign)
        study = {
            "campaign": campaign.slug,
            "codebook": codebook.key,
            "codebook_version": codebook.version,
        }
        annotations = _with_their_comments(exported_annotations(campaign))
        while chunk := list(islice(annotations, CHUNK)):
            answers, texts = _answers(chunk), _earlier_texts(chunk)
            for annotation in chunk:
                about = {**study, **_about(annotation, texts, campaign.corpus)}
                yield [LabelRow(**about, **part) for part in answers[annotation.pk] or [NO_ANSWER]]


def _with_their_comments(annotations: QuerySet[Annotation]) -> Iterator[Annotation]:
    return (
        annotations.select_related(
            "membership", "unit__thread", "unit__comment__author", "unit__comment__reply_to"
        )
        .defer(*NOT_EXPORTED)
        .iterator(chunk_size=CHUNK)
    )


def _answers(chunk: list[Annotation]) -> dict[int, list[dict[str, Any]]]:
    """The columns about each answer, by annotation, in the codebook's order.

    Not a prefetch: that ties annotation and answers into a ring, which keeps its memory until
    Python looks for rings.
    """
    hidden = {annotation.pk for annotation in chunk if _is_hidden(annotation.unit.comment)}
    found: dict[int, list[dict[str, Any]]] = {annotation.pk: [] for annotation in chunk}
    answers = Answer.objects.filter(annotation__in=found)
    answers = answers.select_related("question", "label", "related").defer(*NOT_OF_RELATED)
    for answer in answers.order_by("annotation", "question__position", "position"):
        key = answer.annotation_id
        found[key].append(_answer_part(answer, hidden=key in hidden))
    return found


def _earlier_texts(chunk: list[Annotation]) -> dict[tuple[int, int], str]:
    """The texts, by comment and revision, of comments that changed after they were labeled."""
    changed = [
        annotation.unit.comment_id
        for annotation in chunk
        if annotation.unit.comment
        and annotation.unit.comment.text_revision != annotation.text_revision
    ]
    if not changed:
        return {}
    revisions = CommentRevision.objects.filter(comment__in=changed)
    return {(revision.comment_id, revision.number): revision.text for revision in revisions}


def _about(
    annotation: Annotation, texts: dict[tuple[int, int], str], corpus: Corpus
) -> dict[str, Any]:
    """The columns that all rows of the annotation share."""
    return {
        **_thread_part(annotation.unit.thread),
        **_comment_part(annotation.unit.comment, corpus),
        "text": _labeled_text(annotation, texts),
        **_annotation_part(annotation),
    }


def _thread_part(thread: Thread) -> dict[str, Any]:
    return {
        "thread_id": thread.source_id,
        "thread_title": thread.title,
        "thread_url": thread.url,
    }


def _comment_part(comment: Comment | None, corpus: Corpus) -> dict[str, Any]:
    if comment is None:
        return NO_COMMENT
    return {
        "comment_id": comment.source_id,
        "comment_kind": comment.kind,
        "comment_status": comment.status,
        "reply_to": comment.reply_to.source_id if comment.reply_to else comment.reply_to_source_id,
        "position": comment.position,
        "depth": comment.depth,
        "author": shown_name(comment.author, corpus),
        "posted_at": comment.posted_at,
    }


def _is_hidden(comment: Comment | None) -> bool:
    return comment is not None and comment.status != Comment.Status.VISIBLE


def _labeled_text(annotation: Annotation, texts: dict[tuple[int, int], str]) -> str:
    """The text as the annotator saw it, which is what spans point into."""
    comment = annotation.unit.comment
    if comment is None or _is_hidden(comment):
        return ""
    if annotation.text_revision == comment.text_revision:
        return comment.text
    return texts[comment.pk, annotation.text_revision]


def _annotation_part(annotation: Annotation) -> dict[str, Any]:
    membership = annotation.membership
    return {
        "annotation": annotation.pk,
        "annotator": membership.pseudonym if membership else "",
        "source": annotation.source,
        "model": annotation.model,
        "state": annotation.state,
        "revision": annotation.revision,
        "saved_at": annotation.saved_at,
        "submitted_at": annotation.submitted_at,
        "seconds": annotation.seconds,
        "confidence": annotation.confidence,
        "flagged": annotation.flagged,
        "note": annotation.note,
        "skip_reason": annotation.skip_reason,
    }


def _answer_part(answer: Answer, *, hidden: bool) -> dict[str, Any]:
    return {
        "question": answer.question.key,
        "kind": answer.question.kind,
        "value": _value(answer),
        "span_start": answer.start,
        "span_end": answer.end,
        "span_quote": "" if hidden else answer.quote,
        "related_comment": answer.related.source_id if answer.related else "",
    }


def _value(answer: Answer) -> str | int | float:
    if answer.label is not None:
        return answer.label.key
    if answer.number is not None:
        return int(answer.number) if answer.number.is_integer() else answer.number
    return answer.text


NO_COMMENT: dict[str, Any] = {
    "comment_id": "",
    "comment_kind": "",
    "comment_status": "",
    "reply_to": "",
    "position": None,
    "depth": None,
    "author": "",
    "posted_at": None,
}
NO_ANSWER: dict[str, Any] = {
    "question": "",
    "kind": "",
    "value": "",
    "span_start": None,
    "span_end": None,
    "span_quote": "",
    "related_comment": "",
}
