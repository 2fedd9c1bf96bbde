"""Deciding what stands where annotators disagree: who decides what, and the decision itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from annotations.errors import Conflict, InvalidInput, NotFound, NothingLeft
from annotations.models import Annotation, Campaign, Dispute, Membership, Unit
from annotations.selectors.disputes import free_disputes, has_question
from annotations.selectors.recoding import unfinished_recoding
from annotations.services.annotations import (
    Save,
    checked_rows,
    conflict,
    is_repeated,
    require_same_codebook,
    require_same_text,
    write,
)
from annotations.services.events import tell_adjudicated

HOLD = timedelta(minutes=30)
LONGEST_REASON = 5_000


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What an adjudicator decides, as the client sent it.

    ``save_id`` is the client's uuid for it, ``based_on`` the revision of an earlier decision that
    the client had seen (0: none), ``text_revision`` that of the text that was read and
    ``codebook_version`` the codebook's version, where the client knows them.
    """

    save_id: UUID
    based_on: int
    answers: Mapping[str, Any]
    reason: str = ""
    text_revision: int | None = None
    codebook_version: int | None = None


@transaction.atomic
def take_dispute(
    *,
    membership: Membership,
    question: str | None = None,
    thread: int | None = None,
    after: Collection[int] = (),
    now: datetime,
) -> Dispute:
    """The worst dispute that nobody else is deciding, held from now on for half an hour.

    By one question or in one thread alone, where asked for. What the adjudicator holds of the
    units ``after`` is given back. Raises NothingLeft, NotFound for a question that is none, and
    Conflict where the campaign takes no decisions.
    """
    require_decisions(membership.campaign)
    if question is not None and not has_question(membership.campaign, question):
        raise NotFound(f"The codebook has no question {question!r}.")
    _give_back(membership, after)
    wanted = free_disputes(membership, question=question, thread=thread, after=after, now=now)
    dispute = wanted.select_for_update(skip_locked=True, of=("self",)).first()
    if dispute is None:
        raise NothingLeft("Nothing is left to decide here.")
    dispute.membership = membership
    dispute.held_until = now + HOLD
    dispute.save(update_fields=["membership", "held_until"])
    return dispute


@transaction.atomic
def decide(*, membership: Membership, unit: Unit, decision: Decision, now: datetime) -> Annotation:
    """The decision on the unit as it stands after this save; the same save again changes nothing.

    Raises NotFound for a unit without a dispute, Conflict where the campaign takes no decisions, is
    being recoded, or the text or the codebook is another one than was read, RevisionConflict where
    somebody decided in between, and InvalidAnswers.
    """
    campaign = _undisturbed(unit.campaign)
    dispute = Dispute.objects.select_for_update(of=("self",)).filter(unit=unit).first()
    if dispute is None:
        raise NotFound("No two people have labeled this unit: there is nothing to decide.")
    annotation = decision_on(unit)
    save = _as_save(decision)
    if is_repeated(save, annotation):
        assert annotation is not None
        return annotation
    require_decisions(campaign)
    current = annotation.revision if annotation else 0
    if save.based_on != current:
        raise conflict(annotation, save)
    require_same_text(unit, save)
    require_same_codebook(campaign.codebook, save)
    rows = checked_rows(unit, campaign.codebook, save)
    annotation = annotation or _undecided(unit, now)
    annotation.membership = membership
    annotation.reason, annotation.rule = decision.reason.strip(), ""
    written = write(annotation, membership, unit, rows, save, now)
    end_dispute(dispute, now=now)
    tell_adjudicated(campaign=campaign, decisions=[(written, unit)], by="person", now=now)
    return written


def decision_on(unit: Unit) -> Annotation | None:
    """The unit's decision, if there is one."""
    return Annotation.objects.filter(unit=unit, source=Annotation.Source.ADJUDICATION).first()


def end_dispute(dispute: Dispute, *, now: datetime) -> None:
    """Mark the locked dispute as decided: nobody holds it any more."""
    dispute.decided_at = now
    dispute.membership = dispute.held_until = None
    dispute.save(update_fields=["decided_at", "membership", "held_until"])


def require_decisions(campaign: Campaign) -> None:
    """Raises Conflict for a closed campaign; while it is paused, there is time to decide."""
    if campaign.state == Campaign.State.CLOSED:
        raise Conflict(f"{campaign.name} is closed: open or pause it before you decide.")


def _undisturbed(campaign: Campaign) -> Campaign:
    """The campaign as it is now, locked: no recoding carries its answers on before this is over.

    A recoding holds the lock for as long as it runs, so it is asked for before. Raises Conflict.
    """
    if unfinished_recoding(campaign) is not None:
        raise Conflict(f"{campaign.name} is being recoded: decide when that is done.")
    return Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)


def _give_back(membership: Membership, units: Collection[int]) -> None:
    """What is being decided in this moment is passed by: its decision ends the hold by itself."""
    if not units:
        return
    held = Dispute.objects.filter(membership=membership, unit__in=units, held_until__isnull=False)
    free = list(held.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True))
    Dispute.objects.filter(pk__in=free).update(membership=None, held_until=None)


def _as_save(decision: Decision) -> Save:
    if len(decision.reason) > LONGEST_REASON:
        sentence = f"A reason has at most {LONGEST_REASON:,} characters."
        raise InvalidInput(sentence, fields={"reason": [sentence]})
    return Save(
        save_id=decision.save_id,
        based_on=decision.based_on,
        state=Annotation.State.SUBMITTED,
        answers=decision.answers,
        text_revision=decision.text_revision,
        codebook_version=decision.codebook_version,
    )


def _undecided(unit: Unit, now: datetime) -> Annotation:
    return Annotation(
        unit=unit, source=Annotation.Source.ADJUDICATION, revision=0, created_at=now, seconds=0
    )
