"""What an annotator has worked on, latest first."""

from __future__ import annotations

from django.db.models import F, QuerySet

from annotations.models import Annotation, Membership


def history(membership: Membership) -> QuerySet[Annotation]:
    """The annotator's own annotations with what a list shows of their units."""
    return (
        Annotation.objects.filter(membership=membership, source=Annotation.Source.HUMAN)
        .select_related("unit__thread", "unit__comment")
        .annotate(order=F("unit__order"))
        .order_by("-saved_at", "-pk")
    )
