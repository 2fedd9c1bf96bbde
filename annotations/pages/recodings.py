"""A campaign's codebook: its version, the newer ones, and the labels carried on to them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from annotations.errors import Conflict, InvalidInput
from annotations.pages.forms import PageForm
from annotations.pages.page import PageRequest, page
from annotations.pages.paging import page_of
from annotations.permissions import Access, access_campaign
from annotations.queue import enqueue
from annotations.selectors.jobs import worker_alive
from annotations.selectors.recoding import (
    newer_version,
    newer_versions,
    readable_recoding,
    recodings_of,
    unfinished_recoding,
)
from annotations.selectors.recoding_trace import trace_csv
from annotations.services.audit import Act, note_act
from annotations.services.jobs import cancel_job, retry_job
from annotations.services.recoding import preview_recoding, start_recoding


class RecodingForm(PageForm):
    version = forms.IntegerField(min_value=1)
    reopen = forms.BooleanField(required=False)


@require_safe
@page
def campaign_codebook(request: PageRequest, slug: str) -> HttpResponse:
    """``?version=n`` shows what a recoding to version n would do."""
    access = access_campaign(request.user, slug, "campaign.manage")
    campaign = access.campaign
    jobs = page_of(request, recodings_of(campaign), key="-pk", name="recoding_", size=10)
    context = {
        "campaign": campaign,
        "access": access,
        "newer": newer_versions(campaign)[:20],
        "recodings": jobs,
        "recoding_now": unfinished_recoding(campaign),
        "waiting": any(not job.finished for job in jobs),
        "worker_alive": worker_alive(timezone.now()),
        **_plan(request, access),
    }
    return render(request, "annotations/campaign_codebook.html", context)


@require_POST
@page
def new_recoding(request: PageRequest, slug: str) -> HttpResponse:
    access = access_campaign(request.user, slug, "campaign.manage")
    form = RecodingForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Choose a version to go on with.")
    recoding = start_recoding(
        campaign=access.campaign,
        after=newer_version(access.campaign, form.cleaned_data["version"]),
        reopen=form.cleaned_data["reopen"],
        user=request.user,
        now=timezone.now(),
    )
    enqueue(recoding)
    messages.success(request, _("The labels are being carried on to the new version."))
    return redirect("campaign_codebook", slug=slug)


@require_POST
@page
def cancel_recoding(request: PageRequest, pk: int) -> HttpResponse:
    recoding = cancel_job(job=readable_recoding(request.user, pk), now=timezone.now())
    done = _("The recoding is cancelled: no label has changed.")
    messages.success(request, done if recoding.finished else _("It will stop soon."))
    return redirect("campaign_codebook", slug=recoding.campaign.slug)


@require_POST
@page
def retry_recoding(request: PageRequest, pk: int) -> HttpResponse:
    recoding = retry_job(job=readable_recoding(request.user, pk), now=timezone.now())
    enqueue(recoding)
    messages.success(request, _("The recoding starts again."))
    return redirect("campaign_codebook", slug=recoding.campaign.slug)


@require_safe
@page
def recoding_trace(request: PageRequest, pk: int) -> HttpResponse:
    """The trace as a CSV file. Raises Conflict before the recoding is done."""
    recoding = readable_recoding(request.user, pk)
    if recoding.state != recoding.State.DONE:
        raise Conflict(f"The {recoding} is {recoding.state}: it has no trace.")
    note_act(act=Act.LABELS_TAKEN, about=recoding, now=timezone.now())
    response = StreamingHttpResponse(trace_csv(recoding), content_type="text/csv; charset=utf-8")
    name = f"{recoding.campaign.slug}-recoding-{recoding.pk}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response  # type: ignore[return-value]


def _plan(request: PageRequest, access: Access) -> dict[str, Any]:
    wanted = request.GET.get("version", "")
    if not wanted:
        return {}
    version = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 10 else 0
    after = newer_version(access.campaign, version)
    plan = preview_recoding(campaign=access.campaign, after=after)
    shown = [one for one in plan.flows if one.changed]
    kept = [one for one in plan.flows if not one.changed]
    return {
        "plan": plan,
        "changed": shown,
        "kept": kept,
        "kept_answers": sum(one.answers for one in kept),
        "may_start": not plan.obstacles and access.campaign.state != "open",
    }
