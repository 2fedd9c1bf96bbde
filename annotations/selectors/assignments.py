"""Which units an annotator holds, has done and can still get."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from annotations.models import Annotation, Assignment, Membership, Turn, Unit
from annotations.selectors.care import avoided_by, to_avoid
from annotations.selectors.day import Today, pace, today
from annotations.selectors.stages import to_come

COUNT_AT_MOST = 1_000
UNKNOWN = ("", "und")


@dataclass(frozen=True)
class Progress:
    """An annotator's own progress in units; ``left`` is counted up to 1,000 and no further."""

    done: int
    skipped: int
    left: int

    @property
    def total(self) -> int:
        return self.done + self.skipped + self.left


@dataclass(frozen=True)
class OwnProgress:
    """An annotator's progress as the workspace shows it.

    ``pace`` is the median of the active seconds of the last 50 units, None before the first.
    """

    units: Progress
    today: Today
    pace: float | None


def free_ahead(membership: Membership) -> list[QuerySet[Assignment]]:
    """Free slots past all that the annotator ever got of the sample.

    This is where the next unit is nearly always found, by one step in an index; what is passed
    by, because a slot that was added or put in a new order is of an own unit, is passed once.
    One queryset for each language that the annotator reads, or one if they read all.
    """
    last = _last_order(membership)
    slots = _free(membership)
    return slots if last is None else [some.filter(order__gt=last) for some in slots]


def free_behind(membership: Membership) -> list[QuerySet[Assignment]]:
    """Free slots of units that the annotator passed without getting them: given back by others."""
    last = _last_order(membership)
    return [] if last is None else [some.filter(order__lte=last) for some in _free(membership)]


def untouched() -> QuerySet[Assignment]:
    """What is held, with nothing written yet."""
    begun = Annotation.objects.filter(
        unit=OuterRef("unit"), membership=OuterRef("membership"), source=Annotation.Source.HUMAN
    )
    return Assignment.objects.filter(~Exists(begun), state=Assignment.State.LEASED)


def languages_of(membership: Membership) -> list[str] | None:
    """The languages of what the annotator gets; None: all. What cannot be told, everybody gets."""
    read = membership.languages
    return list(dict.fromkeys([*read, *UNKNOWN])) if read else None


def not_avoided(membership: Membership, slots: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Without those of units that the annotator avoids, for whom alone this costs anything."""
    avoided = avoided_by(membership.user_id)
    return slots.exclude(to_avoid(avoided)) if avoided else slots


def progress(membership: Membership) -> Progress:
    """How far the annotator is, in units."""
    own = Assignment.objects.filter(membership=membership).aggregate(
        done=Count("pk", filter=Q(state=Assignment.State.SUBMITTED)),
        skipped=Count("pk", filter=Q(state=Assignment.State.SKIPPED)),
        held=Count("pk", filter=Q(state=Assignment.State.LEASED)),
    )
    campaign = membership.campaign
    most_slots = max(campaign.overlap, campaign.overlap_more or 0)
    free = _count_units(free_ahead(membership), most_slots)
    if free < COUNT_AT_MOST:  # else the slower count of what others gave back tells nothing new
        free += _count_units(free_behind(membership), most_slots)
    free += to_come(membership, free, COUNT_AT_MOST)
    left = min(own["held"] + free, COUNT_AT_MOST)
    return Progress(done=own["done"], skipped=own["skipped"], left=left)


def own_progress(membership: Membership, *, now: datetime) -> OwnProgress:
    """The annotator's progress, in units and in time."""
    return OwnProgress(progress(membership), today(membership, now=now), pace(membership))


def _free(membership: Membership) -> list[QuerySet[Assignment]]:
    """Free slots of the sample that the annotator may get, in the order of working."""
    own = Assignment.objects.filter(unit=OuterRef("unit"), membership=membership)
    free = Assignment.objects.filter(
        ~Exists(own),
        campaign=membership.campaign_id,
        state=Assignment.State.PENDING,
        purpose=Unit.Purpose.STUDY,
    ).order_by("order", "slot")
    free = not_avoided(membership, free)
    languages = languages_of(membership)
    if membership.campaign.whole_threads:
        free = _within_turns(membership, free, languages)
    if languages is None:
        return [free]
    return [free.filter(language=language) for language in languages]


def _within_turns(
    membership: Membership, free: QuerySet[Assignment], languages: list[str] | None
) -> QuerySet[Assignment]:
    """Those of turns that are free or the annotator's own."""
    around = Turn.objects.filter(
        campaign=membership.campaign_id,
        thread=OuterRef("unit__thread"),
        first__lte=OuterRef("order"),
        last__gte=OuterRef("order"),
    )
    open_to = Q(membership=None)
    if languages is not None:
        open_to &= Q(language__in=languages)
    in_hand = Q(membership=membership, done_at=None)
    over = around.filter(membership=membership, done_at__isnull=False)
    return free.filter(
        Exists(around.filter(open_to | in_hand, slot=OuterRef("slot"))), ~Exists(over)
    )


def _last_order(membership: Membership) -> int | None:
    """The largest order of the sample's units that the annotator got: one index step a state."""
    own = Assignment.objects.filter(membership=OuterRef("pk"), purpose=Unit.Purpose.STUDY).order_by(
        "-order"
    )
    steps = {
        state: Subquery(own.filter(state=state).values("order")[:1])
        for state in Assignment.State.values
        if state != Assignment.State.PENDING
    }
    row = Membership.objects.filter(pk=membership.pk).values_list(*steps.values()).first() or ()
    return max((order for order in row if order is not None), default=None)


def _count_units(slots: Sequence[QuerySet[Assignment]], most_slots: int) -> int:
    """Units among the first free slots; a unit has no more of them than ``most_slots``."""
    count = 0
    for some in slots:
        first = some.values("unit")[: COUNT_AT_MOST * most_slots]
        count += first.aggregate(count=Count("unit", distinct=True))["count"]
    return min(count, COUNT_AT_MOST)
