"""How the work goes on, counted in the database: by day, by person, by label.

What was skipped because it harms counts nowhere: nobody is measured by that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from annotations.agreement.weighing import wilson
from annotations.models import Annotation, Answer, Assignment, Campaign, Membership, Question, Unit
from annotations.selectors.codebooks import questions_of
from annotations.selectors.members import members_of
from annotations.selectors.pace import Pace

MOST_DAYS = 400
COUNTED = (
    *(Question.Kind.SINGLE_LABEL, Question.Kind.MULTI_LABEL),
    *(Question.Kind.RATING, Question.Kind.SPAN),
)


@dataclass(frozen=True)
class Day:
    """``done`` are the labels set on the day, ``together`` those up to its end."""

    day: date
    done: int
    together: int


@dataclass(frozen=True)
class Score:
    """The mean score of ``count`` units with a known answer, with its 95 % interval by Wilson."""

    mean: float
    count: int

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.mean, self.count)


@dataclass(frozen=True)
class Person:
    """``seconds`` are those of all submitted units; ``skipped_rate`` is of what was settled."""

    membership: Membership
    done: int
    skipped: int
    flagged: int
    seconds: float
    seen_at: datetime | None
    pace: Pace | None
    check: Score | None
    test: Score | None

    @property
    def skipped_rate(self) -> float | None:
        settled = self.done + self.skipped
        return self.skipped / settled if settled else None


@dataclass(frozen=True)
class Given:
    """How often people gave a label, or a rating: together, and by the n of An."""

    key: str
    title: str
    count: int
    by_person: dict[int, int]


@dataclass(frozen=True)
class Labels:
    """The labels of a question. ``answered``: annotations with an answer, by the n of An."""

    question: Question
    given: list[Given]
    answered: dict[int, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.answered.values())


def days_of(campaign: Campaign) -> list[Day]:
    """The days from the first label on, the newest ``MOST_DAYS`` of them, without gaps."""
    slots = _slots(campaign).filter(state=Assignment.State.SUBMITTED, changed_at__isnull=False)
    counted = slots.values_list(TruncDate("changed_at")).annotate(Count("pk"))
    found = {day: count for day, count in counted if day is not None}
    if not found:
        return []
    first, last = min(found), max(found)
    days, together = [], 0
    for place in range((last - first).days + 1):
        day = first + timedelta(days=place)
        together += found.get(day, 0)
        days.append(Day(day, found.get(day, 0), together))
    return days[-MOST_DAYS:]


def wanted_labels(campaign: Campaign) -> int:
    """How many labels the sample wants, less those that were skipped."""
    skipped = Assignment.State.SKIPPED
    return _slots(campaign).exclude(state=skipped).count()


def people_of(campaign: Campaign, found: dict[int, Pace]) -> list[Person]:
    """Every annotator, and everybody else who has labeled, by number; ``found`` are the paces."""
    work = _work(campaign)
    scores = _scores(campaign)
    people = []
    for member in members_of(campaign).order_by("number"):
        if member.pk not in work and member.role != Membership.Role.ANNOTATOR:
            continue
        told = work.get(member.pk, {})
        people.append(
            Person(
                membership=member,
                done=told.get("done", 0),
                skipped=told.get("skipped", 0),
                flagged=told.get("flagged", 0),
                seconds=told.get("seconds") or 0,
                seen_at=told.get("seen_at"),
                pace=found.get(member.pk),
                check=scores.get((member.pk, Unit.Purpose.CHECK)),
                test=scores.get((member.pk, Unit.Purpose.TEST)),
            )
        )
    return people


def labels_of(campaign: Campaign) -> list[Labels]:
    """How often each label was given, by question and person; numbers and texts are not counted."""
    questions = [one for one in questions_of(campaign.codebook_id) if one.kind in COUNTED]
    answers = _answers(campaign, questions)
    numbers = dict(campaign.memberships.values_list("pk", "number"))
    answered: dict[int, dict[int, int]] = defaultdict(dict)
    by_person = answers.values_list("question", "annotation__membership")
    for question, member, count in by_person.annotate(Count("annotation", distinct=True)):
        answered[question][numbers[member]] = count
    counts: dict[tuple[int, Any], dict[int, int]] = defaultdict(dict)
    by_value = answers.values_list("question", "label", "number", "annotation__membership")
    for question, label, rating, member, count in by_value.annotate(Count("pk")):
        counts[question, label if rating is None else rating][numbers[member]] = count
    return [
        Labels(question, _given(question, counts), answered.get(question.pk, {}))
        for question in questions
    ]


def _given(question: Question, counts: dict[tuple[int, Any], dict[int, int]]) -> list[Given]:
    if question.kind == Question.Kind.RATING:
        values = sorted(value for pk, value in counts if pk == question.pk)
        named = [(value, f"{value:g}", f"{value:g}") for value in values]
    else:
        named = [(label.pk, label.key, label.title) for label in question.labels.all()]
        named = named or [(None, "", question.title)]
    found = []
    for value, key, title in named:
        people = counts.get((question.pk, value), {})
        found.append(Given(key, title, sum(people.values()), people))
    return found


def _slots(campaign: Campaign) -> QuerySet[Assignment]:
    return Assignment.objects.filter(campaign=campaign, purpose=Unit.Purpose.STUDY).order_by()


def _by_people(campaign: Campaign) -> QuerySet[Annotation]:
    return Annotation.objects.filter(
        unit__campaign=campaign,
        unit__purpose=Unit.Purpose.STUDY,
        source=Annotation.Source.HUMAN,
        harmful=False,
    ).order_by()


def _answers(campaign: Campaign, questions: Iterable[Question]) -> QuerySet[Answer]:
    return Answer.objects.filter(
        question__in=[one.pk for one in questions],
        annotation__unit__campaign=campaign,
        annotation__unit__purpose=Unit.Purpose.STUDY,
        annotation__source=Annotation.Source.HUMAN,
        annotation__state=Annotation.State.SUBMITTED,
    ).order_by()


def _work(campaign: Campaign) -> dict[int, dict[str, Any]]:
    """What each member has done, by membership."""
    submitted = Q(state=Annotation.State.SUBMITTED)
    rows = (
        _by_people(campaign)
        .values("membership")
        .annotate(
            done=Count("pk", filter=submitted),
            skipped=Count("pk", filter=Q(state=Annotation.State.SKIPPED)),
            flagged=Count("pk", filter=Q(flagged=True)),
            seconds=Sum("seconds", filter=submitted),
            seen_at=Max("saved_at"),
        )
    )
    return {row["membership"]: dict(row) for row in rows}


def _scores(campaign: Campaign) -> dict[tuple[int, str], Score]:
    """The mean score of each member in checks and in the test."""
    known = Assignment.objects.filter(
        campaign=campaign,
        purpose__in=(Unit.Purpose.CHECK, Unit.Purpose.TEST),
        score__isnull=False,
    ).order_by()
    rows = known.values_list("membership", "purpose").annotate(Avg("score"), Count("pk"))
    return {
        (member, purpose): Score(mean, count)
        for member, purpose, mean, count in rows
        if member is not None and mean is not None
    }
