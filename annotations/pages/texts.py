"""The near-duplicates of a corpus, and the scans that find them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from annotations.models import Comment, Corpus, DuplicateGroup, DuplicateMember
from annotations.pages.comment_lines import words_for
from annotations.pages.page import PageRequest, page
from annotations.pages.paging import page_of
from annotations.permissions import access_corpus, require_staff
from annotations.queue import enqueue
from annotations.selectors.authors import shown_name
from annotations.selectors.texts import (
    duplicate_group,
    duplicate_groups,
    first_members,
    get_scan,
    members_of,
)
from annotations.services.jobs import cancel_job
from annotations.services.texts import start_scan

GROUPS_ON_A_PAGE = 20


@dataclass(frozen=True)
class MemberLine:
    """A comment of a group, where it stands. ``text`` is empty once the comment is gone."""

    href: str
    words: str
    thread: str
    posted_at: datetime | None
    percent: int
    text: str


@dataclass(frozen=True)
class GroupLine:
    """A group with the first of its comments."""

    group: DuplicateGroup
    members: list[MemberLine]


@require_safe
@page
def duplicates(request: PageRequest, slug: str) -> HttpResponse:
    corpus = access_corpus(request.user, slug)
    shown = page_of(request, duplicate_groups(corpus), key="rank", size=GROUPS_ON_A_PAGE)
    members = first_members(shown)
    lines = [GroupLine(group, _lines(members.get(group.pk, []), corpus)) for group in shown]
    context = {"corpus": corpus, "page": shown, "lines": lines}
    return render(request, "annotations/duplicates.html", context)


@require_safe
@page
def duplicates_alike(request: PageRequest, slug: str, rank: int) -> HttpResponse:
    corpus = access_corpus(request.user, slug)
    group = duplicate_group(corpus, rank)
    shown = page_of(request, members_of(group), key="position")
    context = {
        "corpus": corpus,
        "group": group,
        "page": shown,
        "members": _lines(shown.rows, corpus),
    }
    return render(request, "annotations/duplicates_alike.html", context)


@require_POST
@page
def new_scan(request: PageRequest, slug: str) -> HttpResponse:
    require_staff(request.user)
    corpus = access_corpus(request.user, slug)
    enqueue(start_scan(corpus=corpus, user=request.user, now=timezone.now()))
    messages.success(request, _("The texts are looked at: what is found stands here then."))
    return redirect("corpus", slug=slug)


@require_POST
@page
def cancel_scan(request: PageRequest, pk: int) -> HttpResponse:
    require_staff(request.user)
    scan = cancel_job(job=get_scan(pk), now=timezone.now())
    messages.success(
        request, _("The scan is cancelled.") if scan.finished else _("It will stop soon.")
    )
    return redirect("corpus", slug=scan.corpus.slug)


def _lines(members: list[DuplicateMember], corpus: Corpus) -> list[MemberLine]:
    return [_line(member, corpus) for member in members]


def _line(member: DuplicateMember, corpus: Corpus) -> MemberLine:
    comment = member.comment
    address = reverse("thread", args=[comment.thread_id])
    visible = comment.status == Comment.Status.VISIBLE
    name = shown_name(comment.author, corpus)
    return MemberLine(
        href=f"{address}?at={comment.position}#c{comment.pk}",
        words=words_for(comment.kind, comment.position, name),
        thread=str(comment.thread),
        posted_at=comment.posted_at,
        percent=round(member.similarity * 100),
        text=comment.text if visible else "",
    )
