"""What an annotator has worked on, latest first."""

from __future__ import annotations

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotations.models import Annotation, Assignment, Comment, Membership


def history(membership: Membership) -> QuerySet[Annotation]:
    """The annotator's own annotations with what a list shows of their units.

    ``order`` says which of their units it is, 0 for one that is theirs no more.
    """
    own = Assignment.objects.filter(unit=OuterRef("unit"), membership=OuterRef("membership"))
    return (
        Annotation.objects.filter(membership=membership, source=Annotation.Source.HUMAN)
        .select_related("unit__thread", "unit__comment", "unit__campaign__corpus")
        .prefetch_related(
            "unit__comment__warnings__category",
            "unit__campaign__corpus__content_categories",
            "replies__ruling",
        )
        .annotate(order=Coalesce(Subquery(own.values("number")[:1]), 0))
        .order_by("-saved_at", "-pk")
    )


def history_found(annotations: QuerySet[Annotation], words: str) -> QuerySet[Annotation]:
    """Those with the words in what they are about or in their note.

    A comment that is gone is not found by what it said.
    """
    said = Q(unit__comment__text__icontains=words, unit__comment__status=Comment.Status.VISIBLE)
    return annotations.filter(
        said | Q(unit__thread__title__icontains=words) | Q(note__icontains=words)
    )
