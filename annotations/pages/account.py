"""One's own account: logging in, the password, the API tokens."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.contrib.messages.views import SuccessMessageMixin
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from annotations.pages.care import own_forms
from annotations.pages.forms import LogInForm, NewPasswordForm, PageForm
from annotations.pages.page import PageRequest, page
from annotations.pages.paging import page_of
from annotations.selectors.readable import own_tokens
from annotations.services.tokens import create_token, revoke_token


class LogIn(LoginView):
    template_name = "annotations/login.html"
    authentication_form = LogInForm
    redirect_authenticated_user = True


class ChangePassword(SuccessMessageMixin, PasswordChangeView):  # type: ignore[type-arg]
    template_name = "annotations/password.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("account")
    success_message = _("The password is changed.")


class TokenForm(PageForm):
    name = forms.CharField(
        max_length=100, label=_("What it is for"), help_text=_("Such as “pandas on my laptop”.")
    )


@require_safe
@page
def account(request: PageRequest) -> HttpResponse:
    return _account_page(request, TokenForm())


@never_cache
@require_POST
@page
def new_token(request: PageRequest) -> HttpResponse:
    """The page with the new token on it: it is shown this once, so there is no redirect."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _account_page(request, form)
    _, token = create_token(user=request.user, name=form.cleaned_data["name"])
    return _account_page(request, TokenForm(), token=token)


@require_POST
@page
def revoke(request: PageRequest, token_key: str) -> HttpResponse:
    name = revoke_token(user=request.user, token_key=token_key)
    revoked = _("The token “%(name)s” is revoked: scripts that use it are locked out.")
    messages.success(request, revoked % {"name": name})
    return redirect("account")


def _account_page(request: PageRequest, form: TokenForm, token: str = "") -> HttpResponse:
    context = {
        "form": form,
        "token": token,
        "page": page_of(request, own_tokens(request.user), key="digest"),
        **own_forms(request.user),
        "address": request.build_absolute_uri("/api/v1/campaigns/"),
    }
    return render(request, "annotations/account.html", context)
