"""Imports in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from annotations.admin.confirming import Act, is_confirmed, log_act, who
from annotations.admin.jobs import JobAdmin
from annotations.admin.tables import ReadOnlyAdmin
from annotations.errors import ThreadmarkError
from annotations.models import Corpus
from annotations.queue import enqueue
from importers.models import ImportPiece, ImportRun, ImportTouch
from importers.registry import formats
from importers.services import stage_import, start_import


class ImportForm(forms.Form):
    corpus = forms.ModelChoiceField(Corpus.objects.order_by("slug"))
    file = forms.FileField(max_length=300)
    format = forms.ChoiceField(
        required=False,
        choices=lambda: [
            ("", "Recognise it by its content"),
            *((name, one.title) for name, one in formats().items()),
        ],
    )
    dry_run = forms.BooleanField(
        required=False,
        initial=True,
        help_text="Only count what would be stored. It can be imported for real from its report.",
    )


@admin.register(ImportRun)
class ImportRunAdmin(JobAdmin):
    list_display = ("id", "file_name", "corpus", "format", "state", "dry_run", "created_at")
    list_select_related = ("corpus",)
    list_filter = ("state", "format", "dry_run")
    search_fields = ("file_name", "=corpus__slug", "=created_by__username")
    change_list_template = "admin/imports.html"

    def get_urls(self) -> list[URLPattern]:
        start = path("start/", self.admin_site.admin_view(self.start), name="start_import")
        return [start, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may = {"may_import": self._may_import(request)}
        return super().changelist_view(request, {**(extra_context or {}), **may})

    def view_on_site(self, run: ImportRun) -> str:
        """The run's page tells how far it is, and what was refused."""
        return reverse("import", args=[run.pk])

    def start(self, request: HttpRequest) -> HttpResponse:
        """Import a file into a corpus, or try it; then to the run's page, which tells how far it
        is."""
        if not self._may_import(request):
            raise PermissionDenied
        sent = is_confirmed(request)
        form = ImportForm(
            request.POST if sent else None,
            request.FILES if sent else None,
            initial={"corpus": request.GET.get("corpus")},
        )
        if form.is_valid():
            try:
                run = _start(request, **form.cleaned_data)
            except ThreadmarkError as error:
                form.add_error("file", error.message)
            else:
                messages.success(request, f"The import of {run.file_name} is on its way.")
                return redirect("import", pk=run.pk)
        act = Act(
            action="",
            title="Import a file into a corpus",
            sentences=(
                "The file is read with the options that its format guesses. To see how it reads, "
                "and to choose them, upload it on the page of imports instead.",
            ),
            links=(("Instead", (("See how a file reads first", reverse("new_import")),)),),
            button="Import",
            done="started",
            form=form,
        )
        context = {
            **self.admin_site.each_context(request),
            "title": act.title,
            "opts": self.opts,
            "media": self.media + form.media,
            "act": act,
        }
        status = 400 if form.is_bound else 200
        return TemplateResponse(request, "admin/act.html", context, status=status)

    def _may_import(self, request: HttpRequest) -> bool:
        return request.user.has_perm("importers.add_importrun")


def _start(
    request: HttpRequest, *, corpus: Corpus, file: Any, format: str, dry_run: bool
) -> ImportRun:
    """Raises UnreadableFile, InvalidInput."""
    staged = stage_import(
        corpus=corpus,
        file=file.file,
        name=file.name,
        format=format or None,
        dry_run=dry_run,
        user=who(request),
        now=timezone.now(),
    )
    with transaction.atomic():
        run = start_import(run=staged)
        log_act(request, run, "Tried" if dry_run else "Imported")
        enqueue(run)
    return run


@admin.register(ImportPiece)
class ImportPieceAdmin(JobAdmin):
    """The pieces of imports that go on; they are gone when the import is done."""

    list_display = ("id", "run", "number", "state", "records", "created_at")
    list_select_related = ("run",)
    list_filter = ("state",)


@admin.register(ImportTouch)
class ImportTouchAdmin(ReadOnlyAdmin):
    """What imports that go on have met."""

    list_display = ("id", "run", "kind", "row", "outcome")
    list_filter = ("kind", "outcome")
