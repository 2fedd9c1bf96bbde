"""Saving what an annotator says of a unit: acknowledged once, kept for ever."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from annotations.errors import Conflict, InvalidInput, RevisionConflict
from annotations.inserting import insert_rows
from annotations.models import (
    Annotation,
    Answer,
    Assignment,
    Codebook,
    Comment,
    Membership,
    Question,
    Revision,
    Unit,
)
from annotations.permissions import UNREAD
from annotations.prepared import Prepared
from annotations.selectors.answers import answers_from, answers_of, keep_answers
from annotations.selectors.codebooks import for_unit, kept_questions
from annotations.services.answers import read_answers
from annotations.services.assignments import (
    add_spare,
    lease,
    remove_spare,
    require_open,
    take_back,
)
from annotations.services.changes import note_annotations
from annotations.services.events import tell_if_finished
from annotations.services.scoring import lock_if_checked, score_unit
from annotations.statements import Statement

State = Annotation.State
SETTLE = Statement(
    "UPDATE assignment SET state = %s, leased_until = %s, changed_at = %s WHERE id = %s"
)
_locked_slot: Prepared[Assignment] = Prepared(
    lambda unit, membership: (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("campaign__codebook")
        .defer(*(f"campaign__{name}" for name in UNREAD))
        .filter(unit=unit, membership=membership)
        .order_by()
    )
)
_of_annotator: Prepared[Annotation] = Prepared(
    lambda unit, membership: Annotation.objects.filter(
        unit=unit, membership=membership, source=Annotation.Source.HUMAN
    )
)
_saved_as: Prepared[int] = Prepared(
    lambda save_id: (
        Revision.objects.filter(save_id=save_id).order_by().values_list("annotation", flat=True)
    )
)


@dataclass(frozen=True, kw_only=True)
class Save:
    """One save as the client sent it.

    ``save_id`` is the client's uuid for it, ``based_on`` the revision that the client had seen
    (0: none, None: whatever stands). ``text_revision`` is the revision of the comment's text that
    was on screen, and ``codebook_version`` the codebook's version, where the client knows them.
    ``seconds`` is the active time on the unit so far, ``context`` what was on screen. ``harmful``
    skips the unit because it harms: somebody else gets it. ``confidence`` is how sure the
    annotator is, from 1 to 3. A save put ``aside`` is kept as a revision, and the annotation goes
    on saying what it says.
    """

    save_id: UUID
    based_on: int | None
    state: str
    answers: Mapping[str, Any]
    text_revision: int | None = None
    codebook_version: int | None = None
    note: str = ""
    flagged: bool = False
    skip_reason: str = ""
    harmful: bool = False
    confidence: int | None = None
    aside: bool = False
    seconds: float = 0
    context: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.state not in State.values:
            raise InvalidInput(f"A state is one of {', '.join(State.values)}, not {self.state!r}.")
        if self.harmful and self.state != State.SKIPPED:
            sentence = "Only a unit that is skipped is passed on because it harms."
            raise InvalidInput(sentence, fields={"harmful": [sentence]})
        if self.confidence not in (None, *Annotation.Confidence.values):
            raise InvalidInput(f"A confidence is 1, 2 or 3, not {self.confidence!r}.")


@transaction.atomic
def save_annotation(*, membership: Membership, unit: Unit, save: Save, now: datetime) -> Annotation:
    """The annotation as it stands after this save; the same save again changes nothing.

    Raises Conflict if the unit is not the annotator's, if the campaign takes no labels, or if the
    text or the codebook is another one than the client had loaded; RevisionConflict if the
    annotation was saved since ``based_on``; and InvalidAnswers.
    """
    lock_if_checked(membership=membership, unit=unit)
    assignment = _own_assignment(membership, unit, now)
    annotation = _own_annotation(membership, unit)
    if is_repeated(save, annotation):
        assert annotation is not None
        return annotation
    require_open(assignment.campaign)
    current = annotation.revision if annotation else 0
    if save.based_on not in (None, current):
        raise conflict(annotation, save)
    require_same_text(unit, save)
    require_same_codebook(assignment.campaign.codebook, save)
    _require_asked(assignment.campaign.codebook, save)
    rows = checked_rows(unit, assignment.campaign.codebook, save)
    if save.aside:
        return _put_aside(annotation, unit, rows, save, now)
    was_harmful = annotation is not None and annotation.harmful
    annotation = write(annotation, membership, unit, rows, save, now)
    was_settled = assignment.state != Assignment.State.LEASED
    _settle(assignment, save.state, now)
    if unit.purpose != Unit.Purpose.STUDY:
        score_unit(assignment=assignment, annotation=annotation, said=answers_from(rows), now=now)
    elif save.harmful and not was_harmful:
        add_spare(unit=unit)
    elif was_harmful and not save.harmful:
        remove_spare(unit=unit)
    settles = save.state != State.DRAFT and (was_harmful or not was_settled)
    if settles and unit.purpose == Unit.Purpose.STUDY:
        tell_if_finished(campaign=assignment.campaign, now=now)
    return annotation


def _own_assignment(membership: Membership, unit: Unit, now: datetime) -> Assignment:
    """The slot that this annotator has, locked: two saves of one unit wait for each other."""
    assignment = _locked_slot.first(unit.pk, membership.pk)
    assignment = assignment or take_back(membership=membership, unit=unit, now=now)
    if assignment is None:
        raise Conflict(
            "This unit is not yours any more: it was untouched for too long and given back. "
            "Go on with the next one."
        )
    return assignment


def _own_annotation(membership: Membership, unit: Unit) -> Annotation | None:
    return _of_annotator.first(unit.pk, membership.pk)


def is_repeated(save: Save, annotation: Annotation | None) -> bool:
    """Whether this very save was taken already. Raises InvalidInput if by another annotation."""
    known = _saved_as.first(save.save_id)
    if known is None:
        return False
    if annotation is None or known != annotation.pk:
        raise InvalidInput("This save_id belongs to another annotation: make a new one.")
    return True


def conflict(annotation: Annotation | None, save: Save) -> RevisionConflict:
    """The refusal of a save that is based on another revision than the stored one."""
    stored = annotation.revision if annotation else 0
    current = None if annotation is None else {"revision": stored, **_content_of(annotation)}
    return RevisionConflict(
        f"This unit was saved somewhere else in between (revision {stored}, not {save.based_on}). "
        "Choose which version to keep.",
        current=current,
        offered={"revision": save.based_on, "state": save.state, "answers": dict(save.answers)},
    )


def require_same_text(unit: Unit, save: Save) -> None:
    """A label belongs to the text that was read, not to the one that came in meanwhile."""
    if unit.comment is None or save.text_revision in (None, unit.comment.text_revision):
        return
    raise Conflict(
        "The text of this comment changed at its source since you loaded it. Reload the page, read "
        "it again and answer again: nothing was saved."
    )


def require_same_codebook(codebook: Codebook, save: Save) -> None:
    """A label belongs to the questions that were read, not to a version that came since."""
    if save.codebook_version not in (None, codebook.version):
        raise Conflict(
            f"The campaign went on with version {codebook.version} of its codebook, and this page "
            f"shows version {save.codebook_version}. Reload the page and answer again: nothing was "
            "saved."
        )


def _require_asked(codebook: Codebook, save: Save) -> None:
    if save.confidence is not None and not codebook.confidence:
        sentence = "This codebook does not ask how sure you are."
        raise InvalidInput(sentence, fields={"confidence": [sentence]})


def checked_rows(unit: Unit, codebook: Codebook, save: Save) -> list[Answer]:
    """Unsaved rows for the answers of a save. Raises InvalidAnswers."""
    kind = Question.Unit.COMMENT if unit.comment_id else Question.Unit.THREAD

    def related_ids(ids: set[int]) -> set[int]:
        known = Comment.objects.filter(thread=unit.thread_id, pk__in=ids)
        return set(known.values_list("pk", flat=True)) - {unit.comment_id}

    return read_answers(
        questions=for_unit(kept_questions(codebook), kind),
        answers=save.answers,
        text=unit.comment.text if unit.comment else "",
        related_ids=related_ids,
        complete=save.state == State.SUBMITTED,
    )


def write(
    annotation: Annotation | None,
    membership: Membership,
    unit: Unit,
    rows: list[Answer],
    save: Save,
    now: datetime,
) -> Annotation:
    """Let the annotation, a new one if there is none, say what the save says, and append it."""
    is_new = annotation is None or annotation.pk is None
    if annotation is None:
        annotation = Annotation(unit=unit, membership=membership, revision=0, created_at=now)
    annotation.revision += 1
    annotation.submitted_at = now if save.state == State.SUBMITTED else None
    annotation.saved_at = now
    _say(annotation, unit, save)
    if is_new:
        insert_rows([annotation])
    else:
        annotation.save()
        annotation.answers.all().delete()
    for row in rows:
        row.annotation = annotation
    insert_rows(rows)
    keep_answers(annotation, rows)
    _append(annotation, rows, save, now)
    note_annotations(campaign=unit.campaign_id, annotations=[annotation.pk], now=now)
    return annotation


def _put_aside(
    annotation: Annotation | None, unit: Unit, rows: list[Answer], save: Save, now: datetime
) -> Annotation:
    """Keep the save as a revision of the annotation, which only counts one save more."""
    if annotation is None:
        raise InvalidInput("Nothing was saved yet that these answers could be kept beside.")
    annotation.revision += 1
    annotation.save(update_fields=["revision"])
    offered = copy(annotation)
    _say(offered, unit, save)
    _append(offered, rows, save, now)
    note_annotations(campaign=unit.campaign_id, annotations=[annotation.pk], now=now)
    return annotation


def _say(annotation: Annotation, unit: Unit, save: Save) -> None:
    """Let the annotation, not yet saved, say what the save says, but for its answers."""
    annotation.state = save.state
    annotation.text_revision = unit.comment.text_revision if unit.comment else 1
    annotation.note = save.note
    annotation.flagged = save.flagged
    annotation.skip_reason = save.skip_reason
    annotation.harmful = save.harmful
    annotation.confidence = save.confidence
    annotation.seconds = save.seconds
    annotation.context = dict(save.context)


def _append(annotation: Annotation, rows: list[Answer], save: Save, now: datetime) -> None:
    revision = Revision(
        annotation=annotation,
        number=annotation.revision,
        save_id=save.save_id,
        state=save.state,
        aside=save.aside,
        content={**_content(annotation), "answers": answers_from(rows)},
        saved_at=now,
    )
    insert_rows([revision])


def _settle(assignment: Assignment, state: str, now: datetime) -> None:
    if state == State.DRAFT:
        lease(assignment, now=now)
    else:
        assignment.state = state
        assignment.leased_until = None
        assignment.changed_at = now
    state, until = str(assignment.state), assignment.leased_until
    SETTLE([state, until, assignment.changed_at, assignment.pk])


def _content(annotation: Annotation) -> dict[str, Any]:
    return {
        "state": annotation.state,
        "text_revision": annotation.text_revision,
        "note": annotation.note,
        "flagged": annotation.flagged,
        "skip_reason": annotation.skip_reason,
        "harmful": annotation.harmful,
        "confidence": annotation.confidence,
        "seconds": annotation.seconds,
        "context": annotation.context,
        **_of_a_decision(annotation),
    }


def _of_a_decision(annotation: Annotation) -> dict[str, Any]:
    """A decision may be revised by somebody else: each revision says whose it is, and why."""
    if annotation.source != Annotation.Source.ADJUDICATION or annotation.membership is None:
        return {}
    decided_by = annotation.membership.pseudonym
    return {"reason": annotation.reason, "rule": annotation.rule, "decided_by": decided_by}


def _content_of(annotation: Annotation) -> dict[str, Any]:
    return {**_content(annotation), "answers": answers_of(annotation)}
