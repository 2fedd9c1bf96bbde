"""The form by which a release is withdrawn."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.pages.forms import PageForm


class WithdrawalForm(PageForm):
    reason = forms.CharField(
        max_length=2_000,
        label=_("Why it is withdrawn"),
        help_text=_("Everybody who comes to this release reads it."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why: those who used it will ask.")},
    )
