"""A study whose annotators have answered: what is in dispute there, and who decides it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from annotations.models import Assignment, Campaign, Dispute, Membership, Unit
from annotations.services.annotations import save_annotation
from annotations.services.disputes import measure_disputes
from tests.annotations.study import Study, a_save, build_study
from tests.builders import NOON, build_membership

LATER = NOON + timedelta(hours=1)

Answers = Mapping[str, Any]


def build_answered(*units: Sequence[Answers | None], annotators: int = 3, **design: Any) -> Study:
    """``units``: for each unit the answers of the annotators in turn; None: not answered."""
    study = build_study(len(units), annotators=annotators, overlap=annotators, **design)
    for unit, said in zip(study.units, units, strict=True):
        for member, answers in zip(study.members, said, strict=False):
            if answers is not None:
                answer(unit, member, answers)
    return study


def answer(
    unit: Unit, member: Membership, answers: Answers, *, now: datetime = NOON, **fields: Any
) -> None:
    """Give a free slot to the annotator, or take the one that they have, and save."""
    held = Assignment.objects.filter(unit=unit, membership=member).first()
    if held is None:
        slot = Assignment.objects.filter(unit=unit, state="pending").earliest("slot")
        slot.membership, slot.state, slot.leased_until = member, "leased", now
        slot.save()
    said = unit.annotations.filter(membership=member, source="human").first()
    save = a_save(answers, based_on=said.revision if said else 0, **fields)
    save_annotation(membership=member, unit=unit, save=save, now=now)


def measured(study: Study, *, now: datetime = LATER) -> dict[int, Dispute]:
    """The disputes by their unit's order, measured now."""
    campaign = Campaign.objects.get(pk=study.campaign.pk)
    measure_disputes(campaign=campaign, now=now)
    return {one.unit.order: one for one in Dispute.objects.filter(campaign=campaign)}


def an_adjudicator(study: Study) -> Membership:
    return build_membership(study.campaign, role=Membership.Role.ADJUDICATOR)
