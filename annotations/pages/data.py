"""A campaign's data: what can be taken out of it, and what was."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from annotations.exporters.contents import Contents
from annotations.exporters.registry import exporters
from annotations.models import ExportRun, Job
from annotations.pages.contents_form import as_filled_in
from annotations.pages.contents_words import in_words_of
from annotations.pages.export_form import ExportForm
from annotations.pages.page import PageRequest, page
from annotations.pages.paging import page_of
from annotations.permissions import Access, access_campaign
from annotations.selectors.jobs import worker_alive
from annotations.selectors.releases import readable_releases

SHOWN = 10


@require_safe
@page
def campaign_data(request: PageRequest, slug: str) -> HttpResponse:
    """The form is filled in as the export ``like`` was, if that is asked for."""
    access = access_campaign(request.user, slug, "export.create")
    like = request.GET.get("like", "")
    earlier = access.campaign.exports.filter(pk=like).first() if like.isdecimal() else None
    return data_page(request, access, form=_as(access, earlier) if earlier else None)


def data_page(
    request: PageRequest, access: Access, *, form: ExportForm | None = None, status: int = 200
) -> HttpResponse:
    campaign = access.campaign
    exports = page_of(request, campaign.exports.all(), key="-pk", name="export_", size=SHOWN)
    seen = readable_releases(request.user).filter(campaign=campaign)
    seen = seen.defer("manifest", "card", "contents")
    releases = page_of(request, seen, key="-pk", name="release_", size=SHOWN)
    context: dict[str, Any] = {
        "campaign": campaign,
        "access": access,
        "form": form or ExportForm(campaign),
        "releases": releases,
        "exports": exports,
        "export_rows": [(run, title_of(run), in_words_of(run.contents)) for run in exports],
        "waiting": any(_waits(job) for job in (*exports, *releases)),
        "worker_alive": worker_alive(timezone.now()),
    }
    return render(request, "annotations/campaign_data.html", context, status=status)


def title_of(run: ExportRun) -> str:
    """The title of its format; its name where that format is not there any more."""
    known = exporters().get(run.format)
    return known.title if known else run.format


def _waits(job: Job) -> bool:
    return job.state in (Job.State.QUEUED, Job.State.RUNNING)


def _as(access: Access, run: ExportRun) -> ExportForm:
    chosen = as_filled_in(Contents.from_json(run.contents))
    return ExportForm(access.campaign, initial={**chosen, "format": run.format})
