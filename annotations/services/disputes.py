"""Measuring where annotators disagree, as they go, without costing their saves anything."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from annotations.agreement.differences import share_of_pairs, uncommon, unequal, unshared
from annotations.agreement.marks import Mark
from annotations.models import Assignment, Campaign, Dispute, DisputedQuestion, Question, Unit
from annotations.selectors.codebooks import questions_of
from annotations.selectors.disputes import Said, said_of
from annotations.selectors.recoding import unfinished_recoding
from annotations.services.answers import is_asked

BATCH = 500
LATE = timedelta(minutes=2)
"""How long after its own time a save may be committed, clocks of several machines included."""

Kind = Question.Kind
SETS = (Kind.MULTI_LABEL, Kind.SPAN, Kind.RELATION)


@dataclass(frozen=True)
class Measured:
    """How far the annotators of a unit disagree: ``shares`` above 0, by the question's id."""

    ratings: int
    shares: Mapping[int, float]

    @property
    def share(self) -> float:
        return max(self.shares.values(), default=0.0)


def measure_disputes(*, campaign: Campaign, now: datetime, at_most: int = 5_000) -> int:
    """Measure the units that annotators changed since the last time; how many were looked at.

    None while the campaign is being recoded, which holds its lock for long: afterwards all is
    measured anew. Goes on where it stopped: after ``at_most`` changes the rest is left to the next
    call. What changed in the last two minutes is measured once more each time, because a save may
    be committed later than it is dated. Any number may run at once; each batch is one transaction.
    """
    begun = campaign.disputes_measured_at
    since = begun - LATE if begun else None
    if begun and not (_changes(campaign, since).exists() or _reopened(campaign).exists()):
        return 0
    if unfinished_recoding(campaign) is not None:
        return 0
    looked = changes = 0
    while changes < at_most:
        batch = _measure_batch(campaign.pk, since, now)
        looked += batch.units
        changes += batch.changes
        if batch.until is None:
            break
        since = batch.until
    return looked


@dataclass(frozen=True)
class _Batch:
    """``until`` is the time of the last change that was read; None at the end of them."""

    units: int
    changes: int
    until: datetime | None


@transaction.atomic
def _measure_batch(campaign_id: int, since: datetime | None, now: datetime) -> _Batch:
    """One batch at a time in a campaign: who measured first also writes first."""
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign_id)
    rows = _next_changes(campaign, since)
    units, until = {unit for unit, _ in rows}, None
    if len(rows) < BATCH:
        units |= set(_reopened(campaign).values_list("unit", flat=True))
    else:
        until = rows[-1][1]
    _store(campaign, units, now)
    # The next call looks at what changed from two minutes before this time on.
    campaign.disputes_measured_at = min(until + LATE, now) if until else now
    campaign.save(update_fields=["disputes_measured_at"])
    return _Batch(len(units), len(rows), until)


def _next_changes(campaign: Campaign, since: datetime | None) -> list[tuple[int, datetime]]:
    """The next units with the times of their changes, in that order.

    All that changed in the same moment are taken together: the next batch begins behind it.
    """
    changes = _changes(campaign, since)
    found = list(changes.order_by("changed_at").values_list("unit", "changed_at")[:BATCH])
    if len(found) == BATCH:
        found += changes.filter(changed_at=found[-1][1]).values_list("unit", "changed_at")
    return [(unit, changed_at) for unit, changed_at in found if changed_at]


def _changes(campaign: Campaign, since: datetime | None) -> QuerySet[Assignment]:
    """What annotators submitted or skipped after that time, found by an index of its own."""
    rows = Assignment.objects.filter(
        campaign=campaign,
        state__in=(Assignment.State.SUBMITTED, Assignment.State.SKIPPED),
        purpose=Unit.Purpose.STUDY,
        changed_at__isnull=False,
    )
    return rows if since is None else rows.filter(changed_at__gt=since)


def _reopened(campaign: Campaign) -> QuerySet[Assignment]:
    """Units with a dispute whose annotation is a draft again: few, as few are in anyone's hands."""
    held = Assignment.objects.filter(campaign=campaign, state=Assignment.State.LEASED)
    return held.filter(unit__dispute__isnull=False)


def _store(campaign: Campaign, units: Collection[int], now: datetime) -> None:
    questions = questions_of(campaign.codebook_id)
    measured = {unit: measured_of(questions, said) for unit, said in said_of(units).items()}
    known = set(Dispute.objects.filter(unit__in=units).values_list("unit", flat=True))
    kept = {unit: one for unit, one in measured.items() if one.ratings > 1 or unit in known}
    Dispute.objects.bulk_create(
        [
            Dispute(
                campaign=campaign,
                unit_id=unit,
                share=one.share,
                ratings=one.ratings,
                measured_at=now,
            )
            for unit, one in sorted(kept.items())
        ],
        update_conflicts=True,
        unique_fields=["unit"],
        update_fields=["share", "ratings", "measured_at"],
    )
    ids = dict(Dispute.objects.filter(unit__in=kept).values_list("unit", "pk"))
    DisputedQuestion.objects.filter(dispute__in=ids.values()).delete()
    DisputedQuestion.objects.bulk_create(
        DisputedQuestion(dispute_id=ids[unit], question_id=question, share=share)
        for unit, one in kept.items()
        for question, share in one.shares.items()
    )


def measured_of(questions: Sequence[Question], said: Sequence[Said]) -> Measured:
    """How far these annotators of one unit disagree. Free texts are read, not compared."""
    shares = {}
    for question in questions:
        if question.kind == Kind.TEXT:
            continue
        values = [value_of(question, one.answers) for one in said]
        given = [value for value in values if value is not None]
        share = share_of_pairs(given, DIFFERENCES[Kind(question.kind)])
        if share:
            shares[question.pk] = min(share, 1.0)
    return Measured(len(said), shares)


def value_of(question: Question, answers: Mapping[str, Any]) -> Any:
    """The answer as a value that can be compared; None where there is none.

    Who was asked for labels, spans or relations and gave none said something: the empty set.
    """
    if not is_asked(question, answers):
        return None
    given, kind = answers.get(question.key), Kind(question.kind)
    if kind not in SETS:
        return given
    if kind == Kind.MULTI_LABEL:
        return frozenset(given or ())
    if kind == Kind.SPAN:
        marks = (Mark(one["start"], one["end"], one["label"] or "") for one in given or ())
        return tuple(sorted(marks))
    return frozenset((one["comment"], one["label"]) for one in given or ())


DIFFERENCES: Mapping[Kind, Callable[[Any, Any], float]] = {
    Kind.SINGLE_LABEL: unequal,
    Kind.MULTI_LABEL: uncommon,
    Kind.RATING: unequal,
    Kind.NUMBER: unequal,
    Kind.SPAN: unshared,
    Kind.RELATION: uncommon,
}


def campaigns_to_measure() -> list[Campaign]:
    """Those that take labels, or were not measured since they last did."""
    return list(
        Campaign.objects.filter(
            Q(state=Campaign.State.OPEN) | Q(disputes_measured_at__isnull=True)
        ).order_by("pk")
    )
