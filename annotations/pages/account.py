"""One's own account: logging in and the password."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.views import LoginView, PasswordChangeView
from django.contrib.messages.views import SuccessMessageMixin
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from annotations.pages.forms import LogInForm, NewPasswordForm
from annotations.services.audit import Act, note_act


class LogIn(LoginView):
    template_name = "annotations/login.html"
    authentication_form = LogInForm
    redirect_authenticated_user = True


class ChangePassword(SuccessMessageMixin, PasswordChangeView):  # type: ignore[type-arg]
    """All other sessions end by it; the tokens, too, unless their owner wants to keep them."""

    template_name = "annotations/password.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("account")
    success_message = _("The password is changed.")

    def form_valid(self, form: Any) -> HttpResponse:
        form.user.keeps_tokens = not form.cleaned_data["revoke"]
        with transaction.atomic():
            note_act(act=Act.PASSWORD_CHANGED, about=form.user)
            return super().form_valid(form)
