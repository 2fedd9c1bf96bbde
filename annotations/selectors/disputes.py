"""Where annotators answered differently: what they said, the queue, and what was decided."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from annotations.errors import NotFound
from annotations.models import (
    Annotation,
    Answer,
    Campaign,
    Dispute,
    DisputedQuestion,
    Membership,
    Question,
    RuleRun,
    Thread,
)
from annotations.selectors.answers import answers_from
from annotations.selectors.codebooks import questions_of

TOP_THREADS = 20
ADJUDICATION = Annotation.Source.ADJUDICATION


@dataclass(frozen=True)
class Said:
    """What one annotator submitted about a unit; ``answers`` are in the shape of the API."""

    annotation: int
    text_revision: int
    answers: dict[str, Any]


@dataclass(frozen=True)
class QuestionDisputes:
    question: Question
    open: int


@dataclass(frozen=True)
class ThreadDisputes:
    thread: Thread
    open: int


@dataclass(frozen=True)
class Queue:
    """The disputes of a campaign in figures.

    ``open`` are those to be decided, ``held`` those of them that somebody is deciding now,
    ``decided`` those that a person decided, ``settled`` those that a rule did; ``agreed`` the
    units whose annotators say the same. The threads are the 20 with most to decide.
    """

    open: int
    held: int
    decided: int
    settled: int
    agreed: int
    questions: list[QuestionDisputes]
    threads: list[ThreadDisputes]


def said_of(units: Collection[int]) -> dict[int, list[Said]]:
    """What was submitted by people about each of these units, in order of the annotations."""
    annotations = list(
        Annotation.objects.filter(
            unit__in=units, source=Annotation.Source.HUMAN, state=Annotation.State.SUBMITTED
        )
        .order_by("pk")
        .values_list("pk", "unit", "text_revision")
    )
    rows: dict[int, list[Answer]] = {pk: [] for pk, _, _ in annotations}
    answers = Answer.objects.filter(annotation__in=rows).select_related("question", "label")
    for answer in answers.order_by("annotation", "question__position", "position"):
        rows[answer.annotation_id].append(answer)
    found: dict[int, list[Said]] = {unit: [] for unit in units}
    for pk, unit, text_revision in annotations:
        found[unit].append(Said(pk, text_revision, answers_from(rows[pk])))
    return found


def open_disputes(campaign: Campaign) -> QuerySet[Dispute]:
    """Those that wait for a decision; spelt so that their own index finds the worst ones."""
    return Dispute.objects.filter(campaign=campaign, decided_at__isnull=True, share__gt=0)


def free_disputes(
    membership: Membership,
    *,
    question: str | None,
    thread: int | None,
    after: Collection[int],
    now: datetime,
) -> QuerySet[Dispute]:
    """The open ones that nobody else is deciding, the worst first; by one question where asked.

    Those of the units ``after`` are left out.
    """
    free = Q(held_until__isnull=True) | Q(held_until__lte=now) | Q(membership=membership)
    found = open_disputes(membership.campaign).filter(free).exclude(unit__in=after)
    if thread is not None:
        found = found.filter(unit__thread=thread)
    if question is None:
        return found.order_by("-share", "unit")
    found = found.filter(questions__question__key=question)
    return found.order_by("-questions__share", "-share", "unit")


def queue_of(campaign: Campaign, *, now: datetime) -> Queue:
    """The queue in figures."""
    decisions = Annotation.objects.filter(unit__campaign=campaign, source=ADJUDICATION)
    found = Dispute.objects.filter(campaign=campaign).aggregate(
        open=Count("pk", filter=Q(decided_at__isnull=True, share__gt=0)),
        held=Count("pk", filter=Q(decided_at__isnull=True, share__gt=0, held_until__gt=now)),
        decided=Count("pk", filter=Q(decided_at__isnull=False)),
        agreed=Count("pk", filter=Q(decided_at__isnull=True, share=0, ratings__gte=2)),
    )
    settled = decisions.exclude(rule="").count()
    return Queue(
        open=found["open"],
        held=found["held"],
        decided=found["decided"] - settled,
        settled=settled,
        agreed=found["agreed"],
        questions=_by_question(campaign),
        threads=_by_thread(campaign),
    )


def count_open(campaigns: Collection[int]) -> dict[int, int]:
    """How many disputes wait in each of these campaigns; those without any are absent."""
    waiting = Dispute.objects.filter(campaign__in=campaigns, decided_at__isnull=True, share__gt=0)
    return dict(waiting.order_by().values_list("campaign").annotate(Count("pk")))


def decided_disputes(campaign: Campaign) -> QuerySet[Any]:
    """What was decided, the latest first; ``changed`` says that an annotator saved since."""
    since = Annotation.objects.filter(
        unit=OuterRef("unit"), source=Annotation.Source.HUMAN, saved_at__gt=OuterRef("decided_at")
    )
    return (
        Dispute.objects.filter(campaign=campaign, decided_at__isnull=False)
        .select_related("unit__thread", "unit__comment")
        .defer("unit__thread__raw", *(f"unit__comment__{name}" for name in ("raw", "html")))
        .annotate(changed=Exists(since))
        .order_by("-decided_at", "-pk")
    )


def decisions_on(units: Collection[int]) -> dict[int, Annotation]:
    """The decision on each of these units, with who made it, by the unit's id."""
    made = Annotation.objects.filter(unit__in=units, source=ADJUDICATION)
    return {one.unit_id: one for one in made.select_related("membership__user")}


def dispute_on(campaign: Campaign, unit: int) -> Dispute:
    """The dispute on this unit of the campaign. Raises NotFound where nobody compared answers."""
    found = (
        Dispute.objects.filter(campaign=campaign, unit=unit)
        .select_related("unit__campaign__corpus", "unit__campaign__codebook")
        .select_related("unit__thread", "unit__comment", "membership")
        .first()
    )
    if found is None:
        raise NotFound("No two people have labeled this unit: there is nothing to decide.")
    return found


def shares_of(dispute: Dispute) -> dict[str, float]:
    """The share of pairs that differ, by question; those without a difference are absent."""
    rows = DisputedQuestion.objects.filter(dispute=dispute)
    return dict(rows.values_list("question__key", "share"))


def has_question(campaign: Campaign, key: str) -> bool:
    return Question.objects.filter(codebook=campaign.codebook_id, key=key).exists()


def rule_run(campaign: Campaign, pk: int) -> RuleRun:
    """One run of a rule in this campaign. Raises NotFound."""
    run = RuleRun.objects.filter(campaign=campaign, pk=pk).select_related("campaign").first()
    if run is None:
        raise NotFound(f"No rule {pk} was run in this campaign.")
    return run


def _by_question(campaign: Campaign) -> list[QuestionDisputes]:
    waiting = DisputedQuestion.objects.filter(dispute__in=open_disputes(campaign)).order_by()
    counts = dict(waiting.values_list("question").annotate(Count("pk")))
    asked = questions_of(campaign.codebook_id)
    return [QuestionDisputes(one, counts[one.pk]) for one in asked if one.pk in counts]


def _by_thread(campaign: Campaign) -> list[ThreadDisputes]:
    waiting = open_disputes(campaign).order_by().annotate(thread=F("unit__thread"))
    most = waiting.values_list("thread").annotate(number=Count("pk"))
    counts = dict(most.order_by("-number", "thread")[:TOP_THREADS])
    threads = Thread.objects.defer("raw").in_bulk(list(counts))
    return [ThreadDisputes(threads[pk], number) for pk, number in counts.items()]
