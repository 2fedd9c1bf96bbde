"""Campaigns: the list, one with its progress, a new one, its state."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotations.codebooks.guidelines import guidelines_html
from annotations.errors import ThreadmarkError
from annotations.models import Corpus
from annotations.pages.campaign_forms import (
    CampaignForm,
    CareForm,
    RulingForm,
    StateForm,
)
from annotations.pages.language import mid_sentence
from annotations.pages.page import PageRequest, page
from annotations.pages.paging import page_of
from annotations.pages.people_forms import languages_form
from annotations.pages.recipe_form import RecipeForm
from annotations.pages.sample import count_fitting, drawing_of
from annotations.permissions import Access, access_campaign, campaigns_with, require_staff
from annotations.queue import enqueue, enqueue_deliveries
from annotations.selectors.assignments import progress
from annotations.selectors.campaign_overview import (
    campaign_totals,
    changed_since_labeled,
    label_counts,
)
from annotations.selectors.members import people_counts
from annotations.selectors.traits import offered_traits
from annotations.selectors.workplace import rulings_of, rulings_with_units
from annotations.services import campaigns as service
from annotations.services.care import care_settings, set_care
from annotations.services.rulings import add_ruling


@require_safe
@page
def campaigns(request: PageRequest) -> HttpResponse:
    shown = page_of(request, campaigns_with(request.user, "campaign.view"), key="slug")
    open_to = campaigns_with(request.user, "annotation.read_all").filter(
        pk__in=[campaign.pk for campaign in shown]
    )
    totals = campaign_totals(open_to)
    rows = [(campaign, totals.get(campaign.pk)) for campaign in shown]
    return render(request, "annotations/campaigns.html", {"page": shown, "rows": rows})


@require_safe
@page
def campaign(request: PageRequest, slug: str) -> HttpResponse:
    return _campaign_page(request, access_campaign(request.user, slug, "campaign.view"))


@require_http_methods(["GET", "HEAD", "POST"])
@page
def new_campaign(request: PageRequest) -> HttpResponse:
    require_staff(request.user)
    corpus = Corpus.objects.filter(slug=request.GET.get("corpus", "")).first()
    form = CampaignForm(request.POST or None, initial={"corpus": corpus})
    care_form = CareForm(request.POST or None)
    recipe_form = RecipeForm(request.POST or None)
    context = {"form": form, "care_form": care_form, "recipe_form": recipe_form}
    if request.POST.get("act") == "count":
        return _counted(request, context)
    valid = [one.is_valid() for one in (form, care_form, recipe_form)]  # each shows its errors
    if all(valid):
        recipe = recipe_form.recipe()
        try:
            made = service.create_campaign(
                **form.arguments(recipe.seed),
                recipe=recipe,
                care=care_form.settings(),
                manager=request.user,
                now=timezone.now(),
            )
        except ThreadmarkError as error:
            refused = recipe_form if error.fields.keys() & recipe_form.fields.keys() else form
            refused.refuse(error)
        else:
            enqueue(made.samples.get())
            is_open = _("%(name)s is open: its annotators can begin as soon as units are drawn.")
            messages.success(request, is_open % {"name": made.name})
            return redirect("campaign", slug=made.slug)
    return render(request, "annotations/campaign_form.html", context)


def _counted(request: PageRequest, context: dict[str, Any]) -> HttpResponse:
    """The form as it was filled in, with how many comments fit its recipe."""
    form, recipe_form = context["form"], context["recipe_form"]
    form.is_valid()
    corpus = form.cleaned_data.get("corpus")
    context["form"] = CampaignForm.unchecked(request.POST)
    context["care_form"] = CareForm.unchecked(request.POST)
    if corpus is None:
        recipe_form.add_error(None, _("Choose the corpus first."))
    elif recipe_form.is_valid():
        try:
            context |= count_fitting(corpus, recipe_form)
        except ThreadmarkError as error:
            recipe_form.refuse(error)
    return render(request, "annotations/campaign_form.html", context)


@require_POST
@page
def change_state(request: PageRequest, slug: str) -> HttpResponse:
    access = access_campaign(request.user, slug, "campaign.manage")
    form = StateForm(request.POST)
    if form.is_valid():
        changed = service.set_state(
            campaign=access.campaign, **form.cleaned_data, now=timezone.now()
        )
        enqueue_deliveries(changed)
        words = {"name": changed.name, "state": mid_sentence(changed.get_state_display())}
        messages.success(request, _("%(name)s is now %(state)s.") % words)
    return redirect("campaign", slug=slug)


@require_POST
@page
def change_care(request: PageRequest, slug: str) -> HttpResponse:
    access = access_campaign(request.user, slug, "campaign.manage")
    form = CareForm(request.POST)
    if form.is_valid():
        set_care(campaign=access.campaign, settings=form.settings())
        messages.success(request, _("How the campaign cares for its annotators is kept."))
        return redirect("campaign", slug=slug)
    return _campaign_page(request, access, care_form=form, status=400)


@require_POST
@page
def new_ruling(request: PageRequest, slug: str) -> HttpResponse:
    access = access_campaign(request.user, slug, "campaign.manage")
    form = RulingForm(request.POST)
    if form.is_valid():
        try:
            add_ruling(
                campaign=access.campaign,
                created_by=request.user,
                now=timezone.now(),
                **form.cleaned_data,
            )
        except ThreadmarkError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The guidelines have one more ruling."))
            return redirect("campaign", slug=slug)
    return _campaign_page(request, access, ruling_form=form, status=400)


def _campaign_page(
    request: PageRequest,
    access: Access,
    *,
    care_form: CareForm | None = None,
    ruling_form: RulingForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The overview. An annotator finds only their own share on it: labeling is blind."""
    context: dict[str, Any] = {
        "campaign": access.campaign,
        "access": access,
        "may_manage": access.may("campaign.manage"),
        "may_read": access.may("corpus.read"),
        "may_label": access.may("annotation.write"),
        "may_export": access.may("export.create"),
        "support_html": guidelines_html(access.campaign.support_text),
        **_rulings(request, access),
        **drawing_of(access.campaign),
    }
    if access.may("campaign.manage"):
        initial = asdict(care_settings(access.campaign))
        context["care_form"] = care_form or CareForm(initial=initial)
        context["ruling_form"] = ruling_form or RulingForm()
    if access.membership and access.may("annotation.write"):
        context["own"] = progress(access.membership)
        context["languages_form"] = languages_form(access.membership)
        context["offers_traits"] = bool(offered_traits(access.membership))
    if access.may("annotation.read_all"):
        context |= _everybody(access)
    return render(request, "annotations/campaign.html", context, status=status)


def _everybody(access: Access) -> dict[str, Any]:
    return {
        "totals": campaign_totals([access.campaign])[access.campaign.pk],
        "people": people_counts(access.campaign),
        "counts": label_counts(access.campaign),
        "changed": changed_since_labeled(access.campaign),
    }


def _rulings(request: PageRequest, access: Access) -> dict[str, Any]:
    may_read = access.may("corpus.read")
    found = rulings_with_units(access.campaign) if may_read else rulings_of(access.campaign)
    shown = page_of(request, found, key="-pk", name="ruling_", size=10)
    rows = [(ruling, guidelines_html(ruling.text)) for ruling in shown]
    return {"rulings": shown, "ruling_rows": rows}
