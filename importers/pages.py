"""Imports: upload files, confirm how they are read, watch, read the report."""

from __future__ import annotations

import csv

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotations.errors import ThreadmarkError, UnreadableFile
from annotations.exporters.cells import harmless_cell
from annotations.models import Comment, Corpus
from annotations.pages.page import PageRequest, page
from annotations.pages.paging import page_of
from annotations.permissions import require_staff
from annotations.queue import enqueue
from annotations.selectors.jobs import worker_alive
from annotations.services.jobs import cancel_job, retry_job
from importers import selectors
from importers.models import ImportRun
from importers.option_forms import OptionForm, option_form
from importers.progress import pace_of
from importers.registry import formats
from importers.services import change_format, preview, repeat_import, start_import
from importers.staged_page import staged_context
from importers.upload import UploadForm

State = ImportRun.State
STATUSES = {
    Comment.Status.VISIBLE: gettext_lazy("Visible"),
    Comment.Status.DELETED_BY_AUTHOR: gettext_lazy("Deleted by author"),
    Comment.Status.REMOVED_BY_MODERATOR: gettext_lazy("Removed by moderator"),
    Comment.Status.SPAM: gettext_lazy("Spam"),
    Comment.Status.UNAPPROVED: gettext_lazy("Unapproved"),
    Comment.Status.BLOCKED: gettext_lazy("Blocked"),
    Comment.Status.DEAD: gettext_lazy("Dead"),
    Comment.Status.MISSING: gettext_lazy("Missing"),
}


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
            return _sent_on(request, reverse("import", args=[run.pk]))
    context = {"form": form, "formats": formats().values()}
    return render(request, "importers/import_form.html", context)


@require_safe
@page
def import_run(request: PageRequest, pk: int) -> HttpResponse:
    run = _run(request, pk)
    if run.state == State.STAGED:
        return _staged_page(request, run)
    return render(request, "importers/import.html", _progress_context(run))


@require_safe
@page
def progress(request: PageRequest, pk: int) -> HttpResponse:
    """The part of the page that changes while the import runs."""
    return render(request, "importers/progress.html", _progress_context(_run(request, pk)))


@require_safe
@page
def refused(request: PageRequest, pk: int) -> HttpResponse:
    """The refusals that were kept, as CSV: they quote the file, so no cell runs as a formula."""
    run = _run(request, pk)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{run.pk}-refused.csv"'
    writer = csv.writer(response, lineterminator="\r\n")
    writer.writerow(("line", "message"))
    rows = ((refusal["line"], harmless_cell(refusal["message"])) for refusal in run.refusals)
    writer.writerows(rows)
    return response


@require_POST
@page
def choose_format(request: PageRequest, pk: int) -> HttpResponse:
    """Read the file as another format, and show it so."""
    try:
        change_format(run=_run(request, pk), format=request.POST.get("format", ""))
    except UnreadableFile as error:
        stays = _("It stays as it was: %(reason)s") % {"reason": error.message}
        messages.error(request, stays)
    return redirect("import", pk=pk)


@require_POST
@page
def start(request: PageRequest, pk: int) -> HttpResponse:
    """Start the import or its dry run, or only show how the file reads with these options."""
    run = _run(request, pk)
    if run.state != State.STAGED:
        return redirect("import", pk=pk)
    form = option_form(run, request.POST)
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
    messages.success(
        request, _("The import is cancelled.") if run.finished else _("It will stop soon.")
    )
    return redirect("import", pk=pk)


@require_POST
@page
def retry(request: PageRequest, pk: int) -> HttpResponse:
    enqueue(retry_job(job=_run(request, pk), now=timezone.now()))
    messages.success(request, _("The import starts again: nothing is stored twice."))
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


def _sent_on(request: PageRequest, address: str) -> HttpResponse:
    """To the next page; a script that uploads is told its address, as it cannot see redirects."""
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return HttpResponse(status=201, headers={"Location": address})
    return redirect(address)


def _progress_context(run: ImportRun) -> dict[str, object]:
    statuses = run.counts.get("statuses", {})
    return {
        "run": run,
        "waiting": not run.finished,
        "worker_alive": worker_alive(timezone.now()),
        "pace": pace_of(run),
        "statuses": {STATUSES[Comment.Status(name)]: n for name, n in statuses.items()},
    }


def _staged_page(
    request: PageRequest, run: ImportRun, form: OptionForm | None = None
) -> HttpResponse:
    context = staged_context(run, form)
    status = 400 if "unreadable" in context else 200
    return render(request, "importers/staged.html", context, status=status)
