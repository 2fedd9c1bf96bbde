"""Giving units of a campaign to people whom a manager or an administrator chooses."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from annotations.errors import Conflict, InvalidInput
from annotations.models import Assignment, Campaign, Membership, User
from annotations.permissions import ROLES_WITH
from annotations.services.assignments import MOST_HELD, release_untouched, take_unit
from annotations.services.campaigns import add_member


@dataclass(frozen=True)
class Given:
    """What became of one person: whether they ``joined``, how many units they got and gave back.

    ``refusal`` says why they got fewer than were asked for; empty where they did not.
    """

    membership: Membership
    joined: bool
    given: int
    released: int
    refusal: str = ""


def give_units(
    *,
    campaign: Campaign,
    users: Collection[User],
    role: str,
    units: int,
    give_back: bool = False,
    now: datetime,
) -> list[Given]:
    """Give the next so many units to each of them; who takes no part yet joins in the role.

    ``give_back`` frees first what they hold and have not begun. Units are given as if each had
    asked for the next one: stages, caps, languages and what somebody avoids count as ever, and
    nobody holds more than five. Raises InvalidInput, and then nothing is changed.
    """
    if not 0 <= units <= MOST_HELD:
        sentence = f"Nobody holds more than {MOST_HELD} units at once: give 0 to {MOST_HELD}."
        raise InvalidInput(sentence, fields={"units": [sentence]})
    return [_give(campaign, user, role, units, give_back, now) for user in users]


def _give(
    campaign: Campaign, user: User, role: str, units: int, give_back: bool, now: datetime
) -> Given:
    with transaction.atomic():
        membership = Membership.objects.filter(campaign=campaign, user=user).first()
        joined = membership is None
        if membership is None:
            membership = add_member(campaign=campaign, user=user, role=role, now=now)
        released = release_untouched(membership=membership, now=now) if give_back else 0
    if membership.role not in ROLES_WITH["annotation.write"]:
        refusal = f"A {membership.role} labels nothing." if units else ""
        return Given(membership, joined, 0, released, refusal)
    held = set(
        Assignment.objects.filter(membership=membership, state=Assignment.State.LEASED).values_list(
            "unit", flat=True
        )
    )
    before = len(held)
    refusal = ""
    try:
        for _ in range(units):
            held.add(take_unit(membership=membership, after=held, now=now).unit_id)
    except Conflict as error:
        refusal = error.message
    return Given(membership, joined, len(held) - before, released, refusal)
