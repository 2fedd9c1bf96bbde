"""What would become of a campaign's labels under a newer version of its codebook."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When

from annotations.codebooks.carrying import LABELED, Carrying, Route, carrying
from annotations.errors import NotFound
from annotations.models import (
    Annotation,
    Answer,
    Campaign,
    Codebook,
    Job,
    Question,
    Recoding,
    Unit,
    User,
)
from annotations.permissions import ROLES_WITH, campaigns_with
from annotations.selectors.codebooks import questions_of, versions_between

NUMBERS = (Question.Kind.RATING, Question.Kind.NUMBER)


@dataclass(frozen=True)
class Flow:
    """``answers`` answers to one question, with one label where it has some, and what they become.

    ``to_question`` is None where they are dropped, or where nobody said what becomes of them
    (``stuck``).
    """

    question: str
    label: str
    to_question: str | None
    to_label: str
    answers: int
    stuck: bool = False

    @property
    def changed(self) -> bool:
        return (self.question, self.label) != (self.to_question, self.to_label)


@dataclass(frozen=True)
class Missing:
    """``annotations`` annotations that can go back lack an answer to a question that needs one."""

    question: str
    title: str
    annotations: int


@dataclass(frozen=True)
class RecodingPlan:
    """What a recoding would do; with ``obstacles`` (sentences) it cannot begin."""

    before: Codebook
    after: Codebook
    carrying: Carrying
    annotations: int
    flows: list[Flow]
    missing: list[Missing]
    obstacles: list[str] = field(default_factory=list)


def newer_versions(campaign: Campaign) -> QuerySet[Codebook]:
    """The versions that the campaign could go on with, the newest first."""
    current = campaign.codebook
    newer = Codebook.objects.filter(key=current.key, version__gt=current.version)
    return newer.defer("source", "guidelines", "translations").order_by("-version")


def newer_version(campaign: Campaign, version: int) -> Codebook:
    """Raises NotFound unless it is a newer version of the campaign's codebook."""
    found = Codebook.objects.filter(key=campaign.codebook.key, version=version).first()
    if found is None or found.version <= campaign.codebook.version:
        raise NotFound(
            f"{campaign.codebook.key} has no version {version} that is newer than version "
            f"{campaign.codebook.version}, which the campaign has."
        )
    return found


def recodings_of(campaign: Campaign) -> QuerySet[Recoding]:
    """The newest first."""
    return campaign.recodings.select_related("before", "after", "campaign").order_by("-id")


def readable_recoding(user: User, pk: int) -> Recoding:
    """Raises NotFound where the user does not manage the campaign."""
    managed = campaigns_with(user, "campaign.manage").values("pk")
    rows = Recoding.objects.select_related("before", "after", "campaign")
    found = rows.filter(campaign__in=managed, pk=pk).first()
    if found is None:
        raise NotFound(f"There is no recoding {pk} that you may see.")
    return found


def unfinished_recoding(campaign: Campaign) -> Recoding | None:
    states = (Job.State.QUEUED, Job.State.RUNNING)
    return campaign.recodings.filter(state__in=states).first()


def can_go_back(campaign: Campaign) -> QuerySet[Annotation]:
    """The submitted labels of the campaign's sample whose annotators may still label.

    Checks, repeats and the like stay as they were said, and so does what a model, a gold answer, a
    decision, or somebody gone says.
    """
    return Annotation.objects.filter(
        unit__campaign=campaign,
        unit__purpose=Unit.Purpose.STUDY,
        source=Annotation.Source.HUMAN,
        state=Annotation.State.SUBMITTED,
        membership__user__isnull=False,
        membership__role__in=ROLES_WITH["annotation.write"],
    )


def recoding_plan(
    campaign: Campaign, after: Codebook, *, takes_number: Callable[[Question, float], bool]
) -> RecodingPlan:
    """What becomes of each answer, counted in the database.

    ``takes_number`` says whether a number can answer a question. Raises Conflict where the newer
    version does not follow the campaign's.
    """
    before = campaign.codebook
    carried = carrying(versions_between(before, after))
    old, new = questions_of(before.pk), questions_of(after.pk)
    answers = Answer.objects.filter(annotation__unit__campaign=campaign)
    flows = list(_flows(carried, answers))
    obstacles = [*_stuck(carried, flows, after)]
    obstacles += _numbers_outside(carried, old, new, answers, takes_number)
    obstacles += _several_for_one(carried, old, new, answers)
    return RecodingPlan(
        before=before,
        after=after,
        carrying=carried,
        annotations=Annotation.objects.filter(unit__campaign=campaign).count(),
        flows=flows,
        missing=list(_missing(campaign, carried, new)),
        obstacles=obstacles,
    )


def _flows(carried: Carrying, answers: QuerySet[Answer]) -> Iterator[Flow]:
    order = ("question__position", "question__key", "label__position", "label__key")
    counted = answers.values(*order).annotate(answers=Count("id")).order_by(*order)
    for row in counted:
        key, label, count = row["question__key"], row["label__key"] or "", row["answers"]
        route = carried.routes.get(key)
        if route is None:
            yield Flow(key, label, None, "", count, stuck=key not in carried.dropped)
        elif not label:
            yield Flow(key, label, route.question, "", count)
        elif label not in route.labels:
            yield Flow(key, label, None, "", count, stuck=True)
        else:
            becomes = route.labels[label]
            yield Flow(key, label, route.question if becomes else None, becomes or "", count)


def _stuck(carried: Carrying, flows: list[Flow], after: Codebook) -> Iterator[str]:
    told = set()
    for flow in flows:
        if not flow.stuck:
            continue
        reason = carried.stuck.get(flow.question)
        if reason is None:
            yield (
                f"`{flow.label}` of `{flow.question}` stands in {flow.answers:,} answers, and "
                f"version {after.version} does not say what becomes of it: name it in `map`."
            )
        elif flow.question not in told:
            told.add(flow.question)
            yield reason


def _numbers_outside(
    carried: Carrying,
    old: list[Question],
    new: list[Question],
    answers: QuerySet[Answer],
    takes_number: Callable[[Question, float], bool],
) -> Iterator[str]:
    for question, becomes in _pairs(carried, old, new):
        if question.kind not in NUMBERS or _same_range(question, becomes):
            continue
        given = answers.filter(question=question, number__isnull=False).order_by("number")
        numbers = given.values_list("number", flat=True).distinct()
        outside = [n for n in numbers.iterator() if n is not None and not takes_number(becomes, n)]
        if outside:
            some = ", ".join(f"{number:g}" for number in outside[:5])
            yield f"`{becomes.key}` does not take {some}, which `{question.key}` was answered with."


def _several_for_one(
    carried: Carrying, old: list[Question], new: list[Question], answers: QuerySet[Answer]
) -> Iterator[str]:
    for question, becomes in _pairs(carried, old, new):
        many, one = question.kind == Question.Kind.MULTI_LABEL, Question.Kind.SINGLE_LABEL
        if not many or becomes.kind != one:
            continue
        labels = carried.routes[question.key].labels
        cases = [When(label__key=key, then=Value(to)) for key, to in labels.items() if to]
        different = Count(Case(*cases, default=None), distinct=True)
        given = answers.filter(question=question).values("annotation")
        several = given.annotate(n=different).filter(n__gt=1).order_by().count()
        if several:
            yield (
                f"`{becomes.key}` takes one label, and {several:,} annotations have several for "
                f"`{question.key}`."
            )


def _pairs(
    carried: Carrying, old: list[Question], new: list[Question]
) -> Iterator[tuple[Question, Question]]:
    by_key = {question.key: question for question in new}
    for question in old:
        route = carried.routes.get(question.key)
        if route is not None:
            yield question, by_key[route.question]


def _same_range(old: Question, new: Question) -> bool:
    fields = ("kind", "minimum", "maximum", "step")
    return all(getattr(old, name) == getattr(new, name) for name in fields)


def _missing(campaign: Campaign, carried: Carrying, new: list[Question]) -> Iterator[Missing]:
    submitted = can_go_back(campaign)
    ways = {route.question: (key, route) for key, route in carried.routes.items()}
    for question in new:
        if not question.required:
            continue
        of_unit = submitted.filter(unit__comment__isnull=question.unit == Question.Unit.THREAD)
        lacking = of_unit.filter(_asked(question, ways, new) & ~_answered(question, ways))
        if count := lacking.count():
            yield Missing(question.key, question.title, count)


Ways = dict[str, tuple[str, Route]]


def _asked(question: Question, ways: Ways, new: list[Question]) -> Q:
    """Whether an annotation's answers, once carried on, lead to the question."""
    condition = question.depends_on
    if condition is None:
        return Q(pk__isnull=False)
    (earlier,) = (other for other in new if other.pk == condition.pk)
    return _answered(earlier, ways, question.depends_labels) & _asked(earlier, ways, new)


def _answered(question: Question, ways: Ways, among: Collection[str] | None = None) -> Q:
    """Whether an annotation has an answer that is carried on to the question."""
    if question.key not in ways:
        return Q(pk__isnull=True)
    key, route = ways[question.key]
    own: dict[str, Any] = {"annotation": OuterRef("pk"), "question__key": key}
    if question.kind in LABELED:
        wanted = [
            old
            for old, becomes in route.labels.items()
            if becomes is not None and (among is None or becomes in among)
        ]
        own["label__key__in"] = wanted
    return Q(Exists(Answer.objects.filter(**own)))
