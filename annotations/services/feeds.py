"""Feeds of changes that nobody reads: what waits in them is numbered all the same.

Whoever asks whether labels are still the same looks at what waits (selectors/label_state.py), and
after an import or in an old campaign that may be a million changes.
"""

from __future__ import annotations

from django.db.models import Count, Max

from annotations.models import Campaign, Change, Corpus
from annotations.services.changes import number_changes

MANY = 1_000
AT_ONCE = 5_000


def settle_feeds() -> int:
    """Number what waits in feeds where more than a thousand changes do; in how many."""
    waiting = Change.objects.filter(pending=True).order_by()
    counted = waiting.values_list("corpus", "campaign").annotate(rows=Count("id"))
    many = list(counted.filter(rows__gt=MANY))
    for corpus, campaign, rows in many:
        feed = (
            Corpus.objects.get(pk=corpus)
            if corpus is not None
            else Campaign.objects.get(pk=campaign)
        )
        for _ in range(0, rows, AT_ONCE):
            last = feed.changes.aggregate(last=Max("number"))["last"] or 0
            number_changes(feed=feed, after=last, most=AT_ONCE)
    return len(many)
