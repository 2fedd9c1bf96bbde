"""Answering what annotators ask: by a ruling for all of them, or by saying that it was seen."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from annotations.errors import Conflict, InvalidInput
from annotations.models import Annotation, NoteReply, User
from annotations.services.rulings import add_ruling

LONGEST_REMARK = 5_000


@transaction.atomic
def answer_note(
    *,
    annotation: Annotation,
    note: str,
    ruling: str = "",
    text: str = "",
    user: User | None,
    now: datetime,
) -> NoteReply:
    """The reply to the note that was read: a ruling, if there is one, or a remark for the record.

    ``note`` is what the note said on the screen, whatever ends its lines. A ruling becomes part of
    the guidelines, and all annotators are told of it. Raises Conflict where the note says
    something else by now, or was answered meanwhile, and InvalidInput.
    """
    locked = Annotation.objects.select_for_update(no_key=True, of=("self",)).get(pk=annotation.pk)
    if not locked.note:
        raise InvalidInput("This annotation has no note that could be answered.")
    if locked.note.splitlines() != note.splitlines():
        raise Conflict("The note was changed since you read it: load the page and read it again.")
    if locked.replies.filter(note=locked.note).exists():
        raise Conflict("Somebody has answered this note already: load the page to see how.")
    if len(text) > LONGEST_REMARK:
        sentence = f"A remark has at most {LONGEST_REMARK:,} characters."
        raise InvalidInput(sentence, fields={"text": [sentence]})
    campaign = annotation.unit.campaign
    made = None
    if ruling.strip():
        made = add_ruling(
            campaign=campaign, text=ruling, unit=annotation.unit, created_by=user, now=now
        )
    return NoteReply.objects.create(
        annotation=locked,
        note=locked.note,
        ruling=made,
        text=text.strip(),
        created_by=user,
        created_at=now,
    )
