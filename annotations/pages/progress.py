"""How a campaign's work goes on: by day, by person, by label, in time. Counted as it is now."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from annotations.errors import NotFound
from annotations.models import Campaign
from annotations.pages import progress_tables as tables
from annotations.pages.figures import Table
from annotations.pages.page import PageRequest, page
from annotations.permissions import Access, access_campaign
from annotations.selectors.dashboard import days_of, labels_of, people_of, wanted_labels
from annotations.selectors.pace import far_off, paces, slices, times_of
from annotations.services.audit import Act, note_seen


@require_safe
@page
def progress(request: PageRequest, slug: str) -> HttpResponse:
    access = access_campaign(request.user, slug, "annotation.read_all")
    campaign = access.campaign
    _note_people_seen(access)
    times = times_of(campaign)
    found = paces(times)
    context = {
        "campaign": campaign,
        "access": access,
        "progress": _progress(campaign),
        "people": tables.people_table(
            people_of(campaign, found),
            with_names=access.may("campaign.manage"),
            address=reverse("people", args=[slug]),
        ),
        "time": tables.time_panel(slices(times)),
        "far_off": tables.far_off_table(far_off(campaign, found)),
        "labels": [tables.labels_panel(one) for one in labels_of(campaign)],
    }
    return render(request, "annotations/campaign_progress.html", context)


@require_safe
@page
def progress_file(request: PageRequest, slug: str, name: str) -> HttpResponse:
    """The numbers behind a plot of the page."""
    access = access_campaign(request.user, slug, "annotation.read_all")
    _note_people_seen(access)
    return _table(access, name).file()


def _note_people_seen(access: Access) -> None:
    """How fast and how much each works."""
    note_seen(act=Act.PEOPLE_SEEN, about=access.campaign, now=timezone.now())


def _table(access: Access, name: str) -> Table:
    """Raises NotFound for a table that there is not."""
    campaign = access.campaign
    if name == "progress":
        return _progress(campaign).table
    if name == "labels":
        return tables.labels_table(labels_of(campaign))
    if name not in ("people", "time", "outliers"):
        known = "labels, outliers, people, progress and time"
        raise NotFound(f"There is no table {name!r} here; there are {known}.")
    times = times_of(campaign)
    if name == "time":
        return tables.time_panel(slices(times)).table
    found = paces(times)
    if name == "outliers":
        return tables.far_off_table(far_off(campaign, found))
    named = access.may("campaign.manage")
    return tables.people_table(people_of(campaign, found), with_names=named)


def _progress(campaign: Campaign) -> tables.Panel:
    return tables.progress_panel(days_of(campaign), wanted_labels(campaign))
