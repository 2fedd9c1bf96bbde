"""Noting that rows changed which mirrors keep. Every service that writes one says so here.

A note is written in the transaction of the change itself. Readers number what was committed
(``number_changes``), so that nothing comes into a feed behind somebody who was there already.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

import msgspec
from django.db import connection, transaction
from django.db.models import F

from annotations.models import Annotation, Campaign, Change, Corpus
from annotations.selectors.changes import numbered, pending
from annotations.statements import Statement

ROWS_AT_ONCE = 10_000
# One statement for any number of rows. They come sorted: two that note the same rows wait for
# each other in the same order.
NOTE = """
INSERT INTO change (corpus_id, campaign_id, kind, "row", pending, changed_at)
SELECT CAST(%s AS bigint), CAST(%s AS bigint), CAST(%s AS text), noted.value, TRUE, {moment}
FROM {noted} WHERE TRUE
ON CONFLICT ("row", kind) DO UPDATE SET pending = TRUE, changed_at = excluded.changed_at
"""
NOTING = {
    "postgresql": Statement(
        NOTE.format(moment="CAST(%s AS timestamptz)", noted="unnest(%s::bigint[]) AS noted(value)")
    ),
    "sqlite": Statement(NOTE.format(moment="%s", noted="json_each(%s) AS noted")),
}
Kind = Change.Kind


def note_annotations(
    *, campaign: Campaign | int, annotations: Iterable[int], now: datetime
) -> None:
    """These annotations, by their ids, are new, say something else, or are no more."""
    pk = campaign if isinstance(campaign, int) else campaign.pk
    _note(None, pk, Kind.ANNOTATION, annotations, now)


def note_annotations_of(*, comments: Iterable[int], now: datetime) -> None:
    """The annotations of these comments are shown otherwise: their comments came, went or moved."""
    found = Annotation.objects.filter(unit__comment__in=list(comments)).order_by("pk")
    by_campaign: dict[int, list[int]] = {}
    for campaign, annotation in found.values_list("unit__campaign", "pk"):
        by_campaign.setdefault(campaign, []).append(annotation)
    for campaign, said in sorted(by_campaign.items()):
        note_annotations(campaign=campaign, annotations=said, now=now)


def note_threads(*, corpus: Corpus, threads: Iterable[int], now: datetime) -> None:
    """These threads are new, or their figures or the order of their comments changed, or they are
    no more."""
    _note(corpus.pk, None, Kind.THREAD, threads, now)


def note_comments(*, corpus: Corpus, comments: Iterable[int], now: datetime) -> None:
    """These comments are new or changed at their source, or something of them was found out."""
    _note(corpus.pk, None, Kind.COMMENT, comments, now)


def _note(
    corpus: int | None, campaign: int | None, kind: str, rows: Iterable[int], now: datetime
) -> None:
    """One row for each, pending: whoever reads the feed gives it its number."""
    note = NOTING[connection.vendor]
    remaining = iter(rows)
    while some := sorted(set(islice(remaining, ROWS_AT_ONCE))):
        is_array = connection.vendor == "postgresql"
        noted = some if is_array else msgspec.json.encode(some).decode()
        note([corpus, campaign, str(kind), now, noted])


def number_changes(*, feed: Corpus | Campaign, after: int, most: int) -> None:
    """See to it that ``most`` changes behind the number ``after`` can be read, if so many wait."""
    ready = numbered(feed).filter(number__gt=after)[:most].count()
    if ready < most and pending(feed).exists():
        _number(feed, most - ready)


@transaction.atomic
def _number(feed: Corpus | Campaign, most: int) -> None:
    """Number the first of those that are pending, one reader at a time.

    What is being noted in this moment is passed by: it is not committed yet, and comes later.
    """
    _wait_for_other_readers(feed)
    free = pending(feed).order_by("pk").select_for_update(skip_locked=True, no_key=True)
    rows = list(free.values_list("pk", flat=True)[:most])
    if rows:
        known = feed.changes.filter(number__isnull=False).order_by("-number")
        last = known.values_list("number", flat=True).first() or 0
        # As far apart as their ids are, which rise: one statement numbers all.
        feed.changes.filter(pk__in=rows).update(
            number=F("pk") + (last + 1 - rows[0]), pending=False
        )


def _wait_for_other_readers(feed: Corpus | Campaign) -> None:
    """No lock of the corpus's or campaign's row: an import or a recoding holds that for long."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            name = f"changes of {feed._meta.model_name} {feed.pk}"
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
