"""Whose turn it is to label a thread, where campaigns give out whole threads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Max, OuterRef, QuerySet

from annotations.errors import NotFound
from annotations.models import Assignment, Campaign, Membership, Turn, Unit
from annotations.selectors.assignments import languages_of, not_avoided

State = Assignment.State


@dataclass(frozen=True)
class TurnShare:
    """A turn with its units: how many are labeled or skipped, of how many."""

    turn: Turn
    settled: int
    units: int


def slots_in(turn: Turn) -> QuerySet[Assignment]:
    """The slots of the turn's units, whoever has them, in order: found by the units' orders."""
    return Assignment.objects.filter(
        slot=turn.slot,
        purpose=Unit.Purpose.STUDY,
        unit__campaign=turn.campaign_id,
        unit__order__gte=turn.first,
        unit__order__lte=turn.last,
    ).order_by("order")


def slots_for(turn: Turn, membership: Membership) -> QuerySet[Assignment]:
    """The turn's free slots that the annotator may get: found by the slots' own orders."""
    inside = Assignment.objects.filter(
        campaign=turn.campaign_id,
        slot=turn.slot,
        order__gte=turn.first,
        order__lte=turn.last,
        purpose=Unit.Purpose.STUDY,
    )
    return _allowed(membership, inside.order_by("order"))


def free_turns(membership: Membership) -> list[QuerySet[Turn]]:
    """Turns that the annotator may take, in order; one queryset for each language they read.

    None over units of a turn that the annotator had already, and none that holds nothing for
    them.
    """
    had = Turn.objects.filter(
        campaign=OuterRef("campaign"),
        thread=OuterRef("thread"),
        membership=membership,
        first__lte=OuterRef("last"),
        last__gte=OuterRef("first"),
    )
    inside = Assignment.objects.filter(
        campaign=membership.campaign_id,
        slot=OuterRef("slot"),
        order__gte=OuterRef("first"),
        order__lte=OuterRef("last"),
        purpose=Unit.Purpose.STUDY,
    )
    turns = Turn.objects.filter(
        Exists(_allowed(membership, inside)),
        ~Exists(had),
        campaign=membership.campaign_id,
        membership=None,
    ).order_by("first", "slot")
    languages = languages_of(membership)
    if languages is None:
        return [turns]
    return [turns.filter(language=language) for language in languages]


def last_turn(membership: Membership) -> int:
    """Where the last turn that the annotator had begins; -1 where there was none."""
    last = Turn.objects.filter(membership=membership).aggregate(last=Max("first"))["last"]
    return -1 if last is None else int(last)


def open_turns(membership: Membership) -> QuerySet[Turn]:
    return Turn.objects.filter(membership=membership, done_at=None).order_by("first", "slot")


def held_turns(campaign: Campaign) -> QuerySet[Turn]:
    """The turns that somebody has and that are not over."""
    held = Turn.objects.filter(campaign=campaign, membership__isnull=False, done_at=None)
    return held.select_related("thread", "membership__user").defer("thread__raw")


def turn_of_campaign(campaign: Campaign, pk: int) -> Turn:
    """Raises NotFound."""
    turn = Turn.objects.filter(campaign=campaign, pk=pk).first()
    if turn is None:
        raise NotFound(f"There is no turn {pk} in this campaign.")
    return turn


def expired_turns(now: datetime) -> QuerySet[Turn]:
    held = Turn.objects.filter(membership__isnull=False, done_at=None, held_until__lt=now)
    return held.order_by("pk")


def turn_shares(turns: Iterable[Turn]) -> list[TurnShare]:
    """How far each of these turns is: a query for each, so ask for a page of them."""
    told = []
    for turn in turns:
        states = list(slots_in(turn).values_list("state", flat=True))
        settled = sum(state in (State.SUBMITTED, State.SKIPPED) for state in states)
        told.append(TurnShare(turn, settled, len(states)))
    return told


def _allowed(membership: Membership, slots: QuerySet[Assignment]) -> QuerySet[Assignment]:
    own = Assignment.objects.filter(unit=OuterRef("unit"), membership=membership)
    free = not_avoided(membership, slots.filter(~Exists(own), state=State.PENDING))
    languages = languages_of(membership)
    return free if languages is None else free.filter(language__in=languages)
