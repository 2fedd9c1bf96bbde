"""A campaign goes on with a newer version of its codebook: all its labels are carried on.

All of it happens in one transaction, so nobody ever reads a campaign that is half recoded: killed,
cancelled or failed, nothing has happened, and another attempt begins anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from annotations.codebooks.carrying import Carrying
from annotations.errors import Conflict
from annotations.models import (
    Annotation,
    Answer,
    Assignment,
    Campaign,
    Codebook,
    DisputedQuestion,
    Label,
    Question,
    Recoding,
    Revision,
    User,
)
from annotations.selectors.answers import answers_from
from annotations.selectors.codebooks import for_unit, questions_of
from annotations.selectors.recoding import (
    RecodingPlan,
    can_go_back,
    recoding_plan,
    unfinished_recoding,
)
from annotations.services.answers import is_asked, takes_number
from annotations.services.audit import Act, note_act
from annotations.services.changes import note_annotations
from annotations.services.events import tell_adjudicated
from annotations.services.running_job import RunningJob

CHUNK = 500
NAMES = UUID("6f1f5c0e-7a39-4d0c-9a55-3b1f8c2d7e10")
COUNTED = ("annotations", "answers", "changed", "merged", "dropped", "reopened")
"""What a recoding counts: annotations gone through; answers that they have now; answers that say
another question or label than before; answers that became the same as another of the annotation;
answers that were not carried on; units that went back to their annotators."""

SAID = (
    *("state", "text_revision", "note", "flagged", "skip_reason", "harmful"),
    *("confidence", "seconds", "context"),
)


def preview_recoding(*, campaign: Campaign, after: Codebook) -> RecodingPlan:
    """What a recoding would do; changes nothing."""
    return recoding_plan(campaign, after, takes_number=takes_number)


@transaction.atomic
def start_recoding(
    *, campaign: Campaign, after: Codebook, reopen: bool = False, user: User | None, now: datetime
) -> Recoding:
    """A waiting recoding, which the caller enqueues.

    Raises Conflict while the campaign is open, while another recoding of it has not ended, for a
    version that is not a newer one of its codebook, and where labels would go nowhere.
    """
    campaign = _locked(campaign.pk)
    if unfinished_recoding(campaign) is not None:
        raise Conflict(f"{campaign.name} is being recoded already: wait for the end of that.")
    before = campaign.codebook
    if after.key != before.key or after.version <= before.version:
        raise Conflict(f"{after} is not a newer version of {before}, which {campaign.name} has.")
    plan = _possible_plan(campaign, after)
    recoding = Recoding.objects.create(
        campaign=campaign,
        before=before,
        after=after,
        reopen=reopen,
        mapping=plan.carrying.as_json(),
        created_by=user,
        created_at=now,
    )
    versions = {"before": before.version, "after": after.version}
    note_act(act=Act.RECODING_STARTED, about=recoding, details=versions, now=now)
    return recoding


def recode(running: RunningJob[Recoding]) -> dict[str, Any]:
    """Carry all annotations of the campaign on, and return what the finished row says of it.

    Raises Conflict where the campaign was opened meanwhile or labels would go nowhere.
    """
    with transaction.atomic():
        job = Recoding.objects.get(pk=running.job.pk)
        campaign = _locked(job.campaign_id)
        if job.counts:
            return {"counts": job.counts}
        if campaign.codebook_id != job.before_id:
            raise Conflict(f"{campaign.name} has another codebook by now: start a new recoding.")
        plan = _possible_plan(campaign, job.after)
        counts = _Recoder(job, campaign, plan.carrying).run(running, plan.annotations)
        _carry_disputes(campaign, job, plan.carrying)
        campaign.codebook = job.after
        campaign.disputes_measured_at = None
        campaign.save(update_fields=["codebook", "disputes_measured_at"])
        Recoding.objects.filter(pk=job.pk).update(counts=counts)
        running.check()
    return {"counts": counts}


def _locked(pk: int) -> Campaign:
    """The campaign as it is now; nobody opens it or suggests labels before this is over."""
    rows = Campaign.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("codebook").get(pk=pk)


def _possible_plan(campaign: Campaign, after: Codebook) -> RecodingPlan:
    if campaign.state == Campaign.State.OPEN:
        raise Conflict(
            f"{campaign.name} is open, and labels must not change while people work: pause it "
            "first, and open it again when the recoding is done."
        )
    plan = preview_recoding(campaign=campaign, after=after)
    if plan.obstacles:
        raise Conflict("\n".join(plan.obstacles), fields={"version": plan.obstacles})
    return plan


@dataclass
class _Carried:
    """An annotation with its answers under the new version, not yet saved."""

    annotation: Annotation
    before: list[Answer]
    rows: list[Answer]
    reopened: bool


class _Recoder:
    """Carries the annotations of one recoding on, a chunk at a time in the order of their ids."""

    def __init__(self, job: Recoding, campaign: Campaign, carrying: Carrying) -> None:
        self.job = job
        self.campaign = campaign
        self.carrying = carrying
        self.now = timezone.now()
        self.questions = questions_of(job.after_id)
        self.by_key = {question.key: question for question in self.questions}
        self.labels = {
            (question.key, label.key): label
            for question in self.questions
            for label in question.labels.all()
        }
        self.counts = dict.fromkeys(COUNTED, 0)

    def run(self, running: RunningJob[Recoding], total: int) -> dict[str, int]:
        running.progress(0, total)
        for chunk in self._chunks():
            may_go = self._may_go_back(chunk)
            carried = [self._carry(annotation, annotation.pk in may_go) for annotation in chunk]
            self._store(carried)
            self.counts["annotations"] += len(chunk)
            done = self.counts["annotations"]
            running.progress(done, max(done, total))
        return self.counts

    def _chunks(self) -> Iterator[list[Annotation]]:
        last = 0
        rows = (
            Annotation.objects.filter(unit__campaign=self.campaign)
            .select_related("unit")
            .defer("unit__campaign")
            .prefetch_related("answers__question", "answers__label")
            .order_by("pk")
        )
        while chunk := list(islice(rows.filter(pk__gt=last)[:CHUNK], CHUNK)):
            yield chunk
            last = chunk[-1].pk

    def _may_go_back(self, chunk: Sequence[Annotation]) -> set[int]:
        """Those of the chunk that go back if they lack an answer, where that is wanted."""
        if not self.job.reopen:
            return set()
        pks = [annotation.pk for annotation in chunk]
        found = can_go_back(self.campaign).filter(pk__in=pks)
        return set(found.values_list("pk", flat=True))

    def _carry(self, annotation: Annotation, may_go: bool) -> _Carried:
        before = list(annotation.answers.all())
        rows = self._rows(before)
        kind = Question.Unit.COMMENT if annotation.unit.comment_id else Question.Unit.THREAD
        asked = self._only_asked(rows)
        self.counts["answers"] += len(asked)
        self.counts["dropped"] += len(rows) - len(asked)
        reopened = may_go and self._lacks_some(answers_from(asked), kind)
        self.counts["reopened"] += reopened
        return _Carried(annotation, before, asked, reopened)

    def _rows(self, before: Sequence[Answer]) -> list[Answer]:
        """The answers as rows of the new version, in its order; what became one stands once."""
        found: dict[tuple[Any, ...], Answer] = {}
        for answer in before:
            row = self._row(answer)
            if row is None:
                self.counts["dropped"] += 1
                continue
            place = (row.question_id, row.label_id, row.start, row.end, row.related_id)
            self.counts["merged"] += place in found
            found.setdefault(place, row)
            self.counts["changed"] += _says_other(answer, row)
        return sorted(found.values(), key=lambda row: (row.question.position, _order(row)))

    def _row(self, answer: Answer) -> Answer | None:
        route = self.carrying.routes.get(answer.question.key)
        if route is None:
            return None
        question, label = self.by_key[route.question], None
        if answer.label is not None:
            becomes = route.labels.get(answer.label.key)
            if becomes is None:
                return None
            label = self.labels[question.key, becomes]
        return _copy(answer, question, label)

    def _only_asked(self, rows: list[Answer]) -> list[Answer]:
        """Those that the new version asks for after these answers, each in its place."""
        answers = answers_from(rows)
        asked = [row for row in rows if is_asked(row.question, answers)]
        places: dict[int, int] = defaultdict(int)
        for row in asked:
            row.position = places[row.question_id]
            places[row.question_id] += 1
        return asked

    def _lacks_some(self, answers: Mapping[str, Any], kind: str) -> bool:
        """Whether a required question that these answers lead to has none among them."""
        return any(
            question.required and question.key not in answers and is_asked(question, answers)
            for question in for_unit(self.questions, kind)
        )

    def _store(self, carried: list[_Carried]) -> None:
        revisions = self._unwritten(carried)
        for one in carried:
            one.annotation.revision += 1
            if one.reopened:
                one.annotation.state = Annotation.State.DRAFT
            for row in one.rows:
                row.annotation = one.annotation
        annotations = [one.annotation.pk for one in carried]
        reopened = [one.annotation.pk for one in carried if one.reopened]
        Annotation.objects.filter(pk__in=annotations).update(revision=F("revision") + 1)
        Annotation.objects.filter(pk__in=reopened).update(
            state=Annotation.State.DRAFT, submitted_at=None
        )
        Answer.objects.filter(annotation__in=annotations).delete()
        Answer.objects.bulk_create(row for one in carried for row in one.rows)
        Revision.objects.bulk_create([*revisions, *map(self._revision, carried)])
        note_annotations(campaign=self.campaign, annotations=annotations, now=self.now)
        self._give_back([one.annotation for one in carried if one.reopened])
        decided = [
            (one.annotation, one.annotation.unit)
            for one in carried
            if one.annotation.source == Annotation.Source.ADJUDICATION
        ]
        if decided:
            tell_adjudicated(campaign=self.campaign, decisions=decided, by="recoding", now=self.now)

    def _unwritten(self, carried: list[_Carried]) -> list[Revision]:
        """What annotations without any revision say, so that nothing is lost with their answers."""
        pks = [one.annotation.pk for one in carried]
        known = Revision.objects.filter(annotation__in=pks, aside=False)
        written = set(known.values_list("annotation_id", flat=True))
        return [
            _revision(one.annotation, one.before, "before", one.annotation.saved_at)
            for one in carried
            if one.annotation.pk not in written
        ]

    def _revision(self, one: _Carried) -> Revision:
        versions = {"from": self.job.before.version, "to": self.job.after.version}
        revision = _revision(one.annotation, one.rows, str(self.job.pk), self.now)
        revision.content["recoded"] = {**versions, "recoding": self.job.pk}
        return revision

    def _give_back(self, annotations: list[Annotation]) -> None:
        """The units of these annotations go back to whoever labeled them."""
        units: dict[int, list[int]] = defaultdict(list)
        for annotation in annotations:
            assert annotation.membership_id is not None
            units[annotation.membership_id].append(annotation.unit_id)
        until = self.now + timedelta(minutes=self.campaign.lease_minutes)
        for membership, held in units.items():
            Assignment.objects.filter(
                membership=membership, unit__in=held, state=Assignment.State.SUBMITTED
            ).update(state=Assignment.State.LEASED, leased_until=until, changed_at=self.now)


def _revision(
    annotation: Annotation, rows: list[Answer], name: str, saved_at: datetime
) -> Revision:
    """What the annotation says with these answers; made again it is the same one."""
    said = {field: getattr(annotation, field) for field in SAID}
    return Revision(
        annotation=annotation,
        number=annotation.revision,
        save_id=uuid5(NAMES, f"{name}:{annotation.pk}"),
        state=annotation.state,
        content={**said, "answers": answers_from(rows)},
        saved_at=saved_at,
    )


def _copy(answer: Answer, question: Question, label: Label | None) -> Answer:
    kept = ("position", "number", "text", "start", "end", "quote", "related_id")
    values = {name: getattr(answer, name) for name in kept}
    return Answer(question=question, label=label, **values)


def _says_other(answer: Answer, row: Answer) -> bool:
    labels = (answer.label.key if answer.label else "", row.label.key if row.label else "")
    return answer.question.key != row.question.key or labels[0] != labels[1]


def _order(row: Answer) -> int:
    """Labels that were ticked stand in the order of the codebook, everything else as it stood."""
    if row.question.kind == Question.Kind.MULTI_LABEL and row.label is not None:
        return row.label.position
    return row.position


def _carry_disputes(campaign: Campaign, job: Recoding, carrying: Carrying) -> None:
    """Disagreements are measured anew; until then those on questions that go on still stand."""
    new = {question.key: question for question in questions_of(job.after_id)}
    disputed = DisputedQuestion.objects.filter(dispute__campaign=campaign)
    for question in questions_of(job.before_id):
        route = carrying.routes.get(question.key)
        of_it = disputed.filter(question=question)
        if route is None:
            of_it.delete()
        else:
            of_it.update(question=new[route.question])
