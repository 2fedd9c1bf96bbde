"""The forms of campaigns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotations.models import Campaign, Codebook, Corpus, User
from annotations.pages.forms import NewSlugField, PageForm, Section
from annotations.services.campaigns import Design
from annotations.services.care import (
    LARGEST_CAP,
    LONGEST_STRETCH,
    LONGEST_SUPPORT_TEXT,
    CareSettings,
)
from annotations.services.rulings import LONGEST

DESIGN_FIELDS = (
    "overlap",
    "whole_threads",
    "order",
    "context",
    "show_article",
    "show_names",
    "show_scores",
    "show_times",
    "show_suggestions",
    "lease_minutes",
)


class UsernamesField(forms.CharField):
    """Users by their names, separated by commas or spaces."""

    def clean(self, value: Any) -> list[User]:
        names = list(dict.fromkeys(super().clean(value).replace(",", " ").split()))
        users = {user.username: user for user in User.objects.filter(username__in=names)}
        unknown = [name for name in names if name not in users]
        if unknown:
            raise ValidationError(
                _("There is no account named %(names)s.") % {"names": ", ".join(unknown)}
            )
        return [users[name] for name in names]


if TYPE_CHECKING:
    CodebookChoice = forms.ModelChoiceField[Codebook]
else:
    CodebookChoice = forms.ModelChoiceField


class CodebookField(CodebookChoice):
    """Codebooks by their titles."""

    def label_from_instance(self, obj: Codebook) -> str:
        return gettext("%(title)s, version %(version)s") % {
            "title": obj.title,
            "version": obj.version,
        }


class CampaignForm(PageForm):
    name = forms.CharField(max_length=200, label=_("Name"))
    slug = NewSlugField()
    description = forms.CharField(
        required=False, label=_("Description"), widget=forms.Textarea(attrs={"rows": 3})
    )
    corpus = forms.ModelChoiceField(Corpus.objects.order_by("slug"), label=_("Corpus"))
    codebook = CodebookField(
        Codebook.objects.defer("source", "guidelines", "translations").order_by("key", "-version"),
        label=_("Codebook"),
    )
    annotators = UsernamesField(
        label=_("Annotators"),
        required=False,
        help_text=_("User names, separated by commas. More can be added later."),
    )
    overlap = forms.IntegerField(
        label=_("Overlap"),
        min_value=1,
        max_value=100,
        initial=1,
        help_text=_("How many annotators label each unit."),
    )
    order = forms.ChoiceField(choices=Campaign.Order.choices, label=_("Order"))
    whole_threads = forms.BooleanField(
        required=False,
        label=_("One person labels all units of a thread, in order"),
        help_text=_("For codings that need the whole discussion. Only in thread order."),
    )
    share_more = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=100,
        label=_("Percent of the units that more annotators label"),
        help_text=_("To measure agreement without labeling everything several times."),
    )
    overlap_more = forms.IntegerField(
        required=False,
        min_value=2,
        max_value=100,
        label=_("How many label each of these"),
    )
    context = forms.ChoiceField(
        choices=Campaign.Context.choices,
        initial=Campaign.Context.THREAD,
        label=_("What is shown around a comment"),
    )
    show_article = forms.BooleanField(
        required=False, initial=True, label=_("Show the article or post that opens the thread")
    )
    show_names = forms.BooleanField(
        required=False, initial=True, label=_("Show who wrote a comment")
    )
    show_scores = forms.BooleanField(required=False, label=_("Show scores"))
    show_times = forms.BooleanField(required=False, initial=True, label=_("Show times"))
    show_suggestions = forms.BooleanField(
        required=False,
        label=_("Show what models suggest"),
        help_text=_("Annotators who see suggestions follow them: leave this off to stay blind."),
    )
    lease_minutes = forms.IntegerField(
        min_value=1,
        max_value=100_000,
        initial=120,
        label=_("Minutes that an untouched unit stays with an annotator"),
    )

    def sections(self) -> list[Section]:
        """What it asks before and after the sample."""
        basics = ("name", "slug", "description", "corpus", "codebook", "annotators")
        more = ("whole_threads", "share_more", "overlap_more", "lease_minutes")
        design = ("overlap", "order", *more)
        shown = tuple(name for name in self.fields if name not in (*basics, *design))
        return [
            Section(self, _("Basics"), basics),
            Section(self, _("Design"), ("overlap", "order"), _("More of the design"), more),
            Section(self, _("What is shown"), ("context",), _("More of what is shown"), shown[1:]),
        ]

    def arguments(self, seed: int) -> dict[str, Any]:
        """What the service is called with; the sample and the order have one seed.

        Raises InvalidInput for a design that makes no sense.
        """
        values = dict(self.cleaned_data)
        share, more = values.pop("share_more"), values.pop("overlap_more")
        chosen = {name: values.pop(name) for name in DESIGN_FIELDS}
        return {
            **values,
            "design": Design(**chosen, share_more=(share or 0) / 100, overlap_more=more, seed=seed),
        }


class CareForm(PageForm):
    """What may change while the campaign runs, so that it harms nobody."""

    cover_content = forms.BooleanField(
        required=False,
        initial=True,
        label=_("Cover comments with a content warning until they are opened"),
    )
    support_text = forms.CharField(
        required=False,
        max_length=LONGEST_SUPPORT_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        label=_("Where annotators find help"),
        help_text=_("Markdown. Name people and telephone numbers; always one key away."),
    )
    break_minutes = forms.IntegerField(
        min_value=0,
        max_value=LONGEST_STRETCH,
        initial=30,
        label=_("Suggest a break after so many minutes"),
        help_text=_("0: never."),
    )
    daily_units = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST_CAP,
        label=_("Most units for one annotator a day"),
        help_text=_("Empty: as many as they like."),
    )
    daily_warned = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST_CAP,
        label=_("Most units with a content warning a day"),
        help_text=_("Empty: as many as they like."),
    )

    def settings(self) -> CareSettings:
        return CareSettings(**self.cleaned_data)


class RulingForm(PageForm):
    text = forms.CharField(
        max_length=LONGEST,
        label=_("What is to be done from now on"),
        help_text=_("Markdown. Annotators are told of it; it cannot be changed afterwards."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class StateForm(PageForm):
    state = forms.ChoiceField(choices=Campaign.State.choices)
