"""Noting that rows changed which mirrors keep. Every service that writes one says so here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from annotations.models import Campaign, Change, Corpus

ROWS_AT_ONCE = 1_000
Kind = Change.Kind


def note_annotations(
    *, campaign: Campaign | int, annotations: Iterable[int], now: datetime
) -> None:
    """These annotations, by their ids, are new or say something else. In the same transaction."""
    pk = campaign if isinstance(campaign, int) else campaign.pk
    _note(
        Change(campaign_id=pk, kind=Kind.ANNOTATION, row=row, changed_at=now) for row in annotations
    )


def note_threads(*, corpus: Corpus, threads: Iterable[int], now: datetime) -> None:
    """These threads are new, or their figures or the order of their comments changed."""
    _note(Change(corpus=corpus, kind=Kind.THREAD, row=row, changed_at=now) for row in threads)


def note_comments(*, corpus: Corpus, comments: Iterable[int], now: datetime) -> None:
    """These comments are new or changed at their source, or something of them was found out."""
    _note(Change(corpus=corpus, kind=Kind.COMMENT, row=row, changed_at=now) for row in comments)


def _note(changes: Iterable[Change]) -> None:
    """One row for each, without a number: whoever reads the feed gives it one."""
    Change.objects.bulk_create(
        changes,
        batch_size=ROWS_AT_ONCE,
        update_conflicts=True,
        unique_fields=["row", "kind"],
        update_fields=["number", "changed_at"],
    )
