"""A thread, for reading."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from annotations.pages.comment_lines import comment_line
from annotations.pages.page import PageRequest, page
from annotations.permissions import may_warn
from annotations.selectors.reading import changed_since_labeled, readable_thread, stretch_of
from annotations.services.audit import Act, note_seen

DIGITS = 9


@require_safe
@page
def thread(request: PageRequest, pk: int) -> HttpResponse:
    found = readable_thread(request.user, pk)
    note_seen(act=Act.RECORDS_SEEN, about=found.corpus, now=timezone.now())
    stretch = stretch_of(found, _position(request.GET.get("at", "")))
    changed = changed_since_labeled(stretch.comments)
    warns = may_warn(request.user, found.corpus)
    lines = [
        comment_line(comment, found.corpus, changed, may_warn=warns) for comment in stretch.comments
    ]
    context = {
        "thread": found,
        "corpus": found.corpus,
        "content": {"of_all": found.corpus.content_categories.all()},
        "stretch": stretch,
        "lines": lines,
    }
    return render(request, "annotations/thread.html", context)


def _position(text: str) -> int:
    """The position that the address asks for, 0 where it asks for none.

    A longer number lies beyond the end of every thread, and so do its first digits.
    """
    return int(text[:DIGITS]) if text.isdecimal() else 0
