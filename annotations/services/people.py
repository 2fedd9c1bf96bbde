"""What a manager sets for one who takes part: the languages they read, and whether they go on."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from annotations.errors import Conflict, InvalidInput
from annotations.models import Membership
from annotations.selectors.members import languages_of
from annotations.selectors.stages import next_stage
from annotations.services.assignments import release_untouched
from annotations.services.audit import Act, note_act

LONGEST_REASON = 500
BY_A_MANAGER = "A manager paused you. Ask them why, and when you go on."


@transaction.atomic
def set_languages(*, membership: Membership, languages: Collection[str]) -> Membership:
    """The languages that the person reads; none: all. Raises InvalidInput for one that the corpus
    does not have."""
    unknown = sorted(set(languages) - set(languages_of(membership.campaign.corpus)))
    if unknown:
        sentence = f"No comment of the corpus is known to be in {', '.join(unknown)[:200]}."
        raise InvalidInput(sentence, fields={"languages": [sentence]})
    before, membership.languages = membership.languages, sorted(set(languages))
    membership.save(update_fields=["languages"])
    if membership.languages != before:
        details = {"languages": membership.languages}
        note_act(act=Act.LANGUAGES_CHANGED, about=membership, details=details)
    return membership


@transaction.atomic
def pause_member(*, membership: Membership, reason: str = "", now: datetime) -> Membership:
    """Give the person no more units, and those that they hold and have not begun to others.

    Raises Conflict for somebody who is paused already, InvalidInput for more than 500 characters.
    """
    if len(reason) > LONGEST_REASON:
        sentence = f"A reason has at most {LONGEST_REASON} characters."
        raise InvalidInput(sentence, fields={"reason": [sentence]})
    locked = _locked(membership)
    if locked.paused_at is not None:
        raise Conflict(f"{locked.pseudonym} is paused already.")
    locked.paused_at = now
    locked.pause_reason = reason.strip() or BY_A_MANAGER
    locked.save(update_fields=["paused_at", "pause_reason"])
    note_act(act=Act.MEMBER_PAUSED, about=locked, now=now)
    release_untouched(membership=locked, now=now)
    return locked


@transaction.atomic
def let_go_on(*, membership: Membership, now: datetime) -> Membership:
    """Give the person units again. Who has training and test behind them is admitted, whatever
    their score; their checks count from now on. Raises Conflict for somebody who is not paused.
    """
    locked = _locked(membership)
    if locked.paused_at is None:
        raise Conflict(f"{locked.pseudonym} is not paused.")
    locked.paused_at, locked.pause_reason = None, ""
    if locked.admitted_at is not None or next_stage(locked) is None:
        locked.admitted_at = now
    locked.save(update_fields=["paused_at", "pause_reason", "admitted_at"])
    note_act(act=Act.MEMBER_RESUMED, about=locked, now=now)
    return locked


def _locked(membership: Membership) -> Membership:
    """The row as it is now, with its user and campaign as they came."""
    members = Membership.objects.select_for_update(no_key=True, of=("self",))
    return members.select_related("campaign").get(pk=membership.pk)
