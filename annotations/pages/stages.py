"""What trains, tests and checks a campaign's annotators, and what follows from their scores."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from annotations.errors import NotFound, ThreadmarkError
from annotations.models import Unit
from annotations.pages.forms import PageForm
from annotations.pages.page import PageRequest, page
from annotations.pages.paging import page_of
from annotations.permissions import Access, access_campaign
from annotations.selectors.answers import answers_of
from annotations.selectors.codebooks import Titles, titles_of
from annotations.selectors.known import gold_beside, known_counts, known_of
from annotations.services.known import MOST, PURPOSES, take_back_known_unit
from annotations.services.known_file import LARGEST, FileAdded, add_known_from_file
from annotations.services.known_gold import take_known_from_gold
from annotations.services.stage_settings import (
    RAREST,
    WIDEST,
    StageSettings,
    set_stages,
    stage_settings,
)

CHOICES = [(purpose.value, purpose.label) for purpose in PURPOSES]


class SettingsForm(PageForm):
    test_score = forms.FloatField(
        required=False,
        min_value=0,
        max_value=1,
        label=gettext_lazy("Score in the test that opens the campaign"),
        help_text=gettext_lazy("From 0 to 1. Empty: any score does."),
    )
    check_every = forms.IntegerField(
        required=False,
        min_value=2,
        max_value=RAREST,
        label=gettext_lazy("One unit in so many is a check"),
        help_text=gettext_lazy("At places that nobody can foresee. Empty: none."),
    )
    check_score = forms.FloatField(
        required=False,
        min_value=0,
        max_value=1,
        label=gettext_lazy("Score in the checks below which an annotator is paused"),
        help_text=gettext_lazy("From 0 to 1. Empty: nobody is paused."),
    )
    check_window = forms.IntegerField(
        min_value=5,
        max_value=WIDEST,
        label=gettext_lazy("How many of the last checks count"),
        help_text=gettext_lazy("At least five are waited for."),
    )
    repeat_every = forms.IntegerField(
        required=False,
        min_value=2,
        max_value=RAREST,
        label=gettext_lazy("One unit in so many is given once more"),
        help_text=gettext_lazy("To see whether one agrees with oneself. Empty: none."),
    )


class UploadForm(PageForm):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV or JSON Lines: comment or source_id, purpose, reason, and a column for each "
            "question."
        ),
    )
    purpose = forms.ChoiceField(
        choices=CHOICES, label=gettext_lazy("For lines that do not say what they are for")
    )


class DrawForm(PageForm):
    purpose = forms.ChoiceField(choices=CHOICES, label=gettext_lazy("For"))
    count = forms.IntegerField(
        min_value=1, max_value=MOST, initial=10, label=gettext_lazy("How many")
    )
    seed = forms.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        initial=1,
        label=gettext_lazy("Seed"),
        help_text=gettext_lazy("The same seed draws the same."),
    )


@require_safe
@page
def stages(request: PageRequest, slug: str) -> HttpResponse:
    return _stages_page(request, access_campaign(request.user, slug, "campaign.manage"))


@require_POST
@page
def change_stages(request: PageRequest, slug: str) -> HttpResponse:
    access = access_campaign(request.user, slug, "campaign.manage")
    form = SettingsForm(request.POST)
    if not form.is_valid():
        return _stages_page(request, access, settings_form=form, status=400)
    set_stages(campaign=access.campaign, settings=StageSettings(**form.cleaned_data))
    messages.success(request, _("The settings are kept; they hold from the next unit on."))
    return redirect("stages", slug=slug)


@require_POST
@page
def upload_known(request: PageRequest, slug: str) -> HttpResponse:
    access = access_campaign(request.user, slug, "campaign.manage")
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            told = add_known_from_file(
                campaign=access.campaign,
                content=form.cleaned_data["file"].read(LARGEST + 1),
                purpose=form.cleaned_data["purpose"],
                now=timezone.now(),
            )
        except ThreadmarkError as error:
            form.refuse(error)
        else:
            return _stages_page(request, access, told=told)
    return _stages_page(request, access, upload_form=form, status=400)


@require_POST
@page
def draw_known(request: PageRequest, slug: str) -> HttpResponse:
    access = access_campaign(request.user, slug, "campaign.manage")
    form = DrawForm(request.POST, auto_id="draw_%s")
    if form.is_valid():
        try:
            told = take_known_from_gold(
                campaign=access.campaign, now=timezone.now(), **form.cleaned_data
            )
        except ThreadmarkError as error:
            form.refuse(error)
        else:
            said = _("%(count)d known answers were added.")
            messages.success(request, said % {"count": told.created})
            return redirect("stages", slug=slug)
    return _stages_page(request, access, draw_form=form, status=400)


@require_POST
@page
def take_back_known(request: PageRequest, slug: str, pk: int) -> HttpResponse:
    access = access_campaign(request.user, slug, "campaign.manage")
    unit = known_of(access.campaign).filter(pk=pk).first()
    if unit is None:
        raise NotFound(f"There is no unit {pk} with a known answer in this campaign.")
    take_back_known_unit(campaign=access.campaign, unit=unit, now=timezone.now())
    messages.success(request, _("The known answer is taken back."))
    return redirect("stages", slug=slug)


def _stages_page(
    request: PageRequest,
    access: Access,
    *,
    status: int = 200,
    settings_form: SettingsForm | None = None,
    upload_form: UploadForm | None = None,
    draw_form: DrawForm | None = None,
    told: FileAdded | None = None,
) -> HttpResponse:
    campaign = access.campaign
    shown = page_of(request, known_of(campaign), key="order")
    settings = asdict(stage_settings(campaign))
    titles = titles_of(campaign.codebook.key, campaign.codebook.version)
    context: dict[str, Any] = {
        "campaign": campaign,
        "access": access,
        "counts": known_counts(campaign),
        "settings_form": settings_form or SettingsForm(initial=settings),
        "upload_form": upload_form or UploadForm(auto_id="upload_%s"),
        "draw_form": draw_form or DrawForm(auto_id="draw_%s"),
        "free_gold": gold_beside(campaign).count(),
        "told": told,
        "page": shown,
        "rows": [_row(unit, titles) for unit in shown],
    }
    return render(request, "annotations/stages.html", context, status=status)


def _row(unit: Unit, titles: Titles) -> dict[str, Any]:
    gold = unit.annotations.all()[0]
    answers = {key: _said(value, key, titles) for key, value in answers_of(gold).items()}
    return {"unit": unit, "answers": answers, "reason": gold.reason}


def _said(value: Any, question: str, titles: Titles) -> str:
    """An answer as a short text: labels by their titles, spans by their quotes."""
    if isinstance(value, list):
        return ", ".join(_said(one, question, titles) for one in value)
    if isinstance(value, dict):
        return str(value.get("quote") or value.get("comment"))
    return f"{value:g}" if isinstance(value, float) else titles.label(question, str(value))
