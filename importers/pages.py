"""Imports: upload a file, confirm how it is read, watch it, read the report."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotations.errors import ThreadmarkError
from annotations.models import Corpus
from annotations.pages.page import PageRequest, page
from annotations.pages.paging import page_of
from annotations.permissions import require_staff
from annotations.queue import enqueue
from annotations.selectors.jobs import worker_alive
from annotations.services.jobs import cancel_job, retry_job
from importers import selectors
from importers.mapping import MappingForm, column_names, has_mapping
from importers.models import ImportRun
from importers.preview import preview_lines
from importers.services import preview, repeat_import, start_import
from importers.upload import UploadForm

State = ImportRun.State


@require_safe
@page
def imports(request: PageRequest) -> HttpResponse:
    require_staff(request.user)
    runs = selectors.imports().defer("counts", "refusals")
    return render(request, "importers/imports.html", {"page": page_of(request, runs, key="-pk")})


@require_http_methods(["GET", "HEAD", "POST"])
@page
def new_import(request: PageRequest) -> HttpResponse:
    require_staff(request.user)
    corpus = Corpus.objects.filter(slug=request.GET.get("corpus", "")).first()
    form = UploadForm(request.POST or None, request.FILES or None, initial={"corpus": corpus})
    if form.is_valid():
        try:
            run = form.stage(request.user)
        except ThreadmarkError as error:
            form.refuse(error)
        else:
            if not has_mapping(run):
                enqueue(start_import(run=run))
            return redirect("import", pk=run.pk)
    return render(request, "importers/import_form.html", {"form": form})


@require_safe
@page
def import_run(request: PageRequest, pk: int) -> HttpResponse:
    run = _run(request, pk)
    if run.state == State.STAGED:
        return _staged_page(request, run)
    alive = worker_alive(timezone.now())
    context = {"run": run, "waiting": not run.finished, "worker_alive": alive}
    return render(request, "importers/import.html", context)


@require_POST
@page
def start(request: PageRequest, pk: int) -> HttpResponse:
    """Start the import or its dry run, or only show how the file reads with these columns."""
    run = _run(request, pk)
    if run.state != State.STAGED:
        return redirect("import", pk=pk)
    if has_mapping(run):
        form = MappingForm(column_names(run), run, request.POST)
        if not form.is_valid() or "preview" in request.POST:
            return _staged_page(request, run, form)
        run.options = form.options(run)
        try:
            preview(run, limit=1)
        except ThreadmarkError:
            return _staged_page(request, run, form)
    started = start_import(run=run, options=run.options, dry_run="dry_run" in request.POST)
    enqueue(started)
    return redirect("import", pk=pk)


@require_POST
@page
def cancel(request: PageRequest, pk: int) -> HttpResponse:
    run = cancel_job(job=_run(request, pk), now=timezone.now())
    messages.success(request, "The import is cancelled." if run.finished else "It will stop soon.")
    return redirect("import", pk=pk)


@require_POST
@page
def retry(request: PageRequest, pk: int) -> HttpResponse:
    enqueue(retry_job(job=_run(request, pk), now=timezone.now()))
    messages.success(request, "The import starts again: nothing is stored twice.")
    return redirect("import", pk=pk)


@require_POST
@page
def repeat(request: PageRequest, pk: int) -> HttpResponse:
    """Import for real what was only tried before."""
    again = repeat_import(run=_run(request, pk), user=request.user, now=timezone.now())
    enqueue(start_import(run=again))
    return redirect("import", pk=again.pk)


def _run(request: PageRequest, pk: int) -> ImportRun:
    require_staff(request.user)
    return selectors.get_import(pk)


def _staged_page(
    request: PageRequest, run: ImportRun, form: MappingForm | None = None
) -> HttpResponse:
    """The mapping and the first rows as it reads them, or why it cannot read them."""
    context: dict[str, Any] = {"run": run}
    status = 200
    try:
        if has_mapping(run):
            context["form"] = form = form or MappingForm(column_names(run), run)
            if form.is_bound and form.is_valid():
                run.options = form.options(run)
        context["lines"] = preview_lines(preview(run))
    except ThreadmarkError as error:
        context["unreadable"], status = error.message, 400
    return render(request, "importers/staged.html", context, status=status)
