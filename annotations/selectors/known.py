"""Known answers: what stands for a unit, and how what an annotator said compares with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from annotations.agreement.known import question_scores
from annotations.models import Annotation, Assignment, Campaign, Question, Unit
from annotations.selectors.answers import WITH_ANSWERS, answers_of
from annotations.selectors.codebooks import questions_of
from annotations.selectors.stages import known_units

Purpose = Unit.Purpose


@dataclass(frozen=True)
class QuestionFeedback:
    """``score`` is None where the kind of question cannot be scored."""

    question: Question
    yours: Any
    right: Any
    score: float | None


@dataclass(frozen=True)
class Feedback:
    """What is told after a unit of the training: each known answer beside one's own, and why."""

    reason: str
    questions: list[QuestionFeedback]


@dataclass(frozen=True)
class KnownCounts:
    training: int = 0
    test: int = 0
    check: int = 0


def known_answers(unit: Unit, membership_id: int | None) -> Mapping[str, Any] | None:
    """What should be said of the unit: gold, or for a repeat what the annotator said before."""
    if unit.repeat_of_id is None:
        gold = gold_of(unit)
        return None if gold is None else answers_of(gold)
    before = Annotation.objects.filter(
        unit=unit.repeat_of_id,
        membership=membership_id,
        source=Annotation.Source.HUMAN,
        state=Annotation.State.SUBMITTED,
    )
    said = before.prefetch_related(*WITH_ANSWERS).first()
    return None if said is None else answers_of(said)


def gold_of(unit: Unit) -> Annotation | None:
    """The known answer that stands. For no annotator's eyes, but as feedback in the training."""
    gold = Annotation.objects.filter(
        unit=unit, source=Annotation.Source.GOLD, state=Annotation.State.SUBMITTED
    )
    return gold.prefetch_related(*WITH_ANSWERS).first()


def kinds_of(codebook_id: int) -> dict[str, str]:
    questions = Question.objects.filter(codebook=codebook_id)
    return dict(questions.order_by().values_list("key", "kind"))


def feedback_on(annotation: Annotation | None, unit: Unit) -> Feedback | None:
    """For a submitted unit of the training; None for every other."""
    if unit.purpose != Purpose.TRAINING or annotation is None:
        return None
    if annotation.state != Annotation.State.SUBMITTED:
        return None
    gold = gold_of(unit)
    return None if gold is None else _feedback(gold, answers_of(annotation), unit.campaign)


def _feedback(gold: Annotation, said: Mapping[str, Any], campaign: Campaign) -> Feedback:
    right = answers_of(gold)
    questions = questions_of(campaign.codebook_id)
    scores = question_scores(right, said, {one.key: one.kind for one in questions})
    told = [
        QuestionFeedback(one, said.get(one.key), right[one.key], scores.get(one.key))
        for one in questions
        if one.key in right
    ]
    return Feedback(gold.reason, told)


def known_of(campaign: Campaign) -> QuerySet[Unit]:
    """The campaign's units with a known answer, each with it as ``annotations.all()``."""
    gold = Annotation.objects.filter(
        source=Annotation.Source.GOLD, state=Annotation.State.SUBMITTED
    ).prefetch_related(*WITH_ANSWERS)
    return (
        known_units(campaign)
        .select_related("comment", "thread")
        .defer("thread__raw", *(f"comment__{name}" for name in ("raw", "html", "blocks", "links")))
        .prefetch_related(Prefetch("annotations", queryset=gold))
        .annotate(seen=Count("assignments"))
    )


def known_counts(campaign: Campaign) -> KnownCounts:
    found = known_units(campaign).order_by().values_list("purpose").annotate(Count("pk"))
    return KnownCounts(**dict(found))


def gold_beside(campaign: Campaign) -> QuerySet[Annotation]:
    """Gold labels that came with the campaign's corpus, for the same codebook, of comments that
    nobody labels in the campaign and that have no known answer in it yet."""
    taken = Assignment.objects.exclude(state=Assignment.State.PENDING)
    used = Unit.objects.filter(
        Exists(taken.filter(unit=OuterRef("pk"))) | ~Q(purpose=Purpose.STUDY),
        campaign=campaign,
        comment=OuterRef("unit__comment"),
    )
    return Annotation.objects.filter(
        ~Exists(used),
        source=Annotation.Source.GOLD,
        state=Annotation.State.SUBMITTED,
        unit__campaign__corpus=campaign.corpus_id,
        unit__campaign__codebook=campaign.codebook_id,
        unit__purpose=Purpose.STUDY,
        unit__comment__isnull=False,
    ).exclude(unit__campaign=campaign)
