"""Writing a codebook: a new one, or a new version of one that is loaded."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_POST

from annotations.codebooks.places import Fault, examine, for_next_version, with_version
from annotations.errors import Conflict, InvalidCodebook, ThreadmarkError
from annotations.models import Codebook
from annotations.pages.forms import PageForm
from annotations.pages.page import PageRequest, page
from annotations.permissions import require_staff
from annotations.selectors.codebook_versions import (
    codebook_preview,
    library_entries,
    library_source,
)
from annotations.selectors.codebooks import get_codebook, newest_version, next_version
from annotations.services.codebooks import load_codebook

LARGEST = 1_000_000

EMPTY = """\
key: my-codebook
version: 1
title: My codebook
questions:
  - key: stance
    title: Does the comment agree with the article?
    kind: single_label
    labels:
      - key: agrees
        title: Agrees
        definition: Takes the article's side.
      - key: disagrees
        title: Disagrees
        definition: Argues against the article, or mocks it.
"""


class CodebookForm(PageForm):
    """The YAML text, or a file with it. ``raise`` asks to raise the version, not to load."""

    text = forms.CharField(
        required=False,
        strip=False,
        label=gettext_lazy("YAML text"),
        max_length=LARGEST,
        widget=forms.Textarea(
            attrs={"rows": 30, "class": "mono", "spellcheck": "false", "dir": "ltr"}
        ),
    )
    file = forms.FileField(required=False, label=gettext_lazy("Or a YAML file"))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        file = cleaned.get("file")
        if file and file.size > LARGEST:
            raise forms.ValidationError(_("A codebook has at most 1 MB; this file is larger."))
        if file:
            cleaned["text"] = _decoded(file.read())
        if not cleaned.get("text", "").strip():
            raise forms.ValidationError(_("Choose a YAML file, or paste its text."))
        return cleaned


@require_http_methods(["GET", "HEAD", "POST"])
@ensure_csrf_cookie
@page
def new_codebook(request: PageRequest) -> HttpResponse:
    """The editor; ``?library=<key>`` begins with a codebook that comes with Threadmark."""
    require_staff(request.user)
    library = request.GET.get("library", "")
    return _editor(request, library_source(library) if library else EMPTY, library or "new")


@require_http_methods(["GET", "HEAD", "POST"])
@ensure_csrf_cookie
@page
def edit_codebook(request: PageRequest, key: str, version: int) -> HttpResponse:
    """The editor with a new version of this one."""
    require_staff(request.user)
    found = get_codebook(key, version)
    free = next_version(key)
    follows = version if version != newest_version(key) else None
    text = for_next_version(found.source, free, follows=follows)
    return _editor(request, text, f"{key}/{version}", since=found)


@require_POST
@page
def load_from_library(request: PageRequest, key: str) -> HttpResponse:
    require_staff(request.user)
    loaded = load_codebook(text=library_source(key), now=timezone.now())
    return _loaded(request, loaded)


def _editor(
    request: PageRequest, text: str, draft: str, *, since: Codebook | None = None
) -> HttpResponse:
    """``draft`` is the name under which the browser keeps what is typed."""
    form = CodebookForm(request.POST or None, request.FILES or None, initial={"text": text})
    faults: list[Fault] = []
    is_taken = False
    if form.is_valid():
        text = form.cleaned_data["text"]
        if "raise" in request.POST:
            text = with_version(text, codebook_preview(text).next_version)
            form = CodebookForm(initial={"text": text})
        else:
            try:
                return _loaded(request, load_codebook(text=text, now=timezone.now()))
            except InvalidCodebook as error:
                faults = _faults(text, error)
                form = _with_text(text)
            except Conflict as error:
                is_taken = True
                form = _with_text(text, error)
    context = {
        "form": form,
        "faults": faults,
        "is_taken": is_taken,
        "draft": draft,
        "since": since,
        "library": library_entries(),
    }
    return render(request, "annotations/codebook_form.html", context)


def _with_text(text: str, error: ThreadmarkError | None = None) -> CodebookForm:
    """The form with the text, also where it came as a file, and the refusal."""
    form = CodebookForm({"text": text})
    if error is not None and form.is_valid():
        form.refuse(error)
    return form


def _faults(text: str, error: InvalidCodebook) -> list[Fault]:
    """Why the text was refused: what it says wrong, or wrong of the version before."""
    preview = codebook_preview(text)
    return examine(text).faults or preview.faults or [Fault("", 1, error.message)]


def _loaded(request: PageRequest, loaded: Codebook) -> HttpResponse:
    words = {"title": loaded.title, "version": loaded.version}
    messages.success(request, _("%(title)s, version %(version)s, is loaded.") % words)
    return redirect("codebook", key=loaded.key, version=loaded.version)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise forms.ValidationError(_("This file is no UTF-8 text: save it as UTF-8.")) from None
