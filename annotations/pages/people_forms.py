"""The forms about people and invitations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import BaseUserCreationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from annotations.models import Corpus, Membership, User
from annotations.pages.forms import PageForm
from annotations.selectors.members import languages_of
from annotations.selectors.texts import language_name
from annotations.services.invitations import LONGEST_DAYS, LONGEST_NOTE, MOST_USES
from annotations.services.people import LONGEST_REASON


class MemberForm(PageForm):
    username = forms.CharField(max_length=150, label=_("User name"))
    role = forms.ChoiceField(
        choices=Membership.Role.choices, initial=Membership.Role.ANNOTATOR, label=_("Role")
    )

    def clean_username(self) -> User:
        user = User.objects.filter(username=self.cleaned_data["username"].strip()).first()
        if user is None:
            raise ValidationError(
                _("There is no account of this name: send an invitation, or ask an administrator.")
            )
        return user


class RoleForm(PageForm):
    role = forms.ChoiceField(choices=Membership.Role.choices)


class PauseForm(PageForm):
    reason = forms.CharField(required=False, max_length=LONGEST_REASON)


class LanguagesForm(PageForm):
    languages = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=_("Languages that you read"),
        help_text=_("Comments in others are not given to you. None chosen: all."),
    )

    def __init__(self, *args: Any, corpus: Corpus, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_languages(self, corpus)


class InvitationForm(PageForm):
    role = forms.ChoiceField(
        choices=Membership.Role.choices, initial=Membership.Role.ANNOTATOR, label=_("Role")
    )
    days = forms.IntegerField(
        min_value=1, max_value=LONGEST_DAYS, initial=14, label=_("Good for so many days")
    )
    most_uses = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_USES,
        initial=1,
        label=_("Good for so many people"),
        help_text=_("Empty: for as many as come."),
    )
    note = forms.CharField(
        required=False,
        max_length=LONGEST_NOTE,
        label=_("For whom"),
        help_text=_("For your own eyes, such as “students of the seminar”."),
    )


class AccountForm(BaseUserCreationForm):  # type: ignore[type-arg]
    """An account for somebody who was invited."""

    template_name = "annotations/form.html"
    languages = LanguagesForm.base_fields["languages"]

    class Meta:
        model = User
        fields = ("username",)

    def __init__(self, *args: Any, corpus: Corpus, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_languages(self, corpus)


def languages_form(membership: Membership) -> LanguagesForm | None:
    """Of a corpus in one language there is nothing to choose."""
    form = LanguagesForm(
        corpus=membership.campaign.corpus, initial={"languages": membership.languages}
    )
    return form if "languages" in form.fields else None


def offer_languages(form: forms.BaseForm, corpus: Corpus) -> None:
    """The corpus's languages by their names; no field where there are fewer than two."""
    codes = languages_of(corpus)
    if len(codes) < 2:
        del form.fields["languages"]
        return
    field = form.fields["languages"]
    field.choices = [(code, language_name(code)) for code in codes]  # type: ignore[attr-defined]
