"""How campaigns go on: slots settled, each member's share, and how often each label was given.

All of it is of the sample: units that train, test, check or repeat are in no figure and no dataset.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Count, F, Max, QuerySet

from annotations.models import (
    Annotation,
    Answer,
    Assignment,
    Campaign,
    Comment,
    Label,
    Membership,
    Question,
    Unit,
)
from annotations.selectors.codebooks import questions_of

State = Assignment.State
STUDY = Unit.Purpose.STUDY
CHANGED_SHOWN = 20


@dataclass(frozen=True)
class Totals:
    """The slots of a campaign, or those of one member: each is one label set by one annotator.

    One that was skipped because the unit harms counts nowhere: a spare one stands in for it, and
    nobody is to be measured by how often that happened.
    """

    pending: int = 0
    leased: int = 0
    submitted: int = 0
    skipped: int = 0

    @property
    def settled(self) -> int:
        return self.submitted + self.skipped

    @property
    def wanted(self) -> int:
        return self.pending + self.leased + self.settled


@dataclass(frozen=True)
class MemberShare:
    """A member with what they hold and have done; ``worked_at`` is the last time they did."""

    membership: Membership
    totals: Totals
    worked_at: datetime | None = None


@dataclass(frozen=True)
class QuestionCounts:
    """``answered`` counts the submitted annotations that answer the question."""

    question: Question
    answered: int
    labels: list[tuple[Label, int]] = field(default_factory=list)


@dataclass(frozen=True)
class ChangedTexts:
    """Submitted annotations whose comment said something else when it was labeled.

    ``annotations`` counts all of them, ``comments`` are the first twenty they are about.
    """

    annotations: int
    comments: list[Comment] = field(default_factory=list)


def changed_since_labeled(campaign: Campaign) -> ChangedTexts:
    """What the source changed after it was labeled in this campaign."""
    outdated = (
        Annotation.objects.filter(
            unit__campaign=campaign,
            unit__purpose=STUDY,
            state=Annotation.State.SUBMITTED,
            text_revision__lt=F("unit__comment__text_revision"),
        )
        .exclude(source=Annotation.Source.MODEL)
        .order_by()
    )
    count = outdated.count()
    if not count:
        return ChangedTexts(0)
    comments = Comment.objects.filter(pk__in=outdated.values("unit__comment"))
    shown = comments.only("thread", "position", "source_id").order_by("thread", "position", "pk")
    return ChangedTexts(count, list(shown[:CHANGED_SHOWN]))


def campaign_totals(campaigns: Iterable[Campaign]) -> dict[int, Totals]:
    """The totals of these campaigns, by the campaign's id."""
    ids = [campaign.pk for campaign in campaigns]
    counts: dict[int, dict[str, int]] = {pk: {} for pk in ids}
    slots = Assignment.objects.filter(campaign__in=ids, purpose=STUDY).order_by()
    for pk, state, count in slots.values_list("campaign", "state").annotate(Count("pk")):
        counts[pk][state] = count
    harmful = (
        _harmful().filter(unit__campaign__in=ids, unit__purpose=STUDY).values_list("unit__campaign")
    )
    spent = dict(harmful.annotate(Count("pk")))
    return {pk: _totals(found, spent.get(pk, 0)) for pk, found in counts.items()}


def member_shares(
    memberships: Iterable[Membership], *, of: Collection[str] = (STUDY,)
) -> list[MemberShare]:
    """What each of these members has done in units of these purposes, in the order given.

    To annotators themselves all purposes are counted alike, so that no count tells a check.
    """
    members = list(memberships)
    counts: dict[int, dict[str, int]] = {member.pk: {} for member in members}
    latest: dict[int, datetime | None] = {}
    slots = Assignment.objects.filter(membership__in=members, purpose__in=of).order_by()
    grouped = slots.values_list("membership", "state").annotate(Count("pk"), Max("changed_at"))
    for pk, state, count, changed_at in grouped:
        counts[pk][state] = count
        latest[pk] = max(filter(None, (latest.get(pk), changed_at)), default=None)
    harmful = _harmful().filter(membership__in=members, unit__purpose__in=of)
    spent = dict(harmful.values_list("membership").annotate(Count("pk")))
    return [
        MemberShare(m, _totals(counts[m.pk], spent.get(m.pk, 0)), latest.get(m.pk)) for m in members
    ]


def _harmful() -> QuerySet[Annotation]:
    return Annotation.objects.filter(harmful=True).order_by()


def _totals(counts: dict[str, int], spent: int) -> Totals:
    found = Totals(**counts)
    return replace(found, skipped=found.skipped - spent)


def label_counts(campaign: Campaign) -> list[QuestionCounts]:
    """How often each label stands in the submitted annotations of people, by question."""
    answers = Answer.objects.filter(
        annotation__unit__campaign=campaign,
        annotation__unit__purpose=STUDY,
        annotation__source=Annotation.Source.HUMAN,
        annotation__state=Annotation.State.SUBMITTED,
    ).order_by()
    answered = dict(answers.values_list("question").annotate(Count("annotation", distinct=True)))
    given = dict(answers.filter(label__isnull=False).values_list("label").annotate(Count("pk")))
    return [
        QuestionCounts(
            question=question,
            answered=answered.get(question.pk, 0),
            labels=[(label, given.get(label.pk, 0)) for label in question.labels.all()],
        )
        for question in questions_of(campaign.codebook_id)
    ]
