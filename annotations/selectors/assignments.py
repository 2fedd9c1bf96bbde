"""Which units an annotator holds, has done and can still get."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from statistics import median

from django.db.models import Count, Exists, F, FloatField, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.utils.timezone import get_current_timezone, localdate, make_aware

from annotations.models import Annotation, Assignment, Membership, Revision

COUNT_AT_MOST = 1_000
PACE_OF = 50


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
class Today:
    """What an annotator did since midnight in the server's time zone.

    ``units`` were submitted for the first time, ``seconds`` of active time were spent on these
    and on all others.
    """

    units: int
    seconds: float


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
    last = Assignment.objects.filter(membership=membership).aggregate(last=Max("order"))["last"]
    free = _free(membership)
    return free if last is None else free.filter(order__gt=last)


def free_behind(membership: Membership) -> QuerySet[Assignment]:
    """Free slots of units that the annotator passed without getting them: given back by others."""
    own = Assignment.objects.filter(membership=membership)
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
    left = min(own["held"] + free, COUNT_AT_MOST)
    return Progress(done=own["done"], skipped=own["skipped"], left=left)


def own_progress(membership: Membership, *, now: datetime) -> OwnProgress:
    """The annotator's progress, in units and in time."""
    return OwnProgress(progress(membership), today(membership, now=now), pace(membership))


def today(membership: Membership, *, now: datetime) -> Today:
    """What the annotator did today: read from the annotations saved today, by their index."""
    midnight = make_aware(datetime.combine(localdate(now), time()), get_current_timezone())
    earlier = Revision.objects.filter(annotation=OuterRef("pk"), saved_at__lt=midnight)
    spent = Cast(KT("content__seconds"), FloatField())
    before = earlier.filter(aside=False).order_by("-number").annotate(spent=spent).values("spent")
    was_submitted = Exists(earlier.filter(aside=False, state=Annotation.State.SUBMITTED))
    touched = _own_annotations(membership).filter(saved_at__gte=midnight)
    new = Q(state=Annotation.State.SUBMITTED, was_submitted=False)
    found = touched.annotate(
        was_submitted=was_submitted, before=Coalesce(Subquery(before[:1]), 0.0)
    ).aggregate(units=Count("pk", filter=new), seconds=Sum(F("seconds") - F("before")))
    return Today(units=found["units"], seconds=max(found["seconds"] or 0.0, 0.0))


def pace(membership: Membership) -> float | None:
    """The median active seconds of the units submitted last."""
    submitted = _own_annotations(membership).filter(state=Annotation.State.SUBMITTED)
    latest = submitted.order_by("-saved_at").values_list("seconds", flat=True)[:PACE_OF]
    return median(latest) if latest else None


def _own_annotations(membership: Membership) -> QuerySet[Annotation]:
    return Annotation.objects.filter(membership=membership, source=Annotation.Source.HUMAN)


def _free(membership: Membership) -> QuerySet[Assignment]:
    return Assignment.objects.filter(
        campaign=membership.campaign_id, state=Assignment.State.PENDING
    ).order_by("order", "slot")


def _count_units(slots: QuerySet[Assignment]) -> int:
    return slots.order_by().values("order").distinct()[:COUNT_AT_MOST].count()
