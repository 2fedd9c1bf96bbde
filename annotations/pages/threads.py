"""A thread, for reading."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotations.pages.comment_lines import comment_line
from annotations.pages.page import PageRequest, page
from annotations.selectors.reading import readable_thread, stretch_of


@require_safe
@page
def thread(request: PageRequest, pk: int) -> HttpResponse:
    found = readable_thread(request.user, pk)
    at = request.GET.get("at", "")
    stretch = stretch_of(found, int(at) if at.isdecimal() else 0)
    lines = [comment_line(comment, found.corpus) for comment in stretch.comments]
    context = {"thread": found, "corpus": found.corpus, "stretch": stretch, "lines": lines}
    return render(request, "annotations/thread.html", context)
