"""Releases: a draft with its card, what becomes of it, and the release that is made of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotations.errors import Conflict, ThreadmarkError
from annotations.models import Campaign, Release
from annotations.pages.difference_words import changed_kinds, changed_parts, examples
from annotations.pages.page import PageRequest, page
from annotations.pages.release_form import ReleaseForms
from annotations.pages.release_page import draft_context, finished_context, release_context
from annotations.pages.withdrawal_form import WithdrawalForm
from annotations.permissions import Access, access_campaign
from annotations.queue import enqueue
from annotations.selectors.releases import difference, readable_release
from annotations.services import releases as service
from annotations.services.jobs import cancel_job, retry_job

READS_AND_SENDS = ["GET", "HEAD", "POST"]


@require_http_methods(READS_AND_SENDS)
@page
def new_release(request: PageRequest, slug: str) -> HttpResponse:
    """A draft; filled in as the release ``like`` is, if that is asked for."""
    access = access_campaign(request.user, slug, "release.create")
    earlier = _earlier(request, access.campaign)
    if request.method == "POST":
        forms = ReleaseForms.sent(access.campaign, request.POST, earlier)
        if forms.is_valid():
            try:
                draft = service.draft_release(
                    campaign=access.campaign,
                    user=request.user,
                    now=timezone.now(),
                    key=forms.release.key(),
                    **forms.values(),
                )
            except ThreadmarkError as error:
                forms.refuse(error)
            else:
                messages.success(request, _("The draft is kept. Nothing is frozen yet."))
                return redirect("release", pk=draft.pk)
    elif earlier is not None:
        forms = ReleaseForms.after(earlier)
    else:
        forms = ReleaseForms.first(access.campaign, request.user)
    return _form_page(request, access, forms)


@require_http_methods(READS_AND_SENDS)
@page
def change_release(request: PageRequest, pk: int) -> HttpResponse:
    release, access = _managed(request, pk)
    if release.state != Release.State.STAGED:
        raise Conflict(f"Version {release.version} was confirmed: draft a new version instead.")
    if request.method != "POST":
        return _form_page(request, access, ReleaseForms.of(release), release)
    forms = ReleaseForms.sent(release.campaign, request.POST)
    if forms.is_valid():
        try:
            service.change_release(release=release, **forms.values())
        except ThreadmarkError as error:
            forms.refuse(error)
        else:
            messages.success(request, _("The draft is kept. Nothing is frozen yet."))
            return redirect("release", pk=pk)
    return _form_page(request, access, forms, release)


@require_safe
@page
def release(request: PageRequest, pk: int) -> HttpResponse:
    return _release_page(request, readable_release(request.user, pk))


@require_POST
@page
def confirm_release(request: PageRequest, pk: int) -> HttpResponse:
    found, _access = _managed(request, pk)
    enqueue(service.confirm_release(release=found, now=timezone.now()))
    messages.success(request, _("The release is being made: from now on it does not change."))
    return redirect("release", pk=pk)


@require_POST
@page
def discard_release(request: PageRequest, pk: int) -> HttpResponse:
    found, access = _managed(request, pk)
    service.discard_release(release=found)
    messages.success(request, _("The draft is gone; its version is free again."))
    return redirect("campaign_data", slug=access.campaign.slug)


@require_POST
@page
def cancel_release(request: PageRequest, pk: int) -> HttpResponse:
    found, _access = _managed(request, pk)
    run = cancel_job(job=found, now=timezone.now())
    messages.success(request, _("It is cancelled.") if run.finished else _("It will stop soon."))
    return redirect("release", pk=pk)


@require_POST
@page
def retry_release(request: PageRequest, pk: int) -> HttpResponse:
    found, _access = _managed(request, pk)
    run = retry_job(job=found, now=timezone.now())
    if run.state == Release.State.QUEUED:
        enqueue(run)
    messages.success(request, _("It starts again."))
    return redirect("release", pk=pk)


@require_POST
@page
def withdraw_release(request: PageRequest, pk: int) -> HttpResponse:
    found, _access = _managed(request, pk)
    form = WithdrawalForm(request.POST)
    if form.is_valid():
        try:
            service.withdraw_release(release=found, now=timezone.now(), **form.cleaned_data)
        except ThreadmarkError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The release is withdrawn: its files are gone."))
            return redirect("release", pk=pk)
    return _release_page(request, found, withdrawal_form=form, status=400)


@require_safe
@page
def release_difference(request: PageRequest, before: int, after: int) -> HttpResponse:
    """What changed between two releases of one campaign."""
    older, newer = (readable_release(request.user, pk) for pk in (before, after))
    told = difference(older, newer)
    context = {
        "before": older,
        "after": newer,
        "campaign": newer.campaign,
        "access": access_campaign(request.user, newer.campaign.slug, "export.create"),
        "reason": told.reason,
        "kinds": changed_kinds(told),
        "examples": examples(told),
        "parts": changed_parts(told),
    }
    return render(request, "annotations/release_difference.html", context)


def _managed(request: PageRequest, pk: int) -> tuple[Release, Access]:
    """Raises NotFound where the user may not see it, NotPermitted where only look."""
    found = readable_release(request.user, pk)
    return found, access_campaign(request.user, found.campaign.slug, "release.create")


def _earlier(request: PageRequest, campaign: Campaign) -> Release | None:
    like = request.GET.get("like", "")
    return campaign.releases.filter(pk=like).first() if like.isdecimal() else None


def _form_page(
    request: PageRequest, access: Access, forms: ReleaseForms, draft: Release | None = None
) -> HttpResponse:
    context = {"campaign": access.campaign, "access": access, "release": draft,
               "form": forms.release, "card_form": forms.card}  # fmt: skip
    status = 400 if request.method == "POST" else 200
    return render(request, "annotations/release_form.html", context, status=status)


def _release_page(
    request: PageRequest,
    found: Release,
    *,
    withdrawal_form: WithdrawalForm | None = None,
    status: int = 200,
) -> HttpResponse:
    access = access_campaign(request.user, found.campaign.slug, "export.create")
    context: dict[str, Any] = release_context(found, access)
    if found.state == Release.State.DONE:
        context |= finished_context(found)
        context["withdrawal_form"] = withdrawal_form or WithdrawalForm()
    else:
        context |= draft_context(found)
    return render(request, "annotations/release.html", context, status=status)
