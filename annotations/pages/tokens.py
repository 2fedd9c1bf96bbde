"""One's own tokens on the account page: made, shown once, revoked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from annotations.errors import InvalidInput
from annotations.models import ApiToken, Campaign, User
from annotations.pages.care import own_forms
from annotations.pages.forms import PageForm
from annotations.pages.page import PageRequest, page
from annotations.pages.paging import page_of
from annotations.permissions import campaigns_with
from annotations.selectors.readable import own_tokens
from annotations.services.tokens import create_token, revoke_token

LONGEST_DAYS = 3650
SCOPES: dict[str, Promise] = {
    ApiToken.Scope.LABELS: _("Read labels that you may read: rows, exports, agreement"),
    ApiToken.Scope.CORPUS: _("Read threads and comments that you may read"),
    ApiToken.Scope.SUGGESTIONS: _("Send suggestions of models"),
    ApiToken.Scope.ANNOTATIONS: _("Label in your name, and read your own labels"),
    ApiToken.Scope.MANAGE: _("Import and manage: all that you may do but label in your name"),
    ApiToken.Scope.ALL: _("All that you may do, except make tokens"),
}


class CampaignsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Campaigns by their names."""

    def label_from_instance(self, obj: Campaign) -> str:
        return obj.name


class TokenForm(PageForm):
    name = forms.CharField(
        max_length=100, label=_("What it is for"), help_text=_("Such as “pandas on my laptop”.")
    )
    scopes = forms.MultipleChoiceField(
        choices=SCOPES.items(),
        widget=forms.CheckboxSelectMultiple,
        label=_("What it may do"),
        help_text=_("Never more than you may do yourself. Give it no more than it needs."),
    )
    campaigns = CampaignsField(
        Campaign.objects.none(),
        required=False,
        to_field_name="slug",
        widget=forms.CheckboxSelectMultiple,
        label=_("Only in these campaigns"),
        help_text=_("None chosen: in all that you see, now and later."),
    )
    days = forms.IntegerField(
        min_value=1, max_value=LONGEST_DAYS, initial=365, label=_("Days until it ends")
    )

    def __init__(self, user: User, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.user = user
        choices = self.fields["campaigns"]
        assert isinstance(choices, CampaignsField)
        choices.queryset = campaigns_with(user, "campaign.view").order_by("name", "slug")
        if not choices.queryset.exists():
            del self.fields["campaigns"]

    def make(self) -> str:
        """The new token. Raises InvalidInput."""
        wanted = self.cleaned_data
        chosen = [campaign.slug for campaign in wanted.get("campaigns", ())]
        _token, secret = create_token(
            user=self.user,
            name=wanted["name"],
            scopes=wanted["scopes"],
            campaigns=chosen or None,
            expiry=timedelta(days=wanted["days"]),
        )
        return secret


@dataclass(frozen=True)
class TokenLine:
    """A token with what it may do in words; ``campaigns`` is empty where it reaches all."""

    token: ApiToken
    scopes: list[Promise | str]
    campaigns: list[str]
    has_ended: bool


@require_safe
@page
def account(request: PageRequest) -> HttpResponse:
    return _account_page(request, TokenForm(request.user))


@never_cache
@require_POST
@page
def new_token(request: PageRequest) -> HttpResponse:
    """The page with the new token on it: it is shown this once, so there is no redirect."""
    form = TokenForm(request.user, request.POST)
    if form.is_valid():
        try:
            return _account_page(request, TokenForm(request.user), token=form.make())
        except InvalidInput as error:
            form.refuse(error)
    return _account_page(request, form)


@require_POST
@page
def revoke(request: PageRequest, token_key: str) -> HttpResponse:
    name = revoke_token(user=request.user, token_key=token_key)
    revoked = _("The token “%(name)s” is revoked: scripts that use it are locked out.")
    messages.success(request, revoked % {"name": name})
    return redirect("account")


def _account_page(request: PageRequest, form: TokenForm, token: str = "") -> HttpResponse:
    shown = page_of(request, own_tokens(request.user), key="digest")
    context = {
        "form": form,
        "token": token,
        "page": shown,
        "lines": list(_lines(shown.rows)),
        **own_forms(request),
        "address": request.build_absolute_uri("/api/v1/campaigns/"),
    }
    return render(request, "annotations/account.html", context)


def _lines(tokens: list[ApiToken]) -> Iterator[TokenLine]:
    now = timezone.now()
    for token in tokens:
        yield TokenLine(
            token=token,
            scopes=[SCOPES.get(scope, scope) for scope in token.scopes],
            campaigns=sorted(campaign.name for campaign in token.campaigns.all()),
            has_ended=token.expiry is not None and token.expiry <= now,
        )
