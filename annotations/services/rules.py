"""Settling what is clear by a rule: where so many people say the same, nobody need decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from annotations.errors import Conflict, InvalidInput
from annotations.models import (
    Annotation,
    Answer,
    Campaign,
    Dispute,
    Membership,
    Question,
    Revision,
    RuleRun,
    Unit,
    User,
)
from annotations.selectors.codebooks import for_unit, questions_of
from annotations.selectors.disputes import ADJUDICATION, Said, said_of
from annotations.services.adjudication import require_decisions
from annotations.services.answers import is_asked, read_answers
from annotations.services.audit import Act, note_act
from annotations.services.changes import note_annotations
from annotations.services.disputes import value_of
from annotations.services.events import tell_adjudicated
from annotations.services.running_job import RunningJob

BATCH = 200
MOST_COUNTED = 5_000
SUBMITTED = Annotation.State.SUBMITTED


@dataclass(frozen=True, kw_only=True)
class Rule:
    """At least ``least`` people answered, at least the share ``agree`` of them alike (1: all).

    ``questions`` are the keys of those that must be alike and are settled; none: all that are
    asked, but for free texts.
    """

    least: int
    agree: float = 1.0
    questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class RuleCount:
    """``settles`` of ``looked`` undecided units would be settled; ``whole``: none was left out."""

    settles: int
    looked: int
    whole: bool


@dataclass(frozen=True)
class _Settled:
    """The answers that a rule gives a unit, and its words, such as “3 of 3 agree”."""

    unit: Unit
    answers: dict[str, Any]
    words: str


Rows = list[tuple[_Settled, list[Answer]]]


def count_settled(*, campaign: Campaign, rule: Rule, now: datetime) -> RuleCount:
    """What the rule would do now; of the first 5,000 undecided units. Raises InvalidInput."""
    questions = _questions(campaign, rule)
    settles = looked = after = 0
    while looked < MOST_COUNTED:
        batch = list(_candidates(campaign, rule, after, now)[:BATCH])
        if not batch:
            return RuleCount(settles, looked, whole=True)
        settles += len(_settled(batch, questions, rule))
        looked += len(batch)
        after = batch[-1].pk
    return RuleCount(settles, looked, whole=not _candidates(campaign, rule, after, now).exists())


@transaction.atomic
def start_rule(*, membership: Membership, rule: Rule, user: User | None, now: datetime) -> RuleRun:
    """A waiting run of the rule, which the caller enqueues. Raises InvalidInput, Conflict."""
    require_decisions(membership.campaign)
    _questions(membership.campaign, rule)
    run = RuleRun.objects.create(
        campaign=membership.campaign,
        membership=membership,
        least=rule.least,
        agree=rule.agree,
        questions=list(rule.questions),
        created_by=user,
        created_at=now,
    )
    note_act(act=Act.RULE_STARTED, about=run, details={"least": rule.least}, now=now)
    return run


def settle_clear(running: RunningJob[RuleRun]) -> dict[str, Any]:
    """Settle what the rule settles, batch by batch; what was decided meanwhile stays as it is.

    Taken up again it goes on with what is still undecided: what it settled before is decided.
    """
    run = running.job
    rule = Rule(least=run.least, agree=run.agree, questions=tuple(run.questions))
    questions = _questions(run.campaign, rule)
    total = _candidates(run.campaign, rule, 0, running.now()).count()
    settled = _settled_by(run)
    done = after = 0
    while batch := list(_candidates(run.campaign, rule, after, running.now())[:BATCH]):
        settled += _settle(run, [one.pk for one in batch], questions, rule, running.now())
        after, done = batch[-1].pk, done + len(batch)
        running.progress(done, max(done, total))
    return {"settled": settled}


def _settled_by(run: RuleRun) -> int:
    """How many units an earlier attempt at the same run has settled."""
    made = Annotation.objects.filter(
        unit__campaign=run.campaign, source=ADJUDICATION, context__rule_run=run.pk
    )
    return made.count() if run.attempt > 1 else 0


@transaction.atomic
def _settle(
    run: RuleRun, ids: Sequence[int], questions: Sequence[Question], rule: Rule, now: datetime
) -> int:
    """The disputes are locked: who decides one of them by hand at this moment comes first.

    So is the campaign. Raises Conflict where a recoding has carried its answers on meanwhile.
    """
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=run.campaign_id)
    if campaign.codebook_id != run.campaign.codebook_id:
        raise Conflict(
            f"{campaign.name} went on with another version of its codebook: start the rule again."
        )
    locked = Dispute.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    list(locked.values_list("pk", flat=True))
    free = list(_candidates(run.campaign, rule, 0, now).filter(pk__in=ids))
    rows = _rows(questions, _settled(free, questions, rule))
    made = _write(run, rows, now)
    Dispute.objects.filter(unit__in=[one.unit.pk for one, _ in rows]).update(
        decided_at=now, membership=None, held_until=None
    )
    decisions = [(annotation, one.unit) for annotation, (one, _) in zip(made, rows, strict=True)]
    tell_adjudicated(campaign=campaign, decisions=decisions, by="rule", now=now)
    return len(rows)


def _candidates(campaign: Campaign, rule: Rule, after: int, now: datetime) -> QuerySet[Dispute]:
    """Undecided units with enough ratings that nobody is deciding, in the order of disputes."""
    decided = Annotation.objects.filter(unit=OuterRef("unit"), source=ADJUDICATION)
    return (
        Dispute.objects.filter(
            Q(held_until__isnull=True) | Q(held_until__lte=now),
            ~Exists(decided),
            campaign=campaign,
            decided_at__isnull=True,
            ratings__gte=rule.least,
            pk__gt=after,
        )
        .select_related("unit__comment")
        .defer(*(f"unit__comment__{name}" for name in ("raw", "html", "blocks", "links")))
        .order_by("pk")
    )


def _questions(campaign: Campaign, rule: Rule) -> list[Question]:
    """Those that the rule settles, in order, with what they depend on. Raises InvalidInput."""
    if rule.least < 2:
        raise InvalidInput("A rule needs at least 2 people.", fields={"least": ["At least 2."]})
    if not 0.5 < rule.agree <= 1:
        sentence = "More than half must agree, up to all: a share above 0.5 up to 1."
        raise InvalidInput(sentence, fields={"agree": [sentence]})
    asked = [one for one in questions_of(campaign.codebook_id) if one.kind != Question.Kind.TEXT]
    known = {one.key: one for one in asked}
    if unknown := sorted(set(rule.questions) - known.keys()):
        sentence = f"The codebook has no question {unknown[0]!r} that a rule can settle."
        raise InvalidInput(sentence, fields={"questions": [sentence]})
    wanted = set(rule.questions or known)
    for one in reversed(asked):
        if one.key in wanted and one.depends_on:
            wanted.add(one.depends_on.key)
    return [one for one in asked if one.key in wanted]


def _settled(
    disputes: Sequence[Dispute], questions: Sequence[Question], rule: Rule
) -> list[_Settled]:
    said = said_of([one.unit_id for one in disputes])
    found = (_agreed(one.unit, said[one.unit_id], questions, rule) for one in disputes)
    return [one for one in found if one is not None]


def _agreed(
    unit: Unit, said: Sequence[Said], questions: Sequence[Question], rule: Rule
) -> _Settled | None:
    """What so many people say alike; None where one question is not clear.

    A question that depends on another is looked at where the settled answers lead to it, among
    those whose own answers led to it.
    """
    if len(said) < rule.least or any(one.text_revision != _text_revision(unit) for one in said):
        return None
    kind = Question.Unit.COMMENT if unit.comment_id else Question.Unit.THREAD
    answers: dict[str, Any] = {}
    fewest = len(said)
    for question in for_unit(questions, kind):
        if not is_asked(question, answers):
            continue
        asked = [one for one in said if is_asked(question, one.answers)]
        values = Counter(value_of(question, one.answers) for one in asked)
        value, votes = values.most_common(1)[0]
        if votes < rule.agree * len(asked) - 1e-9:
            return None
        fewest = min(fewest, votes if len(asked) == len(said) else fewest)
        if value not in (None, frozenset(), ()):
            answers[question.key] = _answer_of(asked, question, value)
    if not answers:
        return None
    return _Settled(unit, answers, _words(fewest, len(said), rule))


def _answer_of(said: Sequence[Said], question: Question, value: object) -> Any:
    """The answer in the API's shape, as the first of those who agree gave it."""
    agree = (one for one in said if value_of(question, one.answers) == value)
    return next(agree).answers[question.key]


def _words(votes: int, ratings: int, rule: Rule) -> str:
    about = f" on {', '.join(rule.questions)}" if rule.questions else ""
    return f"{votes} of {ratings} agree{about}"[:200]


def _text_revision(unit: Unit) -> int:
    return unit.comment.text_revision if unit.comment else 1


def _rows(questions: Sequence[Question], found: Sequence[_Settled]) -> Rows:
    """The unsaved answers with what they settle; what cannot be taken is left to a person."""
    rows: Rows = []
    for one in found:
        # The same answers were taken before, so the comments that they relate to are known.
        with suppress(InvalidInput):
            taken = read_answers(
                questions=questions,
                answers=one.answers,
                text=one.unit.comment.text if one.unit.comment else "",
                related_ids=lambda ids: ids,
                complete=False,
            )
            rows.append((one, taken))
    return rows


def _write(run: RuleRun, rows: Rows, now: datetime) -> list[Annotation]:
    """The decisions, in the order of the rows."""
    made = Annotation.objects.bulk_create(
        Annotation(
            unit=one.unit,
            source=ADJUDICATION,
            membership=run.membership,
            state=SUBMITTED,
            text_revision=_text_revision(one.unit),
            rule=one.words,
            context={"rule_run": run.pk},
            created_at=now,
            saved_at=now,
            submitted_at=now,
        )
        for one, _ in rows
    )
    for annotation, (_, taken) in zip(made, rows, strict=True):
        for row in taken:
            row.annotation = annotation
    Answer.objects.bulk_create(row for _, taken in rows for row in taken)
    Revision.objects.bulk_create(
        Revision(
            annotation=annotation,
            number=1,
            save_id=uuid4(),
            state=SUBMITTED,
            content={
                "state": SUBMITTED,
                "text_revision": annotation.text_revision,
                "reason": "",
                "rule": annotation.rule,
                "decided_by": run.membership.pseudonym,
                "context": annotation.context,
                "answers": one.answers,
            },
            saved_at=now,
        )
        for annotation, (one, _) in zip(made, rows, strict=True)
    )
    note_annotations(campaign=run.campaign_id, annotations=[one.pk for one in made], now=now)
    return made
