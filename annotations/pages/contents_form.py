"""The form of what a dataset holds: whose labels of which comments, how much of the texts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotations.errors import InvalidInput
from annotations.exporters.contents import LARGEST_SEED, Contents
from annotations.exporters.rows import AGGREGATED
from annotations.models import Aggregation, Campaign
from annotations.pages import contents_words as words
from annotations.pages.choices import ExplainedOptions, OneOf, SomeOf
from annotations.pages.forms import Section
from annotations.pages.recipe_form import FILTERS, FiltersForm

USUAL = Contents()
SHARES = ("share_train", "share_validation", "share_test")


def _share(label: object, usual: float) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,  # type: ignore[arg-type]
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        initial=f"{usual * 100:g}",
    )


def _options(named: Mapping[str, object]) -> Any:
    return list(named.items())


class ContentsForm(FiltersForm):
    """One ``Contents``, of what ``campaign`` has."""

    layers = forms.MultipleChoiceField(
        label=_("Layers"),
        choices=_options(words.LAYERS),
        initial=list(USUAL.layers),
        widget=SomeOf(words.LAYER_SENTENCES),
        error_messages={"required": _("Choose at least one layer of labels.")},
    )
    method = forms.ChoiceField(required=False, label=_("Method of the one answer from many"))
    context = forms.ChoiceField(
        label=_("How much of the thread"),
        choices=_options(words.CONTEXTS),
        initial=USUAL.context,
        widget=OneOf({}),
    )
    privacy = forms.ChoiceField(
        label=_("Privacy profile"),
        choices=_options(words.PRIVACY),
        initial=USUAL.privacy,
        widget=OneOf(words.PRIVACY_SENTENCES),
    )
    notes = forms.BooleanField(
        required=False,
        initial=USUAL.notes,
        label=_("Notes and reasons"),
        help_text=_("What annotators and adjudicators wrote beside their labels."),
    )
    traits = forms.BooleanField(
        required=False,
        label=_("What annotators tell of themselves"),
        help_text=_("Only of those who agreed to it."),
    )
    split_by = forms.ChoiceField(
        label=_("How to split"),
        choices=_options(words.SPLITS),
        initial=USUAL.split_by,
        widget=OneOf(words.SPLIT_SENTENCES),
    )
    share_train = _share(_("Train, percent"), USUAL.shares[0])
    share_validation = _share(_("Validation, percent"), USUAL.shares[1])
    share_test = _share(_("Test, percent"), USUAL.shares[2])
    split_seed = forms.IntegerField(
        label=_("Seed of the split"),
        min_value=0,
        max_value=LARGEST_SEED,
        initial=USUAL.seed,
        help_text=_("The same seed, the same split; what is added later changes no side."),
    )
    formulas = forms.ChoiceField(
        label=_("Texts that a spreadsheet would run"),
        choices=_options(words.FORMULAS),
        initial=USUAL.formulas,
        widget=OneOf(words.FORMULA_SENTENCES),
    )

    def __init__(self, campaign: Campaign, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign = campaign
        self._offer_methods()
        if not campaign.traits:
            self.fields["traits"].disabled = True
            self.fields["traits"].help_text = _("This campaign asks annotators for nothing.")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        self._check_shares(values)
        if not self.errors:
            try:
                values["contents"] = self._chosen(values)
            except InvalidInput as error:
                self.refuse(error)
        return values

    def contents(self) -> Contents:
        """What the valid form says."""
        contents: Contents = self.cleaned_data["contents"]
        return contents

    def refuse(self, error: Any) -> None:
        """A form calls the seed of the split so: a recipe has a seed, too."""
        fields = {
            "split_seed" if name == "seed" else name: told for name, told in error.fields.items()
        }
        super().refuse(InvalidInput(error.message, fields=fields))

    def sections(self) -> list[Section]:
        """The parts that unfold; each is open where something is not as usual."""
        labels = ("layers", "method") if "method" in self.fields else ("layers",)
        splits = ("split_by", *SHARES, "split_seed")
        return [
            Section(self, "", (), _("Whose labels"), labels),
            Section(self, "", (), _("Context"), ("context",)),
            Section(self, "", (), _("Only comments that fit"), FILTERS),
            Section(self, "", (), _("Privacy"), ("privacy", "notes", "traits")),
            Section(self, "", (), _("Train, validation and test"), splits),
            Section(self, "", (), _("Spreadsheets"), ("formulas",)),
        ]

    def _check_shares(self, values: dict[str, Any]) -> None:
        total = sum(values.get(name, 0) for name in SHARES)
        if not self.errors.keys() & {*SHARES} and total != 100:
            sentence = _("The shares sum to %(total)s percent: they must sum to 100.")
            self.add_error(SHARES[-1], sentence % {"total": f"{total:g}"})

    def _chosen(self, values: dict[str, Any]) -> Contents:
        shares = tuple(float(Decimal(values[name]) / 100) for name in SHARES)
        return Contents(
            layers=tuple(values["layers"]),
            method=values.get("method", "") if AGGREGATED in values["layers"] else "",
            context=values["context"],
            filters=values["recipe"],
            privacy=values["privacy"],
            notes=values["notes"],
            traits=values["traits"],
            split_by=values["split_by"],
            shares=cast(tuple[float, float, float], shares),
            seed=values["split_seed"],
            formulas=values["formulas"],
        )

    def _offer_methods(self) -> None:
        """Those by which one answer was made; without any, the layer cannot be had."""
        done = self.campaign.aggregations.filter(state=Aggregation.State.DONE)
        made = set(done.order_by().values_list("method", flat=True))
        offered = [(value, title) for value, title in Aggregation.Method.choices if value in made]
        method = cast(forms.ChoiceField, self.fields["method"])
        method.choices = offered
        method.initial = offered[0][0] if offered else ""
        if not made:
            del self.fields["method"]
            options = cast(ExplainedOptions, self.fields["layers"].widget)
            options.closed = {AGGREGATED: self._none_made()}

    def _none_made(self) -> str:
        return format_html(
            '{} <a href="{}">{}</a>',
            gettext("None was made yet: start one under"),
            reverse("quality", args=[self.campaign.slug]),
            gettext("Quality"),
        )


def as_filled_in(contents: Contents) -> dict[str, Any]:
    """The form's values that would give these contents."""
    filters = {
        name: ", ".join(value) if isinstance(value, tuple) else value
        for name in FILTERS
        for value in [getattr(contents.filters, name)]
        if value not in (None, ())
    }
    shares = {name: f"{share * 100:g}" for name, share in zip(SHARES, contents.shares, strict=True)}
    plain = ("method", "context", "privacy", "notes", "traits", "split_by", "formulas")
    return {
        **filters,
        **shares,
        **{name: getattr(contents, name) for name in plain},
        "layers": list(contents.layers),
        "split_seed": contents.seed,
    }
