"""How a campaign's units were drawn, and whether more of them are on their way."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Exists, Max, OuterRef, QuerySet

from annotations.errors import Conflict, NotFound
from annotations.models import Annotation, Assignment, Campaign, Job, Ranking, Sample, Unit, User
from annotations.permissions import Permission, campaigns_with

J = TypeVar("J", Sample, Ranking)

UNFINISHED = (Job.State.STAGED, Job.State.QUEUED, Job.State.RUNNING)
TIDIED_FOR = timedelta(days=1)


def unfinished_sample(campaign: Campaign) -> Sample | None:
    """The drawing that goes on or waits; there is one at most."""
    return Sample.objects.filter(campaign=campaign, state__in=UNFINISHED).first()


def nothing_yet(campaign: Campaign) -> Conflict | None:
    """Why there may be nothing to label although more is wanted, in words."""
    if unfinished_sample(campaign) is not None:
        return Conflict(
            f"The units of {campaign.name} are still being drawn: try again in a minute."
        )
    if Unit.objects.filter(campaign=campaign, overlap__gt=0).exists():  # of the sample, ever
        return None
    if Sample.objects.filter(campaign=campaign).exists():  # it failed, or somebody cancelled it
        return Conflict(f"The units of {campaign.name} were not drawn: tell its manager.")
    return None


def managed_sample(user: User, pk: int) -> Sample:
    """A drawing of a campaign that the user manages. Raises NotFound."""
    return _one(Sample, user, pk, "campaign.manage")


def readable_sample(user: User, pk: int) -> Sample:
    """Raises NotFound where the user may not read the campaign's corpus."""
    return _one(Sample, user, pk, "corpus.read")


def readable_ranking(user: User, pk: int) -> Ranking:
    """The same for a new order of the units."""
    return _one(Ranking, user, pk, "corpus.read")


def managed_ranking(user: User, pk: int) -> Ranking:
    """The same for somebody who manages the campaign."""
    return _one(Ranking, user, pk, "campaign.manage")


def left_behind(now: datetime) -> QuerySet[Sample]:
    """Drawings cancelled of late of which something may still lie about that nobody touched."""
    begun = Assignment.objects.filter(unit=OuterRef("pk")).exclude(state=Assignment.State.PENDING)
    said = Annotation.objects.filter(unit=OuterRef("pk"))
    untouched = Unit.objects.filter(~Exists(begun), ~Exists(said), sample=OuterRef("pk"))
    cancelled = Sample.objects.filter(
        state=Sample.State.CANCELLED,
        kind=Sample.Kind.DRAW,
        attempt__gt=0,
        finished_at__gt=now - TIDIED_FOR,
    )
    return cancelled.filter(Exists(untouched)).select_related("campaign").order_by("pk")


def next_order(campaign: Campaign) -> int:
    """An order beyond that of every unit and every slot of the campaign: a few index steps."""
    last = Unit.objects.filter(campaign=campaign).aggregate(last=Max("order"))["last"]
    return max(-1 if last is None else last, largest_slot_order(campaign)) + 1


def largest_slot_order(campaign: Campaign) -> int:
    """-1 where there is no slot."""
    slots = Assignment.objects.filter(campaign=campaign)
    largest = [
        slots.filter(state=state).order_by("-order").values_list("order", flat=True).first()
        for state in Assignment.State.values
    ]
    return max((order for order in largest if order is not None), default=-1)


def _one(model: type[J], user: User, pk: int, permission: Permission) -> J:
    rows = model._default_manager.select_related("campaign")
    allowed = campaigns_with(user, permission).values("pk")
    found = rows.filter(pk=pk, campaign__in=allowed).first()
    if found is None:
        raise NotFound(f"There is no {model._meta.verbose_name} {pk} that you may see.")
    return found
