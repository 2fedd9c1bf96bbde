"""A campaign's units and who works on them, for those who look after it."""

from __future__ import annotations

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotations.models import Annotation, Assignment, Unit
from annotations.permissions import Access

UNREAD = (
    "thread__raw",
    *(f"comment__{name}" for name in ("text", "html", "raw", "blocks", "links")),
)
State = Annotation.State


def units_of(access: Access) -> QuerySet[Unit]:
    """The units in the order of working, with how many labels each has.

    ``submitted`` and ``skipped`` count people's labels, ``adjudicated`` says whether one was
    decided on. Managers see all; others the sample, so that nobody can tell what is known.
    """
    units = Unit.objects.filter(campaign=access.campaign)
    if not access.may("campaign.manage"):
        units = units.filter(purpose=Unit.Purpose.STUDY)
    counted = units.annotate(
        submitted=_labels(State.SUBMITTED),
        skipped=_labels(State.SKIPPED),
        adjudicated=_decided(),
    )
    return counted.select_related("thread", "comment").defer(*UNREAD)


def adjudicated(units: QuerySet[Unit], wanted: bool) -> QuerySet[Unit]:
    """Those for which one label was decided on, or for which none was."""
    return units.filter(_decided() if wanted else ~_decided())


def assignments_of(access: Access) -> QuerySet[Assignment]:
    """All slots of all units, each with who holds or has done it."""
    return Assignment.objects.filter(campaign=access.campaign).select_related("membership")


def _decided() -> Exists:
    return Exists(
        Annotation.objects.filter(
            unit=OuterRef("pk"), source=Annotation.Source.ADJUDICATION, state=State.SUBMITTED
        )
    )


def _labels(state: str) -> Coalesce:
    """How many people's labels are so; what somebody skipped because it harms them is theirs."""
    labels = Annotation.objects.filter(
        unit=OuterRef("pk"), source=Annotation.Source.HUMAN, state=state, harmful=False
    )
    counted = labels.order_by().values("unit").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
