"""Scores of what an annotator said, where it is known what should be said; and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from statistics import fmean
from typing import Any

from annotations.agreement.known import unit_score
from annotations.models import Annotation, Assignment, Membership, Unit
from annotations.selectors.known import kinds_of, known_answers
from annotations.selectors.stages import LEAST_CHECKS, check_scores_of
from annotations.services.assignments import release_untouched

TOO_LOW = (
    "Your answers to the last {count} checks agree with the known answers by {score:.2f}; the "
    "campaign asks for {wanted:.2f}. The managers were told, and will talk with you."
)


def lock_if_checked(*, membership: Membership, unit: Unit) -> None:
    """Lock the member's row before the save of a check, which may pause them.

    It comes before the slot's lock, as where a unit is taken, so that nobody waits in a ring.
    """
    if unit.purpose == Unit.Purpose.CHECK:
        Membership.objects.select_for_update(no_key=True).get(pk=membership.pk)


def score_unit(
    *, assignment: Assignment, annotation: Annotation, said: Mapping[str, Any], now: datetime
) -> None:
    """Keep how far the answers, just saved, are as they should be; none without a submission.

    Who skips a unit of the test gets 0 for it, unless it harms: that costs nothing. After a check,
    who is too often wrong is paused.
    """
    assignment.score = None
    if annotation.state == Annotation.State.SUBMITTED:
        unit = annotation.unit
        right = known_answers(unit, annotation.membership_id)
        kinds = kinds_of(assignment.campaign.codebook_id)
        assignment.score = None if right is None else unit_score(right, said, kinds)
    elif annotation.state == Annotation.State.SKIPPED and not annotation.harmful:
        assignment.score = 0.0 if assignment.purpose == Unit.Purpose.TEST else None
    assignment.save(update_fields=["score"])
    if assignment.purpose == Unit.Purpose.CHECK and assignment.score is not None:
        _pause_if_too_low(assignment, now)


def _pause_if_too_low(assignment: Assignment, now: datetime) -> None:
    """The mean of the last checks (``check_window`` of them, at least five) is the measure."""
    campaign = assignment.campaign
    membership = Membership.objects.get(assignments=assignment)
    if campaign.check_score is None or membership.paused_at is not None:
        return
    scores = check_scores_of(membership, campaign.check_window)
    if len(scores) < LEAST_CHECKS or fmean(scores) >= campaign.check_score:
        return
    membership.paused_at = now
    membership.pause_reason = TOO_LOW.format(
        count=len(scores), score=fmean(scores), wanted=campaign.check_score
    )
    membership.save(update_fields=["paused_at", "pause_reason"])
    release_untouched(membership=membership, now=now)
