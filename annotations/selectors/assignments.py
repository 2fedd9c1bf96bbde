"""Which units an annotator holds, has done and can still get."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet

from annotations.models import Assignment, Membership, Unit
from annotations.selectors.care import avoided_by, to_avoid
from annotations.selectors.day import Today, pace, today
from annotations.selectors.stages import to_come

COUNT_AT_MOST = 1_000


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


def free_ahead(membership: Membership) -> QuerySet[Assignment]:
    """Free slots past everything the annotator ever got, so that none can be of an own unit.

    This is where the next unit is nearly always found, by one step in an index.
    """
    last = _own_of_sample(membership).aggregate(last=Max("order"))["last"]
    free = _free(membership)
    return free if last is None else free.filter(order__gt=last)


def free_behind(membership: Membership) -> QuerySet[Assignment]:
    """Free slots of units that the annotator passed without getting them: given back by others."""
    own = _own_of_sample(membership)
    last = own.aggregate(last=Max("order"))["last"]
    if last is None:
        return Assignment.objects.none()
    return _free(membership).filter(order__lt=last).exclude(unit__in=own.values("unit"))


def progress(membership: Membership) -> Progress:
    """How far the annotator is, in units."""
    own = Assignment.objects.filter(membership=membership).aggregate(
        done=Count("pk", filter=Q(state=Assignment.State.SUBMITTED)),
        skipped=Count("pk", filter=Q(state=Assignment.State.SKIPPED)),
        held=Count("pk", filter=Q(state=Assignment.State.LEASED)),
    )
    free = _count_units(free_ahead(membership))
    if free < COUNT_AT_MOST:  # else the slower count of what others gave back tells nothing new
        free += _count_units(free_behind(membership))
    free += to_come(membership, free, COUNT_AT_MOST)
    left = min(own["held"] + free, COUNT_AT_MOST)
    return Progress(done=own["done"], skipped=own["skipped"], left=left)


def own_progress(membership: Membership, *, now: datetime) -> OwnProgress:
    """The annotator's progress, in units and in time."""
    return OwnProgress(progress(membership), today(membership, now=now), pace(membership))


def _free(membership: Membership) -> QuerySet[Assignment]:
    """Without those of units that the annotator avoids, for whom alone this costs anything."""
    free = Assignment.objects.filter(
        campaign=membership.campaign_id, state=Assignment.State.PENDING
    ).order_by("order", "slot")
    avoided = avoided_by(membership.user_id)
    return free.exclude(to_avoid(avoided)) if avoided else free


def _own_of_sample(membership: Membership) -> QuerySet[Assignment]:
    """Units beside the sample have orders that say nothing about how far somebody is in it."""
    return Assignment.objects.filter(membership=membership, purpose=Unit.Purpose.STUDY)


def _count_units(slots: QuerySet[Assignment]) -> int:
    return slots.order_by().values("order").distinct()[:COUNT_AT_MOST].count()
