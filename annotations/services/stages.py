"""What an annotator is given beside the sample: training, the test, checks and repeats."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max

from annotations.errors import Conflict, Paused
from annotations.models import Assignment, Campaign, Membership, Unit
from annotations.selectors.stages import (
    draw,
    has_known_answer,
    has_stages,
    is_tested,
    last_number,
    places,
    repeatable,
    score_in_test,
    unseen_by,
)

Purpose = Unit.Purpose
JUST_CHANGED = "The next unit was changed by a manager in this moment: ask once more."
ONE_FIRST = "Submit this one first: the next one comes after it."
NOT_PASSED = (
    "You reached {score:.2f} in the test; {wanted:.2f} opens the campaign. The managers were told."
)


def require_not_paused(membership: Membership) -> Paused | None:
    """Why the member gets no unit; None if they may go on."""
    return Paused(membership.pause_reason) if membership.paused_at else None


def next_in_stages(*, membership: Membership, now: datetime) -> Assignment | Conflict | None:
    """The next unit of the training or the test, its slot just made; None once admitted.

    Training comes one by one, as each has its feedback. A Conflict is given back, not raised,
    where another one is to be submitted first or where the test was not passed: in that case the
    member, whose row is locked, is paused. Who has both behind them is admitted.
    """
    if membership.admitted_at is not None:
        return None
    if is_tested(membership) and has_stages(membership.campaign):
        for purpose in (Purpose.TRAINING, Purpose.TEST):
            unit = unseen_by(membership, purpose).first()
            held = _holds(membership, purpose)
            if held and (unit is None or purpose == Purpose.TRAINING):
                return Conflict(ONE_FIRST)
            if unit is not None:
                return _make_slot(membership, unit) or Conflict(JUST_CHANGED)
    return _admit(membership, now)


def mix_in(*, membership: Membership, slot: Assignment) -> Assignment:
    """A check or a repeat where its place has come, else the free slot of the sample.

    The slot stays free then. Without one there is neither: what comes after the sample's last
    unit would be known for what it is.
    """
    campaign = membership.campaign
    if not is_tested(membership) or campaign.check_every is campaign.repeat_every is None:
        return slot
    count = last_number(membership)
    place = places(membership, count)
    unit = _unseen_check(membership, count) if place.check else None
    if unit is None and place.repeat:
        unit = _repeat(membership, count)
    made = None if unit is None else _make_slot(membership, unit)
    return made or slot


def _holds(membership: Membership, purpose: str) -> bool:
    held = Assignment.objects.filter(membership=membership, state=Assignment.State.LEASED)
    return held.filter(purpose=purpose).exists()


def _admit(membership: Membership, now: datetime) -> Paused | None:
    """Open the campaign to the member, unless the test says otherwise."""
    wanted = membership.campaign.test_score
    score = score_in_test(membership)
    if wanted is None or score is None or score >= wanted:
        membership.admitted_at = now
        membership.save(update_fields=["admitted_at"])
        return None
    membership.paused_at = now
    membership.pause_reason = NOT_PASSED.format(score=score, wanted=wanted)
    membership.save(update_fields=["paused_at", "pause_reason"])
    return Paused(membership.pause_reason)


def _unseen_check(membership: Membership, count: int) -> Unit | None:
    """One of those that the member has not seen, nobody can say which."""
    unseen = unseen_by(membership, Purpose.CHECK)
    number = unseen.count()
    return unseen[draw(membership, "which check", count) % number] if number else None


def _repeat(membership: Membership, count: int) -> Unit | None:
    """An own unit of before, once more: one row of it serves all annotators.

    A new row gets the campaign's next order. Whoever holds the campaign's lock in this moment may
    wait for the free slot that is locked here: it is not waited for, and there is no repeat.
    """
    earlier = repeatable(membership, count)
    number = earlier.count()
    if not number:
        return None
    place = draw(membership, "which repeat", count) % number
    unit = earlier.select_related("unit")[place].unit
    again = Unit.objects.filter(repeat_of=unit)
    if (known := again.first()) is not None:
        return known
    campaigns = Campaign.objects.select_for_update(no_key=True, skip_locked=True)
    if campaigns.filter(pk=membership.campaign_id).first() is None:
        return None
    return again.first() or Unit.objects.create(
        campaign_id=unit.campaign_id,
        thread_id=unit.thread_id,
        comment_id=unit.comment_id,
        purpose=Purpose.REPEAT,
        repeat_of=unit,
        overlap=0,
        order=following_order(unit.campaign_id),
    )


def following_order(campaign_id: int) -> int:
    """The order after the campaign's last unit; the campaign's row is locked."""
    last = Unit.objects.filter(campaign=campaign_id).aggregate(last=Max("order"))["last"]
    return 0 if last is None else last + 1


def _make_slot(membership: Membership, unit: Unit) -> Assignment | None:
    """The member's own slot of a unit that has no free ones; not yet given.

    None where a manager made something else of the unit since it was read.
    """
    now_for = Unit.objects.select_for_update(no_key=True).get(pk=unit.pk).purpose
    if now_for != unit.purpose or (not unit.repeat_of_id and not has_known_answer(unit)):
        return None
    return Assignment.objects.create(
        campaign_id=unit.campaign_id,
        unit=unit,
        slot=membership.number,
        order=unit.order,
        language=unit.comment.language if unit.comment else "",
        purpose=unit.purpose,
    )
