"""What an administrator does with campaigns: state, people and their units, exports."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from annotations.admin.confirming import Act, confirmed, is_confirmed, log_act, who
from annotations.exporters.registry import exporters
from annotations.models import Campaign, ExportRun, Membership, User
from annotations.queue import enqueue, enqueue_deliveries
from annotations.services.assignments import MOST_HELD
from annotations.services.campaigns import set_state
from annotations.services.exports import start_export
from annotations.services.giving import Given, give_units

State = Campaign.State
USUAL_FORMAT = "jsonl"
STATES = {
    State.OPEN: (
        "Open these campaigns?",
        "Annotators get units again, and their labels are taken.",
    ),
    State.PAUSED: (
        "Pause these campaigns?",
        "No labels are taken until they are opened again. What browsers hold is sent then.",
    ),
    State.CLOSED: (
        "Close these campaigns?",
        "No labels are taken any more. Exports and releases can be made as before, and a closed "
        "campaign can be opened again.",
    ),
}


class AssignForm(forms.Form):
    users = forms.ModelMultipleChoiceField(
        User.objects.filter(is_active=True).order_by("username"),
        label="People",
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text="Who takes no part in a campaign yet joins it.",
    )
    role = forms.ChoiceField(
        choices=Membership.Role.choices,
        initial=Membership.Role.ANNOTATOR,
        label="Role of those who join",
    )
    give_back = forms.BooleanField(
        required=False,
        label="First free what they hold",
        help_text="Units that they have not begun; others may take them.",
    )
    units = forms.IntegerField(
        min_value=0,
        max_value=MOST_HELD,
        initial=1,
        label="Units to give",
        help_text=f"The next ones of each campaign to each person; nobody holds more than "
        f"{MOST_HELD}. What is not begun in time goes to others.",
    )


class ExportForm(forms.Form):
    format = forms.ChoiceField(
        choices=lambda: [(name, one.title) for name, one in sorted(exporters().items())],
        initial=USUAL_FORMAT,
        help_text="With the usual contents. Others are chosen on the campaign's page Data.",
    )


class CampaignActs(admin.ModelAdmin):  # type: ignore[type-arg]
    """The acts; each asks first."""

    actions = ("open", "pause", "close", "assign", "export")

    @admin.action(description="Open: take labels", permissions=["change"])
    def open(self, request: HttpRequest, campaigns: QuerySet[Campaign]) -> HttpResponse | None:
        return self._set(request, campaigns, "open", State.OPEN)

    @admin.action(description="Pause: take no labels for now", permissions=["change"])
    def pause(self, request: HttpRequest, campaigns: QuerySet[Campaign]) -> HttpResponse | None:
        return self._set(request, campaigns, "pause", State.PAUSED)

    @admin.action(description="Close: take no labels any more", permissions=["change"])
    def close(self, request: HttpRequest, campaigns: QuerySet[Campaign]) -> HttpResponse | None:
        return self._set(request, campaigns, "close", State.CLOSED)

    @admin.action(description="Assign: give units to people", permissions=["change"])
    def assign(self, request: HttpRequest, campaigns: QuerySet[Campaign]) -> HttpResponse | None:
        form = AssignForm(request.POST if is_confirmed(request) else None)
        act = Act(
            action="assign",
            title="Give units to people",
            sentences=(
                "They are given as if each had asked for the next one: training comes first, and "
                "daily caps, languages and what somebody avoids count as ever.",
            ),
            button="Give them",
            done="units given",
            form=form,
        )

        def do(campaign: Campaign) -> None:
            told = give_units(campaign=campaign, now=timezone.now(), **form.cleaned_data)
            for one in told:
                _tell_given(request, campaign, one)

        return confirmed(self, request, campaigns, act, do)

    @admin.action(description="Export labels", permissions=["view"])
    def export(self, request: HttpRequest, campaigns: QuerySet[Campaign]) -> HttpResponse | None:
        form = ExportForm(request.POST if is_confirmed(request) else None)
        act = Act(
            action="export",
            title="Export the labels of these campaigns",
            sentences=("Each export is a job. Its file can be downloaded when it is done.",),
            button="Export",
            done="export on its way",
            form=form,
        )

        def do(campaign: Campaign) -> ExportRun:
            run = start_export(
                campaign=campaign,
                format=form.cleaned_data["format"],
                user=who(request),
                now=timezone.now(),
            )
            enqueue(run)
            where = reverse("admin:annotations_exportrun_change", args=[run.pk])
            messages.info(request, format_html('<a href="{}">{}</a> of {}', where, run, campaign))
            return run

        return confirmed(self, request, campaigns, act, do)

    def _set(
        self, request: HttpRequest, campaigns: QuerySet[Campaign], action: str, state: Any
    ) -> HttpResponse | None:
        title, sentence = STATES[state]
        act = Act(
            action=action,
            title=title,
            sentences=(sentence,),
            button=f"Yes, {action} them",
            done=f"now {state.label.lower()}",
        )

        def do(campaign: Campaign) -> None:
            set_state(campaign=campaign, state=state, now=timezone.now())
            enqueue_deliveries(campaign)

        return confirmed(self, request, campaigns, act, do)


def _tell_given(request: HttpRequest, campaign: Campaign, one: Given) -> None:
    name = one.membership.user.username if one.membership.user else str(one.membership)
    joined = f" joined as {one.membership.pseudonym}," if one.joined else ""
    freed = f" gave {one.released} back," if one.released else ""
    units = "unit" if one.given == 1 else "units"
    said = f"{campaign}: {name}{joined}{freed} got {one.given} {units}."
    if one.joined:
        log_act(request, one.membership, "Joined")
    if one.refusal:
        messages.warning(request, f"{said} {one.refusal}")
    else:
        messages.info(request, said)
