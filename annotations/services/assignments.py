"""Giving units to annotators, exactly as often as the design says."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from annotations.errors import Conflict, NothingLeft
from annotations.models import Annotation, Assignment, Campaign, Membership
from annotations.selectors.assignments import free_ahead, free_behind

State = Assignment.State
MOST_HELD = 5


def take_unit(*, membership: Membership, after: Collection[int] = (), now: datetime) -> Assignment:
    """A unit that the annotator holds and that is not in ``after``, or else the next free one.

    ``after`` are the units that the annotator's page holds already: their leases begin anew,
    even if there is no further unit. Raises Conflict if the campaign takes no labels now or if
    five units are held, NothingLeft if no unit is left. Two requests of one annotator wait for
    each other; those of several pass each other's locked rows.
    """
    with transaction.atomic():
        # no_key: a save that waits for this annotator's slot checks its foreign key to this row.
        locked = Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)
        require_open(locked.campaign)
        assignment = _held(locked, after)
        # Counted under the lock: nobody else gives this annotator a unit.
        full = assignment is None and _all_held(locked).count() >= MOST_HELD
        if assignment is None and not full:
            assignment = _free(locked)
        _renew(locked, after, now)
        if assignment is not None:
            assignment.membership, assignment.campaign = locked, locked.campaign
            lease(assignment, now=now)
            assignment.save(update_fields=["membership", "state", "leased_until", "changed_at"])
            return assignment
    if full:
        raise Conflict(f"You hold {MOST_HELD} units already: submit or skip one of them first.")
    raise NothingLeft(f"Nothing is left for you in {locked.campaign.name}. Thank you!")


def lease(assignment: Assignment, *, now: datetime) -> None:
    """Mark the assignment, not yet saved, as held from now on."""
    assignment.state = State.LEASED
    assignment.leased_until = now + timedelta(minutes=assignment.campaign.lease_minutes)
    assignment.changed_at = now


def release_expired(*, now: datetime) -> int:
    """Give back the units whose lease ran out before anything was written; how many.

    A unit with a draft stays with its annotator: their work is not taken from them.
    """
    begun = Annotation.objects.filter(unit=OuterRef("unit"), membership=OuterRef("membership"))
    return (
        Assignment.objects.filter(state=State.LEASED, leased_until__lt=now)
        .filter(~Exists(begun))
        .update(state=State.PENDING, membership=None, leased_until=None, changed_at=now)
    )


@transaction.atomic
def release_unit(*, assignment: Assignment, now: datetime) -> Assignment:
    """Give a held unit back on a manager's word, draft or not; the draft itself is kept.

    Raises Conflict for a unit that is not in somebody's hands.
    """
    row = Assignment.objects.select_for_update().get(pk=assignment.pk)
    if row.state != State.LEASED:
        raise Conflict(f"This unit is {row.state}: only one that somebody holds can be given back.")
    row.state = State.PENDING
    row.membership = row.leased_until = None
    row.changed_at = now
    row.save(update_fields=["state", "membership", "leased_until", "changed_at"])
    return row


def require_open(campaign: Campaign) -> None:
    """Raises Conflict unless the campaign takes labels."""
    if campaign.state != Campaign.State.OPEN:
        raise Conflict(f"{campaign.name} is {campaign.state}: it takes no labels now.")


def _all_held(membership: Membership) -> QuerySet[Assignment]:
    return Assignment.objects.filter(membership=membership, state=State.LEASED)


def _held(membership: Membership, after: Collection[int]) -> Assignment | None:
    """Locked, so that it cannot be given back, and to somebody else, in the meantime."""
    held = _all_held(membership).exclude(unit__in=after)
    return held.select_for_update(of=("self",)).order_by("order").first()


def _renew(membership: Membership, units: Collection[int], now: datetime) -> None:
    """New leases for those of the units that are held.

    A slot that is being saved or given back in this moment is passed by: whoever waits for
    nothing while holding a lock waits for nobody in a ring.
    """
    if not units:
        return
    held = _all_held(membership).filter(unit__in=units)
    free = held.select_for_update(skip_locked=True, of=("self",))
    until = now + timedelta(minutes=membership.campaign.lease_minutes)
    renewed = list(free.values_list("pk", flat=True))
    Assignment.objects.filter(pk__in=renewed).update(leased_until=until, changed_at=now)


def _free(membership: Membership) -> Assignment | None:
    for slots_free in (free_ahead, free_behind):
        slot = slots_free(membership).select_for_update(skip_locked=True, of=("self",)).first()
        if slot is not None:
            return slot
    return None
