"""A dataset as one object for each annotation, its answers by question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from annotations.exporters.dataset import Dataset
from annotations.exporters.flat import annotation_id
from annotations.exporters.rows import AnnotationRow, AnswerRow, CommentRow, ThreadRow

SEVERAL = ("multi_label", "span", "relation")


def annotation_lines(dataset: Dataset) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Two parts of one object for each annotation, in the dataset's order: what was labeled, and
    what was said of it.

    The first is the same object for all that was said of one text. What is only context has none.
    """
    study = dataset.study
    for thread, comments in dataset.threads():
        where = {
            "campaign": study.campaign,
            "codebook": study.codebook.key,
            "codebook_version": study.codebook.version,
            "thread_id": thread.id,
            "thread_title": thread.title,
            "thread_url": thread.url,
            "platform": thread.platform,
        }
        if thread.annotations:
            yield from _lines({**where, **NO_COMMENT, "split": thread.split, "text": ""}, thread)
        for comment in comments:
            if comment.annotations:
                yield from _lines({**where, **_comment_part(comment)}, comment)


def _lines(
    about: dict[str, Any], labeled: ThreadRow | CommentRow
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for one in labeled.annotations:
        then = about if one.text is None else {**about, "text": one.text}
        yield then, {"annotation": annotation_id(labeled.id, one), **_said(one)}


def answers_by_question(answers: tuple[AnswerRow, ...]) -> dict[str, Any]:
    """Each question that was answered with its value: a list where there may be several.

    A span is ``{start, end, quote, label}``, a relation ``{comment, label}``.
    """
    found: dict[str, Any] = {}
    for answer in answers:
        value = _value(answer)
        if answer.kind in SEVERAL:
            found.setdefault(answer.question, []).append(value)
        else:
            found[answer.question] = value
    return found


def _value(answer: AnswerRow) -> Any:
    if answer.kind == "span":
        place = {"start": answer.start, "end": answer.end, "quote": answer.quote}
        return {**place, "label": answer.value}
    if answer.kind == "relation":
        return {"comment": answer.related, "label": answer.value}
    return answer.value


def _comment_part(comment: CommentRow) -> dict[str, Any]:
    return {
        "comment_id": comment.id,
        "comment_kind": comment.kind,
        "reply_to": comment.reply_to,
        "position": comment.position,
        "depth": comment.depth,
        "author": comment.author,
        "posted_at": comment.posted_at,
        "language": comment.language,
        "score": comment.score,
        "split": comment.split,
        "text": comment.text,
    }


def _said(annotation: AnnotationRow) -> dict[str, Any]:
    return {
        "source": annotation.source,
        "annotator": annotation.annotator,
        "model": annotation.model,
        "state": annotation.state,
        "revision": annotation.revision,
        "answers": answers_by_question(annotation.answers),
        "shares": annotation.shares,
        "saved_at": annotation.saved_at,
        "submitted_at": annotation.submitted_at,
        "seconds": annotation.seconds,
        "confidence": annotation.confidence,
        "certainty": annotation.certainty,
        "flagged": annotation.flagged,
        "note": annotation.note,
        "skip_reason": annotation.skip_reason,
        "reason": annotation.reason,
        "rule": annotation.rule,
    }


NO_COMMENT: Mapping[str, Any] = {
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
