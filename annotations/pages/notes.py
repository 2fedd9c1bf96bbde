"""Notes: what annotators wrote about units, and the rulings that answer them."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from annotations.codebooks.guidelines import guidelines_html
from annotations.models import Annotation, Comment
from annotations.pages.adjudication_forms import ReplyForm
from annotations.pages.page import PageRequest, page
from annotations.pages.paging import page_of
from annotations.permissions import access_campaign
from annotations.selectors.care import warning_keys
from annotations.selectors.notes import note_of, notes_of
from annotations.services.audit import Act, note_seen
from annotations.services.notes import answer_note

SHOWN = 20
EXCERPT = 401


@dataclass(frozen=True)
class NoteLine:
    """A note as the page shows it; ``covered`` are the warnings for which its text is not shown."""

    annotation: Annotation
    text: str
    covered: list[str]
    rulings: list[tuple[int, str]]


@require_safe
@page
def notes(request: PageRequest, slug: str) -> HttpResponse:
    access = access_campaign(request.user, slug, "note.answer")
    note_seen(act=Act.ANNOTATIONS_SEEN, about=access.campaign, now=timezone.now())
    shows = "answered" if request.GET.get("show") == "answered" else "open"
    found = notes_of(access.campaign, answered=shows == "answered")
    shown = page_of(request, found, key=("-saved_at", "-pk"), size=SHOWN)
    comments = [one.unit.comment for one in shown if one.unit.comment]
    warnings = warning_keys(access.campaign.corpus, comments)
    context = {
        "campaign": access.campaign,
        "access": access,
        "may_manage": access.may("campaign.manage"),
        "shows": shows,
        "page": shown,
        "lines": [_line(one, warnings) for one in shown],
    }
    return render(request, "annotations/notes.html", context)


@require_POST
@page
def reply_to_note(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    """A ruling is the managers'; that a note was seen, adjudicators may say too."""
    form = ReplyForm(request.POST)
    form.is_valid()
    given = {"ruling": "", "text": "", "note": "", **form.cleaned_data}
    rules = "rule" in request.POST
    access = access_campaign(request.user, slug, "campaign.manage" if rules else "note.answer")
    if rules and not given["ruling"].strip():
        messages.error(request, _("Write what is to be done from now on."))
        return redirect("notes", slug=slug)
    answer_note(
        annotation=note_of(access.campaign, pk),
        note=given["note"],
        ruling=given["ruling"] if rules else "",
        text="" if rules else given["text"],
        user=request.user,
        now=timezone.now(),
    )
    told = _("The guidelines have one more ruling; annotators are told of it.")
    messages.success(request, told if rules else _("The note is marked as seen."))
    return redirect("notes", slug=slug)


def _line(annotation: Annotation, warnings: dict[int, list[str]]) -> NoteLine:
    comment = annotation.unit.comment
    visible = comment is not None and comment.status == Comment.Status.VISIBLE
    covers = annotation.unit.campaign.cover_content
    rulings = [
        (reply.ruling.pk, guidelines_html(reply.ruling.text))
        for reply in annotation.replies.all()
        if reply.ruling
    ]
    return NoteLine(
        annotation=annotation,
        text=comment.text[:EXCERPT] if comment and visible else "",
        covered=warnings.get(comment.pk, []) if comment and visible and covers else [],
        rulings=rulings,
    )
