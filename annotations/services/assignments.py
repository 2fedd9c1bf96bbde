"""Giving units to annotators, exactly as often as the design says."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache

from django.db import connection, transaction
from django.db.models import QuerySet

from annotations.commits import on_disk_soon
from annotations.errors import Conflict, EnoughForToday, NothingLeft
from annotations.models import Annotation, Assignment, Campaign, Membership, Unit
from annotations.permissions import UNREAD
from annotations.prepared import Prepared
from annotations.selectors.assignments import (
    free_ahead,
    free_behind,
    gets_all,
    got_by,
    next_ahead,
    untouched,
)
from annotations.selectors.care import avoided_by, enough_for_today, to_avoid
from annotations.selectors.samples import nothing_yet
from annotations.services.stages import mix_in, next_in_stages, require_not_paused
from annotations.services.turns import add_spare_turn, free_slot, remove_spare_turn, take_in_turn
from annotations.statements import Statement

State = Assignment.State
MOST_HELD = 5
GIVE = Statement(
    "UPDATE assignment SET membership_id = %s, state = %s, leased_until = %s, changed_at = %s, "
    "number = %s WHERE id = %s"
)
# SQLite has one writer, who waits for nobody.
HELD = "SELECT id FROM assignment WHERE membership_id = %s AND state = 'leased' AND id IN ({slots})"
RENEW = "UPDATE assignment SET leased_until = %s, changed_at = %s WHERE id IN ({held}{passing_by})"
PASSING_BY = {"postgresql": " FOR UPDATE SKIP LOCKED", "sqlite": ""}
_locked: Prepared[Membership] = Prepared(
    lambda membership: (
        Membership.objects.select_for_update(no_key=True, of=("self",))
        .select_related("campaign__corpus", "campaign__codebook")
        .defer(*(f"campaign__{name}" for name in UNREAD))
        .filter(pk=membership)
        .order_by()
    )
)
_held_by: Prepared[tuple[int, int]] = Prepared(
    lambda membership: _all_held(membership).order_by("order").values_list("pk", "unit")
)


def take_unit(*, membership: Membership, after: Collection[int] = (), now: datetime) -> Assignment:
    """A unit that the annotator holds and that is not in ``after``, or else the next free one.

    ``after`` are the units that the annotator's page holds already: their leases begin anew,
    even if there is no further unit. Training and test come before the sample, checks and repeats
    among it (see services/stages.py). Raises Conflict if the campaign takes no labels now, if five
    units are held, or if one in training is to be submitted first; Paused if the annotator gets
    no units; EnoughForToday if they have done what the campaign gives in a day; NothingLeft if no
    unit is left. Two requests of one annotator wait for each other; those of several pass each
    other's locked rows. A power cut may undo what no save has followed: nobody has answered that.
    """
    avoided = avoided_by(membership.user_id)
    if avoided:
        # In a transaction of its own: it stands even where nothing is left then.
        release_avoided(membership=membership, categories=avoided, now=now)
    with on_disk_soon():
        # no_key: a save that waits for this annotator's slot checks its foreign key to this row.
        locked = _locked.first(membership.pk)
        if locked is None:
            raise Membership.DoesNotExist
        require_open(locked.campaign)
        refusal: Conflict | None = require_not_paused(locked)
        held = _held_by(locked.pk)
        assignment = None if refusal else _held(locked, held, after)
        if assignment is None:
            refusal = refusal or _refusal(locked, len(held), now)
        if assignment is None and refusal is None:
            assignment, refusal = _fresh(locked, avoided, now)
        _renew(locked, [slot for slot, unit in held if unit in set(after)], now)
        if assignment is not None:
            _give(assignment, locked, now)
            return assignment
    raise refusal or _nothing_left(locked.campaign)


def take_back(*, membership: Membership, unit: Unit, now: datetime) -> Assignment | None:
    """A slot of a unit that went back untouched, for who answered it all the same; None if it is
    somebody else's by now, or not to be given.

    A page may keep answers for longer than a lease, while there is no network. Ids of units are
    drawn by chance: who knows one was given it.
    """
    locked = _locked.first(membership.pk)
    if locked is None or unit.purpose != Unit.Purpose.STUDY or locked.campaign.whole_threads:
        return None
    begun = Annotation.objects.filter(unit=unit, membership=locked)
    if require_not_paused(locked) or begun.exists():
        return None
    free = Assignment.objects.filter(unit=unit, state=State.PENDING).order_by("slot")
    slot = free.select_for_update(skip_locked=True, of=("self",)).first()
    if slot is not None:
        slot.number = got_by(locked).number + 1
        _give(slot, locked, now)
    return slot


def lease(assignment: Assignment, *, now: datetime) -> None:
    """Mark the assignment, not yet saved, as held from now on."""
    assignment.state = State.LEASED
    assignment.leased_until = now + timedelta(minutes=assignment.campaign.lease_minutes)
    assignment.changed_at = now


@transaction.atomic
def release_expired(*, now: datetime) -> int:
    """Give back the units whose lease ran out before anything was written; how many.

    A unit with a draft stays with its annotator: their work is not taken from them. What is just
    being saved is passed by: that save may wait for another slot that is given back here.
    """
    expired = untouched().filter(leased_until__lt=now)
    free = expired.select_for_update(skip_locked=True, of=("self",))
    return _give_back(expired.filter(pk__in=list(free.values_list("pk", flat=True))), now)


@transaction.atomic
def release_untouched(*, membership: Membership, now: datetime) -> int:
    """Give back what the annotator holds and has not begun; how many."""
    return _give_back(untouched().filter(pk__in=_lock_held(membership)), now)


@transaction.atomic
def release_avoided(*, membership: Membership, categories: Collection[int], now: datetime) -> int:
    """The same for the units that carry one of these categories."""
    if not categories:
        return 0
    # First the annotator, then their slots, as where one is taken or a check saved: no ring.
    Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)
    held = untouched().filter(pk__in=_lock_held(membership))
    return _give_back(held.filter(to_avoid(categories)), now)


@transaction.atomic
def release_unit(*, assignment: Assignment, now: datetime) -> Assignment:
    """Give a held unit back on a manager's word, draft or not; the draft itself is kept.

    Raises Conflict for a unit that is not in somebody's hands.
    """
    row = Assignment.objects.select_for_update().get(pk=assignment.pk)
    if row.state != State.LEASED:
        raise Conflict(f"This unit is {row.state}: only one that somebody holds can be given back.")
    holder = row.membership_id
    _give_back(Assignment.objects.filter(pk=row.pk), now)
    if row.purpose == Unit.Purpose.STUDY:
        row.refresh_from_db()
        free_slot(slot=row, holder=holder, now=now)
    return row


def add_spare(*, unit: Unit) -> None:
    """One more free slot, where somebody's own is spent because the unit harms them.

    None if the unit has as many slots as labels are wanted all the same, or is none of the sample.
    """
    locked = _lock(unit)
    slots = _slots(locked)
    if locked.purpose == Unit.Purpose.STUDY and len(slots) - _spent(unit) < locked.overlap:
        last = slots[-1]
        spare = Assignment.objects.create(
            campaign_id=locked.campaign_id,
            unit=locked,
            slot=last.slot + 1,
            order=last.order,
            language=last.language,
        )
        add_spare_turn(slot=spare)


def remove_spare(*, unit: Unit) -> None:
    """Take the spare slot away again, if it is still free and not wanted any more."""
    locked = _lock(unit)
    if len(_slots(locked)) - _spent(unit) > locked.overlap:
        free = Assignment.objects.filter(unit=unit, state=State.PENDING).order_by("-slot")
        spare = free.select_for_update(skip_locked=True).first()
        if spare is not None:
            remove_spare_turn(slot=spare)
            spare.delete()


def require_open(campaign: Campaign) -> None:
    """Raises Conflict unless the campaign takes labels."""
    if campaign.state != Campaign.State.OPEN:
        raise Conflict(f"{campaign.name} is {campaign.state}: it takes no labels now.")


def _all_held(membership: Membership | int) -> QuerySet[Assignment]:
    return Assignment.objects.filter(membership=membership, state=State.LEASED)


def _held(
    membership: Membership, held: Sequence[tuple[int, int]], after: Collection[int]
) -> Assignment | None:
    """Locked, so that it cannot be given back, and to somebody else, in the meantime."""
    if all(unit in after for _, unit in held):
        return None
    others = _all_held(membership).exclude(unit__in=after)
    return others.select_for_update(of=("self",)).order_by("order").first()


def _lock(unit: Unit) -> Unit:
    """The unit, locked, so that nobody else makes a slot of it now."""
    return Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)


def _slots(unit: Unit) -> list[Assignment]:
    """The unit's slots by their numbers."""
    return list(Assignment.objects.filter(unit=unit).order_by("slot"))


def _spent(unit: Unit) -> int:
    """How many of them bring no label because the unit harmed their annotators."""
    return Annotation.objects.filter(unit=unit, harmful=True).count()


def _lock_held(membership: Membership) -> list[int]:
    """Whoever is just saving one of them comes first, so that what they begin stays theirs."""
    held = _all_held(membership).select_for_update(of=("self",))
    return list(held.values_list("pk", flat=True))


def _give_back(held: QuerySet[Assignment], now: datetime) -> int:
    """Free for others; the slot of a unit beside the sample was made for its holder, and goes."""
    beside, _ = held.exclude(purpose=Unit.Purpose.STUDY).delete()
    free = {"state": State.PENDING, "membership": None, "leased_until": None, "number": None}
    return beside + held.update(**free, changed_at=now)


def _fresh(
    membership: Membership, avoided: Collection[int], now: datetime
) -> tuple[Assignment | None, Conflict | None]:
    """What the annotator is given next, as the next of their units, not held yet; or why there is
    nothing."""
    staged = next_in_stages(membership=membership, now=now)
    if isinstance(staged, Conflict):
        return None, staged
    got = got_by(membership)
    slot = staged or _free(membership, avoided, got.order, now)
    if slot is not None and slot is not staged:
        slot = mix_in(membership=membership, slot=slot)
    if slot is not None:
        slot.number = got.number + 1
    return slot, None


def _give(assignment: Assignment, membership: Membership, now: datetime) -> None:
    """Hold the slot for the annotator from now on."""
    assignment.membership, assignment.campaign = membership, membership.campaign
    lease(assignment, now=now)
    until, state = assignment.leased_until, str(assignment.state)
    GIVE([membership.pk, state, until, now, assignment.number, assignment.pk])


def _refusal(membership: Membership, held: int, now: datetime) -> Conflict | None:
    """Why the annotator gets no fresh unit. Asked under the lock: nobody else gives them one."""
    if held >= MOST_HELD:
        return Conflict(f"You hold {MOST_HELD} units already: submit or skip one of them first.")
    enough = enough_for_today(membership, now=now)
    return EnoughForToday(enough) if enough else None


def _renew(membership: Membership, slots: Sequence[int], now: datetime) -> None:
    """New leases for these slots, which the annotator holds.

    A slot that is being saved or given back in this moment is passed by: whoever waits for
    nothing while holding a lock waits for nobody in a ring.
    """
    if not slots:
        return
    until = now + timedelta(minutes=membership.campaign.lease_minutes)
    renew = _renewing(len(slots), connection.vendor)
    renew([until, now, membership.pk, *slots])


@cache
def _renewing(slots: int, vendor: str) -> Statement:
    held = HELD.format(slots=", ".join(["%s"] * slots))
    return Statement(RENEW.format(held=held, passing_by=PASSING_BY[vendor]))


def _free(
    membership: Membership, avoided: Collection[int], last: int, now: datetime
) -> Assignment | None:
    if membership.campaign.whole_threads:
        return take_in_turn(membership=membership, now=now)
    if gets_all(membership, avoided):
        slot = next_ahead(membership, last)
        return slot or _first(free_behind(membership))
    for slots_free in (free_ahead, free_behind):
        slot = _first(slots_free(membership))
        if slot is not None:
            return slot
    return None


def _first(slots: Sequence[QuerySet[Assignment]]) -> Assignment | None:
    """The first slot of several sorted lists, locked, passing by what others have locked."""
    ahead = slots
    if len(slots) > 1:
        heads = [some.values_list("order", "slot").first() for some in slots]
        known = [(head, place) for place, head in enumerate(heads) if head is not None]
        ahead = [slots[place] for _, place in sorted(known)]
    for some in ahead:
        slot = some.select_for_update(skip_locked=True, of=("self",)).first()
        if slot is not None:
            return slot
    return None


def _nothing_left(campaign: Campaign) -> Conflict:
    yet = nothing_yet(campaign)
    return yet or NothingLeft(f"Nothing is left for you in {campaign.name}. Thank you!")
