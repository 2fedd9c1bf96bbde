"""Exports of a campaign: start, cancel, start again. The list is on the page of its data."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotations.errors import InvalidInput
from annotations.pages.data import data_page
from annotations.pages.export_form import ExportForm
from annotations.pages.page import PageRequest, page
from annotations.permissions import access_campaign
from annotations.queue import enqueue
from annotations.selectors.readable import readable_export
from annotations.services.exports import start_export
from annotations.services.jobs import cancel_job, retry_job


@require_POST
@page
def new_export(request: PageRequest, slug: str) -> HttpResponse:
    access = access_campaign(request.user, slug, "export.create")
    form = ExportForm(access.campaign, request.POST)
    if form.is_valid():
        try:
            run = start_export(
                campaign=access.campaign,
                format=form.cleaned_data["format"],
                contents=form.contents(),
                user=request.user,
                now=timezone.now(),
            )
        except InvalidInput as error:
            form.refuse(error)
        else:
            enqueue(run)
            begun = _("The export is on its way: its file stands here when it is done.")
            messages.success(request, begun)
            return redirect("campaign_data", slug=slug)
    return data_page(request, access, form=form, status=400)


@require_POST
@page
def cancel_export(request: PageRequest, pk: int) -> HttpResponse:
    run = cancel_job(job=readable_export(request.user, pk), now=timezone.now())
    messages.success(
        request, _("The export is cancelled.") if run.finished else _("It will stop soon.")
    )
    return redirect("campaign_data", slug=run.campaign.slug)


@require_POST
@page
def retry_export(request: PageRequest, pk: int) -> HttpResponse:
    run = retry_job(job=readable_export(request.user, pk), now=timezone.now())
    enqueue(run)
    messages.success(request, _("The export starts again."))
    return redirect("campaign_data", slug=run.campaign.slug)
