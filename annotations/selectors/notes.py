"""What annotators wrote to those who run the campaign, and what became of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet

from annotations.errors import NotFound
from annotations.models import Annotation, Campaign, NoteReply


def notes_of(campaign: Campaign, *, answered: bool | None = None) -> QuerySet[Annotation]:
    """The annotations with a note, the latest first, each with its replies.

    ``answered`` says of each that the note as it stands got one; only those, or the others, where
    it is asked for. Drafts are still being written, and what
    somebody skipped because it harms them is theirs alone.
    """
    replies = NoteReply.objects.select_related("ruling", "created_by").order_by("pk")
    found = _notes() if answered is None else _notes().filter(answered=answered)
    notes: QuerySet[Annotation] = (
        found.filter(unit__campaign=campaign)
        .select_related("unit__campaign__corpus", "unit__thread", "unit__comment", "membership")
        .defer("context", "unit__thread__raw", "unit__comment__raw", "unit__comment__html")
        .prefetch_related(Prefetch("replies", queryset=replies))
        .prefetch_related("unit__comment__warnings__category")
        .order_by("-saved_at", "-pk")
    )
    return notes


def note_of(campaign: Campaign, pk: int) -> Annotation:
    """The annotation whose note this is. Raises NotFound where it has none."""
    found = notes_of(campaign).filter(pk=pk).first()
    if found is None:
        raise NotFound(f"There is no note on an annotation {pk} in this campaign.")
    return found


def count_open_notes(campaigns: Collection[int]) -> dict[int, int]:
    """How many notes wait for an answer in each of these campaigns; those without are absent."""
    waiting = _notes().filter(unit__campaign__in=campaigns, answered=False).order_by()
    return dict(waiting.values_list("unit__campaign").annotate(Count("pk")))


def _notes() -> Any:
    answer = NoteReply.objects.filter(annotation=OuterRef("pk"), note=OuterRef("note"))
    return (
        Annotation.objects.filter(source=Annotation.Source.HUMAN, harmful=False)
        .exclude(note="")
        .exclude(state=Annotation.State.DRAFT)
        .annotate(answered=Exists(answer))
    )
