"""Labels made elsewhere, in another tool or on paper, put where their annotator's would stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from annotations.errors import Conflict
from annotations.models import Annotation, Assignment, Membership, Unit, User
from annotations.permissions import ROLES_WITH
from annotations.selectors.stages import has_stages, is_tested, last_number
from annotations.services.annotations import Save, is_repeated, save_annotation
from annotations.services.assignments import lease
from annotations.services.turns import take_slot_in_turns

CARRIED_OVER = "carried_over"
BESIDE = (
    "This unit is no part of the sample: it trains, tests or checks annotators, or repeats a unit. "
    "Labels from elsewhere are not carried over to it."
)
OWN_WORDS = (
    "{annotator} has labeled this unit here. What somebody said in their own name is changed by "
    "themselves, or overruled by adjudication."
)
NO_SLOT = (
    "All {count} slots of this unit are taken. Raise the overlap "
    '(POST /api/v1/campaigns/{slug}/overlap/ with {{"overlap": {more}}}), and send the line again.'
)
NO_TURN = (
    "This campaign gives out whole threads, and this thread is others' turn, or was "
    "{annotator}'s before. Raise the overlap (POST /api/v1/campaigns/{slug}/overlap/), or give a "
    "turn back (POST /api/v1/campaigns/{slug}/turns/{{id}}/release/), and send the line again."
)
BEING_TAKEN = "Somebody is just taking the last free slot of this unit: send the line again."
NOT_ADMITTED = (
    "{annotator} has the training or the test of this campaign still to do: labels made elsewhere "
    "are taken once they are through."
)
PAUSED = "{annotator} is paused, and gets no units. Let them go on first. The reason: {reason}"
State = Assignment.State


@transaction.atomic
def carry_over(
    *,
    membership: Membership,
    unit: Unit,
    save: Save,
    user: User,
    by: Membership | None,
    now: datetime,
) -> Annotation:
    """Save what the member said elsewhere of the unit; the same save again changes nothing.

    The unit gets a free slot of theirs if they have none, never one beyond its overlap. The
    context says that it was carried over, and by whom: by ``user``, who is ``by`` in the campaign,
    or staff. Raises what ``save_annotation`` raises, and Conflict where there is no free slot,
    where the unit is none of the sample, and where the member may get none or has labeled it here.
    """
    member = Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)
    annotation = Annotation.objects.filter(
        unit=unit, membership=member, source=Annotation.Source.HUMAN
    ).first()
    if not is_repeated(save, annotation):
        _require_may_get(member, unit)
        if annotation is not None and CARRIED_OVER not in annotation.context:
            raise Conflict(OWN_WORDS.format(annotator=member.pseudonym))
        if not Assignment.objects.filter(unit=unit, membership=member).exists():
            _give_slot(member, unit, now)
    told = {"by": by.pseudonym if by else "staff", "user": user.pk}
    carried = replace(save, context={**save.context, CARRIED_OVER: told})
    return save_annotation(membership=member, unit=unit, save=carried, now=now)


def _require_may_get(member: Membership, unit: Unit) -> None:
    """Raises Conflict where the design says that this label cannot be.

    What the member avoids or does not read keeps no label away that was made already.
    """
    campaign, annotator = unit.campaign, member.pseudonym
    if unit.purpose != Unit.Purpose.STUDY:
        raise Conflict(BESIDE)
    if member.role not in ROLES_WITH["annotation.write"]:
        raise Conflict(f"{annotator} is a {member.role} in this campaign, and does not label.")
    if member.paused_at is not None:
        raise Conflict(PAUSED.format(annotator=annotator, reason=member.pause_reason))
    if is_tested(member) and member.admitted_at is None and has_stages(campaign):
        raise Conflict(NOT_ADMITTED.format(annotator=annotator))


def _give_slot(member: Membership, unit: Unit, now: datetime) -> None:
    """Let the member hold a free slot of the unit as the next of theirs. Raises Conflict."""
    campaign = unit.campaign
    every = Assignment.objects.filter(unit=unit)
    free = list(every.filter(state=State.PENDING).select_related("unit").order_by("slot"))
    if not free:
        count = every.count()
        raise Conflict(NO_SLOT.format(count=count, slug=campaign.slug, more=count + 1))
    if campaign.whole_threads:
        in_turn = take_slot_in_turns(membership=member, slots=free, now=now)
        if in_turn is None:
            raise Conflict(NO_TURN.format(annotator=member.pseudonym, slug=campaign.slug))
        free = [in_turn]
    locked = every.filter(pk__in=[slot.pk for slot in free], state=State.PENDING)
    slot = locked.select_for_update(skip_locked=True, of=("self",)).order_by("slot").first()
    if slot is None:
        raise Conflict(BEING_TAKEN)
    slot.number = last_number(member) + 1
    slot.membership, slot.campaign = member, campaign
    lease(slot, now=now)
    slot.save(update_fields=["membership", "state", "leased_until", "changed_at", "number"])
