"""An annotator's day and pace in a campaign, read from what was saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from statistics import median
from typing import Any

from django.db.models import (
    Case,
    Exists,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.utils.timezone import get_current_timezone, localdate, make_aware

from annotations.models import Annotation, Membership, Revision
from annotations.prepared import Prepared

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
    units, seconds = _done_since.first(membership.pk, midnight_before(now)) or (0, 0.0)
    return Today(units=units, seconds=max(seconds, 0.0))


def pace(membership: Membership) -> float | None:
    """The median active seconds of the units submitted last."""
    latest = _latest_seconds(membership.pk)
    return median(latest) if latest else None


def _said_since(membership: int, midnight: datetime) -> QuerySet[Annotation, Any]:
    """Of the annotations saved since: how many were submitted for the first time, and the seconds
    that they took. What was made since has no earlier save, and is asked for none."""
    earlier = Revision.objects.filter(annotation=OuterRef("pk"), saved_at__lt=midnight)
    spent = Cast(KT("content__seconds"), FloatField())
    before = earlier.filter(aside=False).order_by("-number").annotate(spent=spent).values("spent")
    was_submitted = Exists(earlier.filter(aside=False, state=Annotation.State.SUBMITTED))
    made_since = Q(created_at__gte=midnight)
    submitted = Q(state=Annotation.State.SUBMITTED)
    return (
        Annotation.objects.filter(
            membership=membership, source=Annotation.Source.HUMAN, saved_at__gte=midnight
        )
        .order_by()
        .alias(
            new=Case(
                When(~submitted, then=Value(0)),
                When(made_since, then=Value(1)),
                When(was_submitted, then=Value(0)),
                default=Value(1),
                output_field=IntegerField(),
            ),
            before=Case(
                When(made_since, then=Value(0.0)),
                default=Coalesce(Subquery(before[:1]), 0.0),
                output_field=FloatField(),
            ),
        )
        .values("membership")
        .annotate(units=Sum("new"), spent=Sum(F("seconds") - F("before")))
        .values_list("units", "spent")
    )


_done_since: Prepared[tuple[int, float]] = Prepared(_said_since)
_latest_seconds: Prepared[float] = Prepared(
    lambda membership: (
        Annotation.objects.filter(
            membership=membership,
            source=Annotation.Source.HUMAN,
            state=Annotation.State.SUBMITTED,
        )
        .order_by("-saved_at")
        .values_list("seconds", flat=True)[:PACE_OF]
    )
)


def own_annotations(membership: Membership) -> QuerySet[Annotation]:
    """What this annotator said themselves."""
    return Annotation.objects.filter(membership=membership, source=Annotation.Source.HUMAN)
