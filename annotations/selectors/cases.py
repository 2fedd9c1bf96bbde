"""One disputed unit as its adjudicator sees it: the thread, and what everybody answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from string import ascii_uppercase

from django.utils.crypto import salted_hmac

from annotations.models import Annotation, Campaign, Comment, Dispute, Membership, Thread, Unit
from annotations.selectors.answers import WITH_ANSWERS
from annotations.selectors.context import Window, context_of, window_of
from annotations.selectors.disputes import ADJUDICATION, open_disputes, shares_of
from annotations.selectors.work import suggestions_for, with_relations


@dataclass(frozen=True)
class LetteredAnswers:
    """One annotator's answers under a letter; who they are is told once the unit is decided.

    ``user`` is the user name, for managers alone. ``changed`` says that they were saved since.
    """

    letter: str
    annotation: Annotation
    annotator: str | None
    user: str | None
    changed: bool


@dataclass(frozen=True)
class Case:
    """A disputed unit with all that is needed to decide it.

    ``shares`` are those of pairs that differ, by question. ``labeled_by_you``: the adjudicator is
    one of the annotators, under which letter is not told. ``left`` counts the open disputes.
    """

    dispute: Dispute
    unit: Unit
    campaign: Campaign
    thread: Thread
    comments: list[Comment]
    window: Window
    answers: list[LetteredAnswers]
    shares: dict[str, float]
    suggestions: list[Annotation]
    decision: Annotation | None
    decided_by_user: str | None
    labeled_by_you: bool
    changed: bool
    left: int


def case_of(dispute: Dispute, membership: Membership) -> Case:
    """The case as this adjudicator may see it. ``dispute`` comes from ``dispute_on``."""
    unit = dispute.unit
    places, window = window_of(context_of(unit))
    decision = _decision(unit)
    may_name = membership.role == Membership.Role.MANAGER
    answers = _lettered(unit, dispute, may_name=may_name)
    return Case(
        dispute=dispute,
        unit=unit,
        campaign=unit.campaign,
        thread=unit.thread,
        comments=with_relations(places.keys()),
        window=window,
        answers=answers,
        shares=shares_of(dispute),
        suggestions=suggestions_for(unit),
        decision=decision,
        decided_by_user=_user_name(decision) if may_name and decision else None,
        labeled_by_you=any(one.annotation.membership_id == membership.pk for one in answers),
        changed=any(one.changed for one in answers),
        left=open_disputes(unit.campaign).count(),
    )


def letter_of(place: int) -> str:
    """A, B, …, Z, AA, AB, … for 0, 1, …"""
    above, rest = divmod(place, len(ascii_uppercase))
    return (letter_of(above - 1) if above else "") + ascii_uppercase[rest]


def _decision(unit: Unit) -> Annotation | None:
    return (
        Annotation.objects.filter(unit=unit, source=ADJUDICATION)
        .select_related("membership__user")
        .prefetch_related(*WITH_ANSWERS)
        .first()
    )


def _lettered(unit: Unit, dispute: Dispute, *, may_name: bool) -> list[LetteredAnswers]:
    """All that was submitted, in an order that nobody can trace to who came first."""
    submitted = (
        Annotation.objects.filter(
            unit=unit, source=Annotation.Source.HUMAN, state=Annotation.State.SUBMITTED
        )
        .select_related("membership__user")
        .prefetch_related(*WITH_ANSWERS)
    )
    decided_at = dispute.decided_at
    return [
        LetteredAnswers(
            letter=letter_of(place),
            annotation=one,
            annotator=one.membership.pseudonym if decided_at and one.membership else None,
            user=_user_name(one) if decided_at and may_name else None,
            changed=decided_at is not None and one.saved_at > decided_at,
        )
        for place, one in enumerate(_shuffled(submitted))
    ]


def _shuffled(annotations: Iterable[Annotation]) -> list[Annotation]:
    """The same order at each look, by a hash with the installation's key."""
    return sorted(annotations, key=lambda one: salted_hmac("adjudication", str(one.pk)).hexdigest())


def _user_name(annotation: Annotation) -> str | None:
    member = annotation.membership
    return member.user.username if member and member.user else None
