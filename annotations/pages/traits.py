"""What somebody tells of themselves in a campaign, and what managers have it ask for.

The page shows a person their own and nobody else's; managers find it in datasets alone.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from annotations.errors import ThreadmarkError
from annotations.models import Campaign, Membership
from annotations.pages.forms import PageForm
from annotations.pages.page import PageRequest, page
from annotations.permissions import access_campaign
from annotations.selectors.traits import offered_traits
from annotations.services.traits import ask_traits, tell_traits
from annotations.traits import LONGEST, TRAITS, Trait

OWN = "_own"


class TraitsForm(PageForm):
    """A list for each trait, and a line for one's own words where it is open."""

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = [TRAITS[key] for key in offered_traits(membership)]
        for trait in self.offered:
            self._offer(trait, membership.traits.get(trait.key, ""))
        self.fields["agreed"] = forms.BooleanField(
            required=False,
            initial=membership.traits_agreed_at is not None,
            label=_("I agree that this leaves in datasets, beside my pseudonym %(name)s")
            % {"name": membership.pseudonym},
        )

    def traits(self) -> dict[str, str]:
        """What was chosen or written; one's own words count before what was chosen."""
        given = self.cleaned_data
        return {
            trait.key: given.get(trait.key + OWN) or given.get(trait.key, "")
            for trait in self.offered
        }

    def _offer(self, trait: Trait, told: str) -> None:
        title = _(trait.title)
        if not trait.options:
            self.fields[trait.key] = _line(title, told)
            return
        choices = [("", _("I do not say")), *((value, _(name)) for value, name in trait.options)]
        chosen = told if told in dict(trait.options) else ""
        self.fields[trait.key] = forms.ChoiceField(
            required=False, label=title, choices=choices, initial=chosen
        )
        if trait.is_open:
            own = _("%(trait)s, in your own words") % {"trait": title}
            self.fields[trait.key + OWN] = _line(own, "" if chosen else told)


class AskedForm(PageForm):
    traits = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("What annotators may tell of themselves"),
        help_text=gettext_lazy("Ask for no more than your research needs. None chosen: nothing."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["traits"]
        field.choices = [(one.key, _(one.title)) for one in TRAITS.values()]  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@page
def own_traits(request: PageRequest, slug: str) -> HttpResponse:
    access = access_campaign(request.user, slug, "annotation.write")
    member = access.membership
    assert member is not None
    form = TraitsForm(request.POST or None, membership=member)
    if form.is_valid():
        try:
            tell_traits(
                membership=member,
                traits=form.traits(),
                agreed=form.cleaned_data["agreed"],
                now=timezone.now(),
            )
        except ThreadmarkError as error:
            form.refuse(error)
        else:
            messages.success(request, _said(member))
            return redirect("own_traits", slug=slug)
    context = {"campaign": access.campaign, "access": access, "member": member, "form": form}
    status = 400 if form.errors else 200
    return render(request, "annotations/own_traits.html", context, status=status)


@require_POST
@page
def change_asked_traits(request: PageRequest, slug: str) -> HttpResponse:
    access = access_campaign(request.user, slug, "campaign.manage")
    form = AskedForm(request.POST)
    if form.is_valid():
        ask_traits(campaign=access.campaign, traits=form.cleaned_data["traits"])
        messages.success(request, _("What annotators may tell of themselves is kept."))
    else:
        messages.error(request, _("One of these is not there to ask for: choose again."))
    return redirect("people", slug=slug)


def asked_form(campaign: Campaign) -> AskedForm:
    return AskedForm(initial={"traits": campaign.traits})


def _line(label: str, told: str) -> forms.CharField:
    return forms.CharField(required=False, max_length=LONGEST, label=label, initial=told)


def _said(member: Membership) -> str:
    if not member.traits:
        return _("You tell nothing of yourself: nothing is kept.")
    if member.traits_agreed_at is None:
        return _("Your answers are kept, and leave in no dataset.")
    return _("Your answers are kept, and leave in datasets from now on.")
