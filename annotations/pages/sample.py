"""A campaign's sample: how its units were drawn, more of them, their order, whole threads."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from annotations.errors import InvalidInput
from annotations.models import Campaign, Corpus, Job
from annotations.pages.forms import PageForm
from annotations.pages.page import PageRequest, page
from annotations.pages.paging import page_of
from annotations.pages.recipe_form import RecipeForm
from annotations.permissions import Access, access_campaign
from annotations.queue import enqueue
from annotations.selectors.candidates import Fitting, fitting, scope_of
from annotations.selectors.jobs import worker_alive
from annotations.selectors.recipe_words import sample_in_words
from annotations.selectors.samples import managed_ranking, managed_sample
from annotations.selectors.texts import language_name
from annotations.selectors.turns import held_turns, turn_of_campaign, turn_shares
from annotations.services import sampling
from annotations.services.jobs import cancel_job
from annotations.services.ranking import start_ranking
from annotations.services.turns import release_turn

SHOWN = 10
PARTS_SHOWN = 8


class OverlapForm(PageForm):
    overlap = forms.IntegerField(
        min_value=2, max_value=100, label=gettext_lazy("How many annotators label each unit")
    )


@require_safe
@page
def campaign_sample(request: PageRequest, slug: str) -> HttpResponse:
    return _sample_page(request, access_campaign(request.user, slug, "corpus.read"))


@require_POST
@page
def new_sample(request: PageRequest, slug: str) -> HttpResponse:
    """Count what fits, or draw it and add it to the campaign."""
    access = access_campaign(request.user, slug, "campaign.manage")
    form = RecipeForm(request.POST)
    if form.is_valid():
        try:
            if request.POST.get("act") == "count":
                told = count_fitting(access.campaign.corpus, form)
                return _sample_page(request, access, recipe_form=form, **told)
            sample = sampling.start_sample(
                campaign=access.campaign,
                recipe=form.recipe(),
                user=request.user,
                now=timezone.now(),
            )
        except InvalidInput as error:
            form.refuse(error)
        else:
            enqueue(sample)
            messages.success(request, _("The units are being drawn: they are added by and by."))
            return redirect("campaign_sample", slug=slug)
    return _sample_page(request, access, status=400, recipe_form=form)


@require_POST
@page
def raise_overlap(request: PageRequest, slug: str) -> HttpResponse:
    access = access_campaign(request.user, slug, "campaign.manage")
    form = OverlapForm(request.POST)
    if form.is_valid():
        try:
            sample = sampling.raise_overlap(
                campaign=access.campaign,
                user=request.user,
                now=timezone.now(),
                **form.cleaned_data,
            )
        except InvalidInput as error:
            form.refuse(error)
        else:
            enqueue(sample)
            messages.success(request, _("Each unit gets more labels: slots are added by and by."))
            return redirect("campaign_sample", slug=slug)
    return _sample_page(request, access, status=400, overlap_form=form)


@require_POST
@page
def cancel_sample(request: PageRequest, pk: int) -> HttpResponse:
    sample = cancel_job(job=managed_sample(request.user, pk), now=timezone.now())
    messages.success(
        request, _("The drawing is cancelled.") if sample.finished else _("It will stop soon.")
    )
    return redirect("campaign_sample", slug=sample.campaign.slug)


@require_POST
@page
def retry_sample(request: PageRequest, pk: int) -> HttpResponse:
    sample = managed_sample(request.user, pk)
    enqueue(sampling.retry_sample(sample=sample, now=timezone.now()))
    messages.success(request, _("The units are drawn again."))
    return redirect("campaign_sample", slug=sample.campaign.slug)


@require_POST
@page
def new_ranking(request: PageRequest, slug: str) -> HttpResponse:
    access = access_campaign(request.user, slug, "campaign.manage")
    ranking = start_ranking(campaign=access.campaign, user=request.user, now=timezone.now())
    enqueue(ranking)
    messages.success(request, _("The free units are put in a new order."))
    return redirect("campaign_sample", slug=slug)


@require_POST
@page
def cancel_ranking(request: PageRequest, pk: int) -> HttpResponse:
    ranking = cancel_job(job=managed_ranking(request.user, pk), now=timezone.now())
    messages.success(request, _("It will stop soon."))
    return redirect("campaign_sample", slug=ranking.campaign.slug)


@require_POST
@page
def give_turn_back(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    access = access_campaign(request.user, slug, "campaign.manage")
    release_turn(turn=turn_of_campaign(access.campaign, pk), now=timezone.now())
    messages.success(request, _("The rest of the thread goes to somebody else."))
    return redirect("campaign_sample", slug=slug)


def count_fitting(corpus: Corpus, form: RecipeForm) -> dict[str, Any]:
    """What a template shows of what fits the valid form. Raises InvalidInput."""
    told = fitting(scope_of(corpus), form.recipe())
    return {"fitting": told, "fitting_parts": list(_parts(told))}


def drawing_of(campaign: Campaign) -> dict[str, Any]:
    """What the overview says of units that are being drawn, or could not be."""
    newest = campaign.samples.first()
    if newest is None or newest.state == Job.State.DONE:
        return {}
    if not newest.finished:
        return {"drawing": newest}
    return {"undrawn": newest} if newest.state == Job.State.FAILED else {}


def _parts(told: Fitting) -> list[tuple[str, list[tuple[str, int]]]]:
    """The most frequent platforms and languages, where there are several."""
    languages = [(language_name(code), n) for code, n in told.languages.most_common(PARTS_SHOWN)]
    platforms = [(name or "—", n) for name, n in told.platforms.most_common(PARTS_SHOWN)]
    parts = [(_("Platforms"), platforms), (_("Languages"), languages)]
    return [(name, counts) for name, counts in parts if len(counts) > 1]


def _sample_page(
    request: PageRequest,
    access: Access,
    *,
    status: int = 200,
    recipe_form: RecipeForm | None = None,
    overlap_form: OverlapForm | None = None,
    **told: Any,
) -> HttpResponse:
    campaign = access.campaign
    shown = page_of(request, campaign.samples.all(), key="-pk", name="sample_", size=SHOWN)
    now = timezone.now()
    context = {
        "campaign": campaign,
        "access": access,
        "samples": shown,
        "sample_rows": [(sample, sample_in_words(sample)) for sample in shown],
        "share_more": round(campaign.share_more * 100),
        "waiting": any(not sample.finished for sample in shown),
        "worker_alive": worker_alive(now),
        "may_manage": access.may("campaign.manage"),
        "may_extend": access.may("campaign.manage") and campaign.state != Campaign.State.CLOSED,
        "recipe_form": recipe_form or RecipeForm(initial={"seed": campaign.seed}),
        "recipe_open": recipe_form is not None,
        "overlap_form": overlap_form or OverlapForm(initial={"overlap": campaign.overlap + 1}),
        "ranking": campaign.rankings.first(),
        **told,
    }
    if campaign.whole_threads and access.may("campaign.manage"):
        turns = page_of(request, held_turns(campaign), key="pk", name="turn_", size=SHOWN)
        context |= {"turns": turns, "turn_shares": turn_shares(turns)}
    return render(request, "annotations/campaign_sample.html", context, status=status)
