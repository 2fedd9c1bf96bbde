"""Codebooks: the list with the library, one version among the others, what changed between two."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from annotations.codebooks.guidelines import guidelines_html
from annotations.models import Codebook
from annotations.pages.page import PageRequest, page
from annotations.pages.paging import page_of
from annotations.selectors import codebook_versions as versions
from annotations.selectors import codebooks as stored


@require_safe
@page
def codebooks(request: PageRequest) -> HttpResponse:
    rows = Codebook.objects.defer("source", "guidelines", "translations")
    context: dict[str, Any] = {"page": page_of(request, rows, key="-pk")}
    if request.user.is_staff:
        context["library"] = [one for one in versions.library_entries() if not one.loaded]
    return render(request, "annotations/codebooks.html", context)


@require_safe
@page
def codebook(request: PageRequest, key: str, version: int) -> HttpResponse:
    found = stored.get_codebook(key, version)
    spoken = stored.in_language(found, get_language() or found.language)
    shown = page_of(request, versions.versions_of(key), key="-version", size=20)
    context = {
        "codebook": found,
        "guidelines": guidelines_html(found.guidelines),
        "spoken": spoken,
        "tongues": [found.language, *found.translations],
        "page": shown,
        "versions": versions.used_versions(request.user, list(shown)),
    }
    return render(request, "annotations/codebook.html", context)


@require_safe
@page
def codebook_diff(request: PageRequest, key: str, before: int, after: int) -> HttpResponse:
    diff = versions.codebook_diff(key, before, after)
    context = {
        "diff": diff,
        "lines": [(_kind(line), line) for line in diff.yaml.splitlines()],
        "groups": versions.by_question(diff.changes),
    }
    return render(request, "annotations/codebook_diff.html", context)


def _kind(line: str) -> str:
    """What a line of a unified diff is: deleted, inserted, or a word about the diff itself."""
    if line.startswith(("---", "+++", "@@")):
        return "about"
    return {"-": "deleted", "+": "inserted"}.get(line[:1], "same")
