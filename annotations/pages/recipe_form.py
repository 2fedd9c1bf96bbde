"""The form of a recipe: which comments, how many of them, drawn how."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.errors import InvalidInput
from annotations.pages.forms import PageForm, Section
from annotations.pages.thread_filters import LARGEST, DateInput
from annotations.samples.recipe import Recipe
from annotations.selectors.recipe_words import STRATA

FILTERS = (
    *("platforms", "languages", "posted_from", "posted_to", "depth_min", "depth_max"),
    *("length_min", "length_max", "keywords", "excluded", "thread_min", "thread_max"),
    *("not_in", "without_copies"),
)
DRAWING = ("draw", "size")
STRATIFIED = ("of", "by", "allocation", "seed")


class WordsField(forms.CharField):
    """Several entries, separated by commas or lines."""

    def clean(self, value: Any) -> list[str]:
        words = [word.strip() for word in re.split(r"[,;\n]", super().clean(value))]
        return [word for word in words if word]


def _bound(label: Any) -> forms.IntegerField:
    return forms.IntegerField(required=False, min_value=0, max_value=LARGEST, label=label)


class FiltersForm(PageForm):
    """Which comments fit, as a ``Recipe``; what is empty excludes nothing."""

    platforms = WordsField(required=False, label=_("Platforms"))
    languages = WordsField(
        required=False,
        label=_("Languages"),
        help_text=_("Codes such as en, de; und where it cannot be told."),
    )
    posted_from = forms.DateField(required=False, label=_("Posted from"), widget=DateInput())
    posted_to = forms.DateField(required=False, label=_("Posted to"), widget=DateInput())
    depth_min = _bound(_("Depth, at least"))
    depth_max = _bound(_("Depth, at most"))
    length_min = _bound(_("Characters, at least"))
    length_max = _bound(_("Characters, at most"))
    keywords = WordsField(
        required=False, label=_("Words, one of which is in the text"), max_length=10_000
    )
    excluded = WordsField(
        required=False, label=_("Words, none of which is in the text"), max_length=10_000
    )
    thread_min = _bound(_("Comments in the thread, at least"))
    thread_max = _bound(_("Comments in the thread, at most"))
    not_in = WordsField(
        required=False,
        label=_("Not in these campaigns"),
        help_text=_("Short names, separated by commas."),
    )
    without_copies = forms.BooleanField(
        required=False, label=_("Of texts that say nearly the same only the earliest")
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors:
            given = {name: values.get(name) for name in self.asked()}
            try:
                values["recipe"] = Recipe(
                    **{name: value for name, value in given.items() if value not in (None, "")}
                )
            except InvalidInput as error:
                self.refuse(error)
        return values

    def asked(self) -> tuple[str, ...]:
        """The fields of the recipe that the form speaks of."""
        return FILTERS

    def recipe(self) -> Recipe:
        """What the valid form says."""
        recipe: Recipe = self.cleaned_data["recipe"]
        return recipe

    def filters(self) -> Section:
        return Section(self, "", (), _("Which comments fit"), FILTERS)


class RecipeForm(FiltersForm):
    """One ``Recipe``: which comments fit, and how many of them are drawn, and how."""

    draw = forms.ChoiceField(
        required=False,
        initial="all",
        label=_("Which of the comments that fit"),
        choices=[
            ("all", _("All of them")),
            ("random", _("So many at random")),
            ("stratified", _("So many, in strata")),
        ],
    )
    size = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST,
        label=_("How many"),
        help_text=_(
            "Empty if all are taken. A larger sample of the same seed holds a smaller one."
        ),
    )
    of = forms.ChoiceField(
        required=False,
        label=_("Count"),
        initial="units",
        choices=[
            ("units", _("Comments")),
            ("threads", _("Threads, with all comments of theirs that fit")),
        ],
    )
    by = forms.ChoiceField(
        required=False,
        label=_("Strata"),
        choices=[("", "—"), *STRATA.items()],
        help_text=_("Only where the sample is drawn in strata."),
    )
    allocation = forms.ChoiceField(
        required=False,
        label=_("Each stratum gets"),
        initial="proportional",
        choices=[("proportional", _("its share")), ("equal", _("as many as the others"))],
    )
    seed = forms.IntegerField(
        required=False,
        label=_("Seed"),
        min_value=0,
        max_value=LARGEST,
        initial=1,
        help_text=_("The same seed, the same sample and order."),
    )

    def asked(self) -> tuple[str, ...]:
        """What fits does not hang on how it would be drawn."""
        return FILTERS if self.counts else (*FILTERS, *DRAWING, *STRATIFIED)

    @property
    def counts(self) -> bool:
        """Whether it is asked how many fit, not to draw."""
        return self.data.get("act") == "count"

    def section(self) -> Section:
        return Section(self, _("Sample"), DRAWING, _("Strata, threads and the seed"), STRATIFIED)
