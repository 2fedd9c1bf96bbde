"""An annotator's day and pace in a campaign, read from what was saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from statistics import median

from django.db.models import Count, Exists, F, FloatField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.utils.timezone import get_current_timezone, localdate, make_aware

from annotations.models import Annotation, Membership, Revision

PACE_OF = 50


@dataclass(frozen=True)
class Today:
    """What an annotator did since midnight in the server's time zone.

    ``units`` were submitted for the first time, ``seconds`` of active time were spent on these
    and on all others.
    """

    units: int
    seconds: float


def midnight_before(now: datetime) -> datetime:
    """When the day that ``now`` lies in began, in the server's time zone."""
    return make_aware(datetime.combine(localdate(now), time()), get_current_timezone())


def today(membership: Membership, *, now: datetime) -> Today:
    """What the annotator did today: read from the annotations saved today, by their index."""
    midnight = midnight_before(now)
    earlier = Revision.objects.filter(annotation=OuterRef("pk"), saved_at__lt=midnight)
    spent = Cast(KT("content__seconds"), FloatField())
    before = earlier.filter(aside=False).order_by("-number").annotate(spent=spent).values("spent")
    was_submitted = Exists(earlier.filter(aside=False, state=Annotation.State.SUBMITTED))
    touched = own_annotations(membership).filter(saved_at__gte=midnight)
    new = Q(state=Annotation.State.SUBMITTED, was_submitted=False)
    found = touched.annotate(
        was_submitted=was_submitted, before=Coalesce(Subquery(before[:1]), 0.0)
    ).aggregate(units=Count("pk", filter=new), seconds=Sum(F("seconds") - F("before")))
    return Today(units=found["units"], seconds=max(found["seconds"] or 0.0, 0.0))


def pace(membership: Membership) -> float | None:
    """The median active seconds of the units submitted last."""
    submitted = own_annotations(membership).filter(state=Annotation.State.SUBMITTED)
    latest = submitted.order_by("-saved_at").values_list("seconds", flat=True)[:PACE_OF]
    return median(latest) if latest else None


def own_annotations(membership: Membership) -> QuerySet[Annotation]:
    """What this annotator said themselves."""
    return Annotation.objects.filter(membership=membership, source=Annotation.Source.HUMAN)
