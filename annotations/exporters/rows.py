"""The row of an export: one answer, with the comment that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRow:
    """One value that an annotator gave, or, with ``question`` empty, that none was given.

    The fields are the columns, in this order; docs/exports.md explains each. Times are UTC,
    offsets count Unicode code points of ``text`` and exclude their end.
    """

    campaign: str
    codebook: str
    codebook_version: int
    thread_id: str
    thread_title: str
    thread_url: str
    comment_id: str
    comment_kind: str
    comment_status: str
    reply_to: str
    position: int | None
    depth: int | None
    author: str
    posted_at: datetime | None
    text: str
    annotation: int
    annotator: str
    source: str
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
    saved_at: datetime
    submitted_at: datetime | None
    seconds: float
    confidence: int | None
    flagged: bool
    note: str
    skip_reason: str
