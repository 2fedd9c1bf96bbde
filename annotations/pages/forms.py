"""How every form is drawn: one labelled field below the other, errors beside them."""

from __future__ import annotations

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from annotations.errors import ThreadmarkError


class PageForm(forms.Form):
    template_name = "annotations/form.html"

    def refuse(self, error: ThreadmarkError) -> None:
        """Show why the service refused: what it says of a field stands beside that field."""
        if not error.fields:
            self.add_error(None, error.message)
        for name, sentences in error.fields.items():
            known = name if name in self.fields else None
            prefix = "" if known else f"{name}: "
            self.add_error(known, [prefix + sentence for sentence in sentences])


class LogInForm(AuthenticationForm):
    template_name = "annotations/form.html"


class NewPasswordForm(PasswordChangeForm):
    template_name = "annotations/form.html"


class NewSlugField(forms.SlugField):
    """A name for addresses; ``new`` is the address of the form itself."""

    def __init__(self) -> None:
        super().__init__(
            max_length=80,
            label=_("Short name"),
            help_text=_("Letters, digits, - and _: it stands in addresses and cannot be changed."),
        )

    def clean(self, value: object) -> str:
        slug: str = super().clean(value)
        if slug == "new":
            raise ValidationError(_("“new” is taken by this page: choose another short name."))
        return slug
