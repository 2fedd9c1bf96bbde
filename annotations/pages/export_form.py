"""The form of an export: what is in it, in which format."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorList
from django.utils.translation import gettext_lazy as _

from annotations.models import Campaign
from annotations.pages.choices import OneOf
from annotations.pages.contents_form import ContentsForm
from annotations.pages.format_words import format_sentences, offer_formats

USUAL = "jsonl"


class ExportForm(ContentsForm):
    format = forms.ChoiceField(
        label=_("Format"),
        initial=USUAL,
        widget=OneOf(format_sentences()),
        error_messages={
            "required": _("Choose a format for the export."),
            "invalid_choice": _("“%(value)s” is no export format: choose one of these."),
        },
    )

    def __init__(self, campaign: Campaign, *args: Any, **kwargs: Any) -> None:
        super().__init__(campaign, *args, **kwargs)
        offer_formats(cast(forms.ChoiceField, self.fields["format"]))

    @property
    def format_field(self) -> list[tuple[BoundField, ErrorList]]:
        return [(self["format"], self["format"].errors)]
