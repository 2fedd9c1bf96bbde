"""Whole threads: somebody takes a turn and labels its units in order; the rest goes on.

A turn ends when all its units are labeled or skipped. What its annotator does not get, because
they avoid it or do not read its language, or leaves untouched for three days, becomes a turn of
its own for somebody else. Nobody has two turns over the same units.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Min, Q

from annotations.errors import Conflict
from annotations.models import Assignment, Membership, Turn
from annotations.selectors.assignments import untouched
from annotations.selectors.turns import (
    expired_turns,
    free_turns,
    last_turn,
    open_turns,
    slots_for,
    slots_in,
)
from annotations.services.unit_writing import common_language

HELD_FOR = timedelta(days=3)
State = Assignment.State


def take_in_turn(*, membership: Membership, now: datetime) -> Assignment | None:
    """The next free slot of the annotator's turns, or of a turn that they take now; locked.

    The caller has the membership locked: two requests of one annotator wait for each other.
    """
    for turn in open_turns(membership).select_for_update(of=("self",)):
        slot = _next_in(turn, membership)
        if slot is not None:
            _keep(turn, now)
            return slot
        _close(turn, membership, now)
    turn_taken = _take_free(membership)
    if turn_taken is None:
        return None
    slot = _next_in(turn_taken, membership)
    if slot is not None:  # else somebody has just locked its slots
        turn_taken.membership = membership
        _keep(turn_taken, now)
    return slot


def take_slot_in_turns(
    *, membership: Membership, slots: Sequence[Assignment], now: datetime
) -> Assignment | None:
    """Of the free slots of one unit, one in the member's own turn, or in a free turn, taken now.

    None where others have these turns, or the member had one over the unit already. The caller has
    the membership locked, and locks the slot.
    """
    around = Turn.objects.filter(
        campaign=membership.campaign_id,
        thread=slots[0].unit.thread_id,
        first__lte=slots[0].order,
        last__gte=slots[0].order,
    )
    turns = {turn.slot: turn for turn in around.select_for_update(of=("self",)).order_by("pk")}
    own = [turn for turn in turns.values() if turn.membership_id == membership.pk]
    for slot in slots:
        turn = turns.get(slot.slot)
        is_open = turn is not None and turn.done_at is None
        if turn is None or not is_open or (own and turn not in own):
            continue
        if turn.membership_id in (None, membership.pk):
            turn.membership = membership
            _keep(turn, now)
            return slot
    return None


@transaction.atomic
def release_turn(*, turn: Turn, now: datetime) -> Turn:
    """Give the rest of a turn to somebody else; what was begun stays with its annotator.

    Raises Conflict for a turn that nobody has or that is over.
    """
    row = Turn.objects.select_for_update(of=("self",)).get(pk=turn.pk)
    if row.membership_id is None or row.done_at is not None:
        raise Conflict("Nobody holds this turn any more: there is nothing to give back.")
    _give_back(row, now)
    return row


def release_expired_turns(*, now: datetime) -> int:
    """The same for all turns in which nothing was done for three days; how many."""
    return sum(_release_if_idle(turn, now) for turn in expired_turns(now))


def add_spare_turn(*, slot: Assignment) -> None:
    """A turn for a spare slot alone, where the campaign gives out turns."""
    if slot.campaign.whole_threads:
        Turn.objects.create(
            campaign_id=slot.campaign_id,
            thread_id=slot.unit.thread_id,
            slot=slot.slot,
            first=slot.order,
            last=slot.order,
            language=slot.language,
        )


def remove_spare_turn(*, slot: Assignment) -> None:
    """Take the turn of a spare slot away, unless somebody has it: then it ends by itself."""
    Turn.objects.filter(
        campaign=slot.campaign_id,
        thread=slot.unit.thread_id,
        slot=slot.slot,
        first=slot.order,
        last=slot.order,
        membership=None,
    ).delete()


def free_slot(*, slot: Assignment, holder: int | None, now: datetime) -> None:
    """After a manager gave a unit back: where its holder's turn is over, it gets one of its own.

    While the turn goes on, the unit stays in it.
    """
    over = Turn.objects.filter(
        campaign=slot.campaign_id,
        thread=slot.unit.thread_id,
        slot=slot.slot,
        membership=holder,
        first__lte=slot.order,
        last__gte=slot.order,
        done_at__isnull=False,
    )
    for turn in over.select_for_update(of=("self",)):
        _pass_on(turn, now)


def cover_slot(*, slot: Assignment, now: datetime) -> None:
    """A turn for a slot that came into a thread later, where none leads to it any more."""
    if not slot.campaign.whole_threads:
        return
    around = Turn.objects.filter(
        campaign=slot.campaign_id,
        thread=slot.unit.thread_id,
        slot=slot.slot,
        first__lte=slot.order,
        last__gte=slot.order,
    )
    turns = list(around.select_for_update(of=("self",)))
    if not turns:
        add_spare_turn(slot=slot)
    elif all(turn.done_at is not None for turn in turns):
        _pass_on(turns[0], now)


def _next_in(turn: Turn, membership: Membership) -> Assignment | None:
    slots = slots_for(turn, membership)
    return slots.select_for_update(skip_locked=True, of=("self",)).first()


def _keep(turn: Turn, now: datetime) -> None:
    turn.held_until = now + HELD_FOR
    turn.save(update_fields=["membership", "held_until"])


def _close(turn: Turn, membership: Membership, now: datetime) -> None:
    """There is nothing more for the annotator in it: it is over, unless they hold some of it."""
    if not slots_in(turn).filter(membership=membership, state=State.LEASED).exists():
        _pass_on(turn, now)


def _take_free(membership: Membership) -> Turn | None:
    """The first turn that the annotator may take, locked: past their last one, or else behind."""
    turns, last = free_turns(membership), last_turn(membership)
    for where in (Q(first__gt=last), Q(first__lte=last)):
        heads = [some.filter(where).values_list("first", "slot").first() for some in turns]
        known = [(head, place) for place, head in enumerate(heads) if head is not None]
        for _, place in sorted(known):
            some = turns[place].filter(where)
            turn = some.select_for_update(skip_locked=True, of=("self",)).first()
            if turn is not None:
                return turn
    return None


def _release_if_idle(turn: Turn, now: datetime) -> bool:
    with transaction.atomic():
        locked = Turn.objects.select_for_update(skip_locked=True, of=("self",))
        row = locked.filter(pk=turn.pk, membership=turn.membership_id, done_at=None).first()
        if row is None:
            return False
        worked = slots_in(row).filter(membership=row.membership_id)
        last = worked.aggregate(last=Max("changed_at"))["last"]
        if last is not None and last + HELD_FOR > now:
            row.held_until = last + HELD_FOR
            row.save(update_fields=["held_until"])
            return False
        _give_back(row, now)
        return True


def _give_back(turn: Turn, now: datetime) -> None:
    held = slots_in(turn).filter(membership=turn.membership_id, state=State.LEASED)
    ids = list(held.select_for_update(of=("self",)).values_list("pk", flat=True))
    untouched().filter(pk__in=ids).update(
        state=State.PENDING, membership=None, leased_until=None, changed_at=now
    )
    _pass_on(turn, now)


def _pass_on(turn: Turn, now: datetime) -> None:
    """End the turn; what is still free of it becomes a turn for somebody else."""
    slots = slots_in(turn)
    bounds = {"first": Min("order"), "last": Max("order")}
    begun = slots.exclude(state=State.PENDING).aggregate(**bounds)
    free = slots.filter(state=State.PENDING)
    rest = free.aggregate(**bounds)
    if begun["first"] is None and rest["first"] is not None:
        turn.membership = turn.held_until = turn.done_at = None
        turn.save(update_fields=["membership", "held_until", "done_at"])
        return
    turn.held_until, turn.done_at = None, now
    if rest["first"] is not None:
        turn.first, turn.last = begun["first"], begun["last"]
    turn.save(update_fields=["held_until", "done_at", "first", "last"])
    if rest["first"] is not None:
        Turn.objects.create(
            campaign_id=turn.campaign_id,
            thread_id=turn.thread_id,
            slot=turn.slot,
            first=rest["first"],
            last=rest["last"],
            language=common_language(list(free.values_list("language", flat=True))),
        )
