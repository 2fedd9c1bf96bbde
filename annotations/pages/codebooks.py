"""Codebooks: the list, one version, a new one from YAML."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from annotations.codebooks.guidelines import guidelines_html
from annotations.errors import ThreadmarkError
from annotations.models import Codebook
from annotations.pages.forms import PageForm
from annotations.pages.page import PageRequest, page
from annotations.pages.paging import page_of
from annotations.permissions import require_staff
from annotations.selectors import codebooks as stored
from annotations.services.codebooks import load_codebook

LARGEST = 1_000_000


class CodebookForm(PageForm):
    """A YAML file, or the same text pasted."""

    file = forms.FileField(required=False, label=_("YAML file"))
    text = forms.CharField(
        required=False,
        strip=False,
        label=_("Or the YAML text"),
        max_length=LARGEST,
        widget=forms.Textarea(attrs={"rows": 18, "class": "mono", "spellcheck": "false"}),
    )

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


@require_safe
@page
def codebooks(request: PageRequest) -> HttpResponse:
    rows = Codebook.objects.defer("source", "guidelines", "translations")
    shown = page_of(request, rows, key="-pk")
    return render(request, "annotations/codebooks.html", {"page": shown})


@require_safe
@page
def codebook(request: PageRequest, key: str, version: int) -> HttpResponse:
    found = stored.get_codebook(key, version)
    spoken = stored.in_language(found, get_language() or found.language)
    context = {
        "codebook": found,
        "guidelines": guidelines_html(found.guidelines),
        "spoken": spoken,
        "tongues": [found.language, *found.translations],
    }
    return render(request, "annotations/codebook.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def new_codebook(request: PageRequest) -> HttpResponse:
    require_staff(request.user)
    form = CodebookForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            loaded = load_codebook(text=form.cleaned_data["text"], now=timezone.now())
        except ThreadmarkError as error:
            form.refuse(error)
        else:
            words = {"title": loaded.title, "version": loaded.version}
            messages.success(request, _("%(title)s, version %(version)s, is loaded.") % words)
            return redirect("codebook", key=loaded.key, version=loaded.version)
    return render(request, "annotations/codebook_form.html", {"form": form})


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise forms.ValidationError(_("This file is no UTF-8 text: save it as UTF-8.")) from None
