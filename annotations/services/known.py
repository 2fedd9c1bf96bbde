"""Units with known answers: what trains, tests and checks annotators, and is in no dataset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Prefetch

from annotations.agreement.known import SCORED
from annotations.errors import Conflict, InvalidInput
from annotations.models import (
    Annotation,
    Answer,
    Assignment,
    Campaign,
    Comment,
    Question,
    Revision,
    Unit,
)
from annotations.selectors.answers import answers_from
from annotations.selectors.codebooks import for_unit, questions_of
from annotations.services.answers import read_answers
from annotations.services.audit import Act, note_act
from annotations.services.changes import note_annotations
from annotations.services.stages import following_order
from annotations.services.turns import cover_slot

Purpose = Unit.Purpose
PURPOSES = (Purpose.TRAINING, Purpose.TEST, Purpose.CHECK)
MOST = 1_000
LONGEST_REASON = 10_000
NO_COMMENT = "There is no visible comment {comment} in the corpus of this campaign."
TWICE = "The comment {comment} stands in the list twice: only the first is taken."
NOTHING = "The row answers no question."
NOT_SCORED = "A {purpose} needs an answer that can be scored: no text and no relation is."
LABELED = "Somebody labels the comment {comment} already: take another one."
OTHER = "The comment {comment} is for the {purpose} already: take it back there first."
SEEN = "Somebody has seen the comment {comment} already: its known answer cannot change."


@dataclass(frozen=True)
class Known:
    """What is right for the comment with this id; ``reason`` is told after a training unit."""

    comment: int
    answers: Mapping[str, Any]
    reason: str = ""


@dataclass(frozen=True)
class RefusedKnown:
    comment: int
    message: str


@dataclass
class KnownAdded:
    """How many are new, how many of those were free units of the sample, how many say something
    else now, and which were refused."""

    created: int = 0
    from_sample: int = 0
    updated: int = 0
    refused: list[RefusedKnown] = field(default_factory=list)


@transaction.atomic
def add_known_units(
    *, campaign: Campaign, purpose: str, known: Sequence[Known], now: datetime
) -> KnownAdded:
    """Make comments of the corpus known units of this purpose.

    A free unit of the sample becomes one, and loses its slots; any other comment becomes a unit
    beyond the sample. The same again changes nothing; other answers replace those that nobody has
    seen yet. What cannot be taken is refused by itself. Raises Conflict for a closed campaign, and
    InvalidInput for another purpose or more than 1,000.
    """
    if purpose not in PURPOSES:
        raise InvalidInput(f"A known unit is for {', '.join(PURPOSES)}, not for {purpose!r}.")
    if len(known) > MOST:
        raise InvalidInput(f"At most {MOST:,} known answers are taken at once.")
    locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if locked.state == Campaign.State.CLOSED:
        raise Conflict(f"{campaign.name} is closed: it takes no known answers any more.")
    adding = _Adding(locked, purpose, known, now)
    for number, one in enumerate(known):
        adding.add(one, twice=one.comment in {other.comment for other in known[:number]})
    note_annotations(campaign=locked, annotations=adding.written, now=now)
    details = {"purpose": purpose, "known": len(known)}
    note_act(act=Act.KNOWN_CHANGED, about=locked, details=details, now=now)
    return adding.told


@transaction.atomic
def take_back_known_unit(*, campaign: Campaign, unit: Unit, now: datetime) -> None:
    """Undo that the unit has a known answer: one of the sample is free again.

    It gets as many slots as it had, or as each unit has by now. Raises Conflict where somebody has
    seen it.
    """
    locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    unit = Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    if Assignment.objects.filter(unit=unit).exists():
        raise Conflict("Somebody has seen this unit already: it stays what it is.")
    gold = Annotation.objects.filter(unit=unit, source=Annotation.Source.GOLD).first()
    if gold is None or gold.state != Annotation.State.SUBMITTED:
        raise Conflict("This unit has no known answer that could be taken back.")
    gold.state, gold.submitted_at = Annotation.State.DRAFT, None
    _say(gold, [*gold.answers.select_related("question", "label").all()], now, rewrite=False)
    note_annotations(campaign=locked, annotations=[gold.pk], now=now)
    note_act(act=Act.KNOWN_CHANGED, about=locked, details={"taken_back": unit.pk}, now=now)
    if unit.overlap:
        _back_to_the_sample(locked, unit, now)


def _back_to_the_sample(campaign: Campaign, unit: Unit, now: datetime) -> None:
    unit.purpose, unit.overlap = Purpose.STUDY, max(unit.overlap, campaign.overlap)
    unit.save(update_fields=["purpose", "overlap"])
    language = unit.comment.language if unit.comment else ""
    slots = Assignment.objects.bulk_create(
        Assignment(campaign=campaign, unit=unit, slot=slot, order=unit.order, language=language)
        for slot in range(1, unit.overlap + 1)
    )
    for slot in slots:
        cover_slot(slot=slot, now=now)


class _Adding:
    """One list of known answers on its way into a campaign, whose row is locked."""

    def __init__(
        self, campaign: Campaign, purpose: str, known: Sequence[Known], now: datetime
    ) -> None:
        self.campaign, self.purpose, self.now = campaign, purpose, now
        self.told = KnownAdded()
        self.written: list[int] = []
        self.order = following_order(campaign.pk)
        self.asked = for_unit(questions_of(campaign.codebook_id), Question.Unit.COMMENT)
        ids = {one.comment for one in known if 0 <= one.comment < 2**63}
        unread = ("raw", "html", "blocks", "links")
        comments = Comment.objects.filter(
            corpus=campaign.corpus_id,
            kind=Comment.Kind.COMMENT,
            status=Comment.Status.VISIBLE,
            pk__in=ids,
        ).defer(*unread)
        self.comments = {comment.pk: comment for comment in comments}
        self.related = _threads_of_related(known)
        gold = Annotation.objects.filter(source=Annotation.Source.GOLD).prefetch_related(
            "answers__question", "answers__label"
        )
        units = Unit.objects.filter(campaign=campaign, comment__in=ids, repeat_of__isnull=True)
        # Locked, so that none of them is given to anybody as what it will not be any more.
        rows = units.select_for_update(no_key=True, of=("self",)).order_by("pk")
        found = list(rows.prefetch_related(Prefetch("annotations", gold, to_attr="gold")))
        self.units: dict[int, Any] = {unit.comment_id: unit for unit in found if unit.comment_id}
        slots = Assignment.objects.filter(unit__in=found)
        self.slots = Counter(slots.values_list("unit", flat=True))
        # Whoever takes one in this moment has locked it: it is not waited for, and not free.
        free = slots.filter(state=Assignment.State.PENDING).select_for_update(
            skip_locked=True, of=("self",)
        )
        self.free = Counter(free.values_list("unit", flat=True))
        said = Annotation.objects.filter(unit__in=found).exclude(
            source__in=(Annotation.Source.GOLD, Annotation.Source.MODEL)
        )
        self.labeled = set(said.values_list("unit", flat=True))

    def add(self, one: Known, *, twice: bool) -> None:
        try:
            if twice:
                raise InvalidInput(TWICE.format(comment=one.comment))
            comment = self.comments.get(one.comment)
            if comment is None:
                raise InvalidInput(NO_COMMENT.format(comment=one.comment))
            rows = self._rows(one, comment)
            self._store(one, comment, rows)
        except InvalidInput as error:
            self.told.refused.append(RefusedKnown(one.comment, error.message))

    def _rows(self, one: Known, comment: Comment) -> list[Answer]:
        """Unsaved answers. Raises InvalidInput."""
        if len(one.reason) > LONGEST_REASON or "\0" in one.reason:
            raise InvalidInput(f"A reason is a text of at most {LONGEST_REASON:,} characters.")
        rows = read_answers(
            questions=self.asked,
            answers=one.answers,
            text=comment.text,
            related_ids=lambda ids: {
                pk for pk in ids if self.related.get(pk) == comment.thread_id and pk != comment.pk
            },
            complete=False,
        )
        if not rows:
            raise InvalidInput(NOTHING)
        if self.purpose != Purpose.TRAINING and not any(
            row.question.kind in SCORED for row in rows
        ):
            raise InvalidInput(NOT_SCORED.format(purpose=self.purpose))
        return rows

    def _store(self, one: Known, comment: Comment, rows: list[Answer]) -> None:
        unit = self.units.get(comment.pk)
        if unit is None:
            unit = self._beyond_the_sample(comment)
            self.told.created += 1
        elif unit.purpose == Purpose.STUDY:
            self._from_the_sample(unit, comment)
            self.told.created += 1
            self.told.from_sample += 1
        elif self._changes(unit, one, rows):
            self.told.updated += 1
        else:
            return
        gold = next(iter(getattr(unit, "gold", ())), None) or Annotation(
            unit=unit, source=Annotation.Source.GOLD, revision=0, created_at=self.now
        )
        gold.state, gold.submitted_at = Annotation.State.SUBMITTED, self.now
        gold.reason, gold.text_revision = one.reason, comment.text_revision
        _say(gold, rows, self.now)
        self.written.append(gold.pk)

    def _changes(self, unit: Any, one: Known, rows: list[Answer]) -> bool:
        """Whether the row says something new of a known unit. Raises InvalidInput where it may
        not."""
        gold: Annotation | None = next(iter(unit.gold), None)
        stands = gold is not None and gold.state == Annotation.State.SUBMITTED
        if stands and unit.purpose != self.purpose:
            raise InvalidInput(OTHER.format(comment=one.comment, purpose=unit.purpose))
        if gold is not None and stands and _says(gold, one, rows):
            return False
        if self.slots[unit.pk]:
            raise InvalidInput(SEEN.format(comment=one.comment))
        if unit.purpose != self.purpose:
            unit.purpose = self.purpose
            unit.save(update_fields=["purpose"])
        return True

    def _from_the_sample(self, unit: Unit, comment: Comment) -> None:
        if unit.pk in self.labeled or self.free[unit.pk] < self.slots[unit.pk]:
            raise InvalidInput(LABELED.format(comment=comment.pk))
        Assignment.objects.filter(unit=unit).delete()
        unit.purpose = self.purpose
        unit.save(update_fields=["purpose"])

    def _beyond_the_sample(self, comment: Comment) -> Unit:
        unit = Unit.objects.create(
            campaign=self.campaign,
            thread_id=comment.thread_id,
            comment=comment,
            purpose=self.purpose,
            overlap=0,
            order=self.order,
        )
        self.order += 1
        return unit


def _says(gold: Annotation, one: Known, rows: list[Answer]) -> bool:
    return gold.reason == one.reason and answers_from(gold.answers.all()) == answers_from(rows)


def _threads_of_related(known: Sequence[Known]) -> dict[int, int]:
    """The threads of all comments that answers may relate to, read at once."""
    named = {
        item["comment"]
        for one in known
        for value in one.answers.values()
        if isinstance(value, list)
        for item in value
        if isinstance(item, dict) and type(item.get("comment")) is int
    }
    found = Comment.objects.filter(pk__in={pk for pk in named if 0 <= pk < 2**63})
    return dict(found.values_list("pk", "thread"))


def _say(gold: Annotation, rows: list[Answer], now: datetime, *, rewrite: bool = True) -> None:
    """Store what the annotation says now, as one more revision."""
    gold.revision += 1
    gold.saved_at = now
    gold.save()
    if rewrite:
        gold.answers.all().delete()
        for row in rows:
            row.annotation = gold
        Answer.objects.bulk_create(rows)
    Revision.objects.create(
        annotation=gold,
        number=gold.revision,
        save_id=uuid4(),
        state=gold.state,
        content={
            "state": gold.state,
            "text_revision": gold.text_revision,
            "reason": gold.reason,
            "answers": answers_from(rows),
        },
        saved_at=now,
    )
