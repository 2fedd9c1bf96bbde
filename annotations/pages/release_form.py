"""The form of a release: its name, what is in it, and its data card."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from django import forms
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorList
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotations.errors import Conflict, ThreadmarkError
from annotations.exporters.contents import Contents
from annotations.models import Campaign, Release, User
from annotations.pages.card_form import CardForm, as_written
from annotations.pages.choices import SomeOf
from annotations.pages.contents_form import ContentsForm, as_filled_in
from annotations.pages.format_words import format_sentences, offer_formats
from annotations.releases.card import Card, Creator
from annotations.releases.licences import LICENCES

FIRST_VERSION = "1.0"
USUAL_FORMATS = ["jsonl", "csv"]


class ReleaseForm(ContentsForm):
    title = forms.CharField(max_length=200, label=_("Title"))
    version = forms.CharField(
        max_length=20,
        label=_("Version"),
        help_text=_("Such as 1.0. A version never changes: what is corrected is a new one."),
    )
    formats = forms.MultipleChoiceField(
        label=_("Formats"),
        initial=USUAL_FORMATS,
        widget=SomeOf(format_sentences()),
        error_messages={
            "required": _("Choose at least one format."),
            "invalid_choice": _("“%(value)s” is no export format: choose some of these."),
        },
    )

    same_pseudonyms = forms.BooleanField(
        required=False,
        initial=True,
        help_text=_("So that both can be compared and used together. Only where ids are hashed."),
    )

    def __init__(
        self, campaign: Campaign, *args: Any, earlier: Release | None = None, **kwargs: Any
    ) -> None:
        """``earlier`` is the release that this one goes on from."""
        super().__init__(campaign, *args, **kwargs)
        self.earlier = earlier
        offer_formats(cast(forms.MultipleChoiceField, self.fields["formats"]))
        if earlier is None:
            del self.fields["same_pseudonyms"]
        else:
            words = gettext("The same pseudonyms as in version %(version)s")
            self.fields["same_pseudonyms"].label = words % {"version": earlier.version}

    def key(self) -> str:
        """What pseudonyms are hashed with: that of the earlier release, or "" for a new one."""
        goes_on = self.earlier is not None and self.cleaned_data["same_pseudonyms"]
        return self.earlier.key if self.earlier and goes_on else ""

    @property
    def name_fields(self) -> list[tuple[BoundField, ErrorList]]:
        asked = ("title", "version", "same_pseudonyms")
        return [(self[name], self[name].errors) for name in asked if name in self.fields]

    @property
    def formats_field(self) -> list[tuple[BoundField, ErrorList]]:
        return [(self["formats"], self["formats"].errors)]


@dataclass(frozen=True)
class ReleaseForms:
    """Both parts of the page's form."""

    release: ReleaseForm
    card: CardForm

    @classmethod
    def sent(
        cls, campaign: Campaign, sent: Mapping[str, Any], earlier: Release | None = None
    ) -> ReleaseForms:
        return cls(ReleaseForm(campaign, sent, earlier=earlier), CardForm(sent))

    @classmethod
    def of(cls, release: Release) -> ReleaseForms:
        """Filled in as the draft is."""
        return cls(
            ReleaseForm(release.campaign, initial={**_chosen(release), "version": release.version}),
            CardForm(initial=as_written(Card.from_json(release.card))),
        )

    @classmethod
    def after(cls, earlier: Release) -> ReleaseForms:
        """Filled in as the earlier release is, for the next version. A DOI names one version."""
        initial = {**_chosen(earlier), "version": next_version(earlier.campaign)}
        return cls(
            ReleaseForm(earlier.campaign, initial=initial, earlier=earlier),
            CardForm(initial=as_written(replace(Card.from_json(earlier.card), doi=""))),
        )

    @classmethod
    def first(cls, campaign: Campaign, user: User) -> ReleaseForms:
        """Filled in with what is known of a campaign without releases."""
        return cls(
            ReleaseForm(
                campaign, initial={"title": campaign.name, "version": next_version(campaign)}
            ),
            CardForm(initial=as_written(_known(campaign, user))),
        )

    def is_valid(self) -> bool:
        """Both are asked, so that each shows its errors."""
        return all([self.release.is_valid(), self.card.is_valid()])

    def values(self) -> dict[str, Any]:
        """What the services of a release take."""
        named = ("title", "version", "formats")
        return {
            **{name: self.release.cleaned_data[name] for name in named},
            "contents": self.release.contents(),
            "card": self.card.card(),
        }

    def refuse(self, error: ThreadmarkError) -> None:
        """A conflict is one of versions: the campaign has that one already."""
        if isinstance(error, Conflict):
            self.release.add_error("version", error.message)
        else:
            self.release.refuse(error)


def next_version(campaign: Campaign) -> str:
    """One that the campaign does not have: the newest, with its last number one higher."""
    versions = list(campaign.releases.order_by("-pk").values_list("version", flat=True))
    if not versions:
        return FIRST_VERSION
    counted = re.fullmatch(r"(.*?)(\d{1,9})", versions[0])
    stem, number = (counted[1], int(counted[2])) if counted else (f"{versions[0]}.", 0)
    while f"{stem}{number}" in versions:
        number += 1
    return f"{stem}{number}"


def _chosen(release: Release) -> dict[str, Any]:
    named = {"title": release.title, "formats": release.formats}
    return {**as_filled_in(Contents.from_json(release.contents)), **named}


def _known(campaign: Campaign, user: User) -> Card:
    name = user.get_full_name()
    licence = campaign.corpus.licence
    return Card(
        creators=(Creator(name=name),) if name else (),
        licence=licence if licence.casefold() in LICENCES else "",
        description=campaign.description,
    )
