"""The forms of the queue and of the notes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.models import Campaign, Question
from annotations.pages.forms import PageForm
from annotations.selectors.codebooks import questions_of
from annotations.services.notes import LONGEST_REMARK
from annotations.services.rules import Rule
from annotations.services.rulings import LONGEST

BIGGEST_ID = 2**63 - 1


class WantedForm(forms.Form):
    """What is to be decided: one unit, or the worst by a question or in a thread."""

    question = forms.SlugField(max_length=80, required=False)
    thread = forms.IntegerField(min_value=0, max_value=BIGGEST_ID, required=False)
    unit = forms.IntegerField(min_value=0, max_value=BIGGEST_ID, required=False)


class RuleForm(PageForm):
    least = forms.IntegerField(
        min_value=2,
        max_value=100,
        label=_("At least so many people have answered"),
    )
    agree = forms.TypedChoiceField(
        coerce=float,
        label=_("Of them agree"),
        choices=[
            ("1", _("all")),
            ("0.8", _("at least 80 %")),
            ("0.75", _("at least 75 %")),
            ("0.66", _("at least two thirds")),
        ],
        initial="1",
    )
    questions = forms.MultipleChoiceField(
        required=False,
        label=_("On these questions"),
        help_text=_(
            "None chosen: on all that are asked, but for free texts. With some chosen, only these "
            "are settled; the others stay without a decided answer."
        ),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = questions_of(campaign.codebook_id)
        self.fields["least"].initial = max(campaign.overlap, 2)
        self.fields["questions"].choices = [  # type: ignore[attr-defined]
            (one.key, one.title) for one in asked if one.kind != Question.Kind.TEXT
        ]

    def rule(self) -> Rule:
        given = self.cleaned_data
        return Rule(least=given["least"], agree=given["agree"], questions=tuple(given["questions"]))


class ReplyForm(PageForm):
    """``note`` is what the note said on the page."""

    note = forms.CharField(max_length=10_000, strip=False, widget=forms.HiddenInput)
    ruling = forms.CharField(max_length=LONGEST, required=False)
    text = forms.CharField(max_length=LONGEST_REMARK, required=False)
