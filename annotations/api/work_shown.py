"""A unit and a save as JSON, made by plain functions: what every click of an annotator asks for.

They say what the serializers of work_unit.py and annotations.py say, which describe them in the
schema; a test holds both together. To ask a serializer for a hundred comments takes longer than
to read them from the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.urls import reverse
from rest_framework.renderers import JSONRenderer

from annotations.models import Annotation, Campaign, Comment, CommentRelation, Corpus, Question
from annotations.selectors.answers import answers_of
from annotations.selectors.assignments import OwnProgress
from annotations.selectors.authors import shown_name
from annotations.selectors.care import warning_keys
from annotations.selectors.work import Work

OF_A_BLOCK = ("kind", "start", "end", "gap_before")
OF_A_LINK = ("start", "end", "url")


class WorkRenderer(JSONRenderer):
    """Data of plain objects, written at once. What is none of those goes the usual way."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> Any:
        if type(data) is dict:
            return msgspec.json.encode(data)
        return super().render(data, accepted_media_type, renderer_context)


def work_shown(work: Work) -> dict[str, Any]:
    """As WorkUnitSerializer says it."""
    unit, campaign, thread, window = work.unit, work.campaign, work.thread, work.window
    codebook, stage = campaign.codebook, work.stage
    kind = Question.Unit.COMMENT if unit.comment_id else Question.Unit.THREAD
    return {
        "unit": {"id": unit.pk, "order": work.assignment.number or 0, "kind": str(kind)},
        "campaign": {
            "slug": campaign.slug,
            "name": campaign.name,
            "state": campaign.state,
            "context": campaign.context,
            "show_article": campaign.show_article,
            "show_names": campaign.show_names,
            "show_scores": campaign.show_scores,
            "show_times": campaign.show_times,
        },
        "codebook": reverse("api:codebook", args=[codebook.key, codebook.version]),
        "thread": {
            "id": thread.pk,
            "title": thread.title,
            "url": thread.url,
            "platform": thread.platform,
            "missing": thread.missing,
        },
        "focus": unit.comment_id,
        "comments": comments_shown(work.comments, campaign),
        "window": {
            "before": window.before,
            "after": window.after,
            "first": window.first,
            "last": window.last,
        },
        "assignment": {"state": str(work.assignment.state)},
        "annotation": annotation_shown(work.annotation) if work.annotation else None,
        "suggestions": [
            {"id": one.pk, "model": one.model, "answers": answers_of(one)}
            for one in work.suggestions
        ],
        "progress": progress_shown(work.progress),
        "stage": stage and {"name": str(stage.name), "place": stage.place, "total": stage.total},
    }


def comments_shown(comments: Sequence[Comment], campaign: Campaign) -> list[dict[str, Any]]:
    """The comments as the campaign lets annotators see them; what it hides is null."""
    corpus = campaign.corpus
    warnings = warning_keys(corpus, comments)
    return [_comment(one, campaign, corpus, warnings[one.pk]) for one in comments]


def _comment(
    comment: Comment, campaign: Campaign, corpus: Corpus, warnings: list[str]
) -> dict[str, Any]:
    is_there = comment.status == Comment.Status.VISIBLE
    names = campaign.show_names
    return {
        "id": comment.pk,
        "kind": comment.kind,
        "author": (shown_name(comment.author, corpus) or None) if names else None,
        "reply_to": comment.reply_to_id,
        "reply_basis": comment.reply_basis,
        "reply_evidence": comment.reply_evidence if is_there else "",
        "position": comment.position,
        "depth": comment.depth,
        "status": comment.status,
        "text": comment.text if is_there else "",
        "text_revision": comment.text_revision,
        "blocks": _parts(comment.blocks, OF_A_BLOCK) if is_there else [],
        "links": _parts(comment.links, OF_A_LINK) if is_there else [],
        "language": comment.language,
        "posted_at": time_shown(comment.posted_at) if campaign.show_times else None,
        "posted_at_estimated": comment.posted_at_estimated,
        "score": comment.score if campaign.show_scores else None,
        "relations": [_relation(one, corpus, names=names) for one in comment.shown_relations]
        if is_there
        else [],
        "warnings": warnings,
    }


def _parts(stored: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[dict[str, Any]]:
    return [{name: part[name] for name in names} for part in stored]


def _relation(relation: CommentRelation, corpus: Corpus, *, names: bool) -> dict[str, Any]:
    return {
        "kind": relation.kind,
        "start": relation.start,
        "end": relation.end,
        "target": relation.target_id,
        "target_author": (shown_name(relation.target_author, corpus) or None) if names else None,
        "target_start": relation.target_start,
        "target_end": relation.target_end,
    }


def annotation_shown(annotation: Annotation) -> dict[str, Any]:
    """As OwnAnnotationSerializer says it."""
    membership = annotation.membership
    return {
        "id": annotation.pk,
        "unit": annotation.unit_id,
        "source": str(annotation.source),
        "annotator": membership.pseudonym if membership else None,
        "state": str(annotation.state),
        "revision": annotation.revision,
        "text_revision": annotation.text_revision,
        "answers": answers_of(annotation),
        "note": annotation.note,
        "flagged": annotation.flagged,
        "confidence": annotation.confidence,
        "skip_reason": annotation.skip_reason,
        "seconds": float(annotation.seconds),
        "saved_at": time_shown(annotation.saved_at),
        "submitted_at": time_shown(annotation.submitted_at),
        "harmful": annotation.harmful,
    }


def progress_shown(progress: OwnProgress) -> dict[str, Any]:
    """As ProgressSerializer says it."""
    units, today = progress.units, progress.today
    return {
        "done": units.done,
        "skipped": units.skipped,
        "left": units.left,
        "total": units.total,
        "today": {"units": today.units, "seconds": float(today.seconds)},
        "pace": None if progress.pace is None else float(progress.pace),
    }


def time_shown(moment: datetime | None) -> str | None:
    """As the Time field says it."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
