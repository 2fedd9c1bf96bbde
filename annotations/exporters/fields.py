"""The columns that tables have whatever a codebook asks; docs/exports.md explains each."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import pyarrow as pa

from annotations.exporters.rows import AnnotationRow

Values = tuple[Any, ...]

TIME = pa.timestamp("us", tz="UTC")
STUDY = (
    pa.field("campaign", pa.string()),
    pa.field("codebook", pa.string()),
    pa.field("codebook_version", pa.int64()),
)
PLACE = (
    pa.field("split", pa.string()),
    pa.field("thread_id", pa.string()),
    pa.field("thread_title", pa.string()),
    pa.field("thread_url", pa.string()),
    pa.field("platform", pa.string()),
    pa.field("comment_id", pa.string()),
    pa.field("comment_kind", pa.string()),
    pa.field("reply_to", pa.string()),
    pa.field("position", pa.int64()),
    pa.field("depth", pa.int64()),
    pa.field("author", pa.string()),
    pa.field("posted_at", TIME),
    pa.field("language", pa.string()),
    pa.field("score", pa.int64()),
)
TEXT = pa.field("text", pa.string())
ANNOTATION = pa.field("annotation", pa.string())
SAID = (
    pa.field("source", pa.string()),
    pa.field("annotator", pa.string()),
    pa.field("model", pa.string()),
    pa.field("state", pa.string()),
    pa.field("revision", pa.int64()),
    pa.field("saved_at", TIME),
    pa.field("submitted_at", TIME),
    pa.field("seconds", pa.float64()),
    pa.field("confidence", pa.int64()),
    pa.field("certainty", pa.float64()),
    pa.field("flagged", pa.bool_()),
    pa.field("note", pa.string()),
    pa.field("skip_reason", pa.string()),
    pa.field("reason", pa.string()),
    pa.field("rule", pa.string()),
)
SAMPLED = pa.field("sampled", pa.bool_())
ANNOTATORS = pa.field("annotators", pa.int64())
COUNT = pa.field("count", pa.int64())
SHARE = pa.field("share", pa.float64())
SHARES, COUNTS, DECIDED_BY = "shares", "counts", "decided_by"
OURS = frozenset(
    {
        *(field.name for field in (*STUDY, *PLACE, TEXT, ANNOTATION, *SAID, ANNOTATORS)),
        *(SHARES, COUNTS, DECIDED_BY),
    }
)

_said = attrgetter(*(field.name for field in SAID))


def column_name(question: str) -> str:
    """The question's key, with an underscore behind it where it is the name of our column.

    No key of a question ends with an underscore, so that name is free.
    """
    return f"{question}_" if question in OURS else question


def said(annotation: AnnotationRow) -> Values:
    """The values of SAID."""
    values: Values = _said(annotation)
    return values
