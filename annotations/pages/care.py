"""One's own care: what one is never given, and how one wants the pages to look."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from annotations.models import ContentCategory, User
from annotations.pages.forms import PageForm
from annotations.pages.language import cookie_language, language_of_reader
from annotations.pages.page import PageRequest, page
from annotations.preferences import kept_preferences
from annotations.services.care import set_avoided, set_preferences


class AvoidedForm(PageForm):
    avoided = forms.ModelMultipleChoiceField(
        ContentCategory.objects.all(),
        required=False,
        to_field_name="key",
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Never give me texts with"),
    )


class PreferencesForm(PageForm):
    theme = forms.ChoiceField(
        label=gettext_lazy("Colours"),
        choices=[
            ("system", gettext_lazy("As the computer says")),
            ("light", gettext_lazy("Light")),
            ("dark", gettext_lazy("Dark")),
            ("contrast", gettext_lazy("High contrast")),
        ],
    )
    text_size = forms.ChoiceField(
        label=gettext_lazy("Size of texts"),
        choices=[
            ("small", gettext_lazy("Small")),
            ("normal", gettext_lazy("Normal")),
            ("large", gettext_lazy("Large")),
            ("largest", gettext_lazy("Largest")),
        ],
    )
    width = forms.ChoiceField(
        label=gettext_lazy("Width of texts"),
        choices=[("narrow", gettext_lazy("Narrow")), ("wide", gettext_lazy("Wide"))],
    )
    language = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Language of the pages"),
        choices=[
            ("", gettext_lazy("As the browser says")),
            ("en", "English"),
            ("de", "Deutsch"),
            ("ar", "العربية"),
        ],
    )
    calm = forms.BooleanField(
        required=False, label=gettext_lazy("Calm: grey, without pictures, smaller type")
    )
    shortcuts = forms.BooleanField(
        required=False, label=gettext_lazy("Single keys give answers in the workspace")
    )


@require_POST
@page
def save_avoided(request: PageRequest) -> HttpResponse:
    form = AvoidedForm(request.POST)
    if form.is_valid():
        chosen = [category.key for category in form.cleaned_data["avoided"]]
        set_avoided(user=request.user, categories=chosen, now=timezone.now())
        messages.success(request, _("Your choice is kept, and nobody else sees it."))
    else:
        messages.error(request, _("One of these categories is not there any more: choose again."))
    return redirect("account")


@require_POST
@page
def save_preferences(request: PageRequest) -> HttpResponse:
    """The keys are chosen in the workspace, and stay as they are."""
    form = PreferencesForm(request.POST)
    if form.is_valid():
        keys = kept_preferences(request.user.preferences).keys
        set_preferences(user=request.user, preferences={**form.cleaned_data, "keys": keys})
        return _in_chosen_language(request)
    messages.error(request, _("One of these choices is not there: choose again."))
    return redirect("account")


def _in_chosen_language(request: PageRequest) -> HttpResponse:
    """The choice here is the one that counts: what the cookie said before is forgotten."""
    request.COOKIES.pop(settings.LANGUAGE_COOKIE_NAME, None)
    with translation.override(language_of_reader(request)):
        messages.success(request, _("The pages look now as you want them."))
    response = redirect("account")
    response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    return response


def own_forms(request: PageRequest) -> dict[str, Any]:
    """What the account page shows of it.

    A language that was chosen at the log-in stands in the form, so that saving keeps it.
    """
    user = request.user
    preferences = kept_preferences(user.preferences).model_dump(exclude={"keys"})
    preferences["language"] = preferences["language"] or cookie_language(request)
    return {
        "avoided_form": AvoidedForm(initial={"avoided": list(user.avoided.all())}),
        "preferences_form": PreferencesForm(initial=preferences),
    }


def appearance(request: HttpRequest) -> dict[str, Any]:
    """For every page: the attributes of ``<html>`` that the reader's preferences ask for."""

    def attributes() -> dict[str, str]:
        user = getattr(request, "user", None)
        return kept_preferences(user.preferences).attributes() if isinstance(user, User) else {}

    return {"appearance": SimpleLazyObject(attributes)}
