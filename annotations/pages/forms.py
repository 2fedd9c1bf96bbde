"""How every form is drawn: one labelled field below the other, errors beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.forms.utils import ErrorList
from django.utils.translation import gettext_lazy as _

from annotations.errors import ThreadmarkError


class PageForm(forms.Form):
    template_name = "annotations/form.html"

    @classmethod
    def unchecked(cls, given: Mapping[str, str]) -> Self:
        """The form as it was filled in, without a word about what is missing yet."""
        kept = cls()
        for name, field in kept.fields.items():
            is_box = isinstance(field, forms.BooleanField)
            kept.initial[name] = name in given if is_box else given.get(name, "")
        return kept

    def refuse(self, error: ThreadmarkError) -> None:
        """Show why the service refused: what it says of a field stands beside that field."""
        if not error.fields:
            self.add_error(None, error.message)
        for name, sentences in error.fields.items():
            known = name if name in self.fields else None
            prefix = "" if known else f"{name}: "
            self.add_error(known, [prefix + sentence for sentence in sentences])


@dataclass(frozen=True)
class Section:
    """Some fields of a form under a heading, and more of them in a part that is opened."""

    form: forms.Form
    legend: object
    names: Sequence[str]
    more: object = ""
    more_names: Sequence[str] = ()

    @property
    def fields(self) -> list[tuple[BoundField, ErrorList]]:
        return self._fields(self.names)

    @property
    def more_fields(self) -> list[tuple[BoundField, ErrorList]]:
        return self._fields(self.more_names)

    @property
    def is_open(self) -> bool:
        """Whether something in the part is filled in otherwise than usual, or wrong."""
        return any(
            errors or str(field.value() or "") != str(field.field.initial or "")
            for field, errors in self.more_fields
        )

    def _fields(self, names: Sequence[str]) -> list[tuple[BoundField, ErrorList]]:
        return [(self.form[name], self.form[name].errors) for name in names]


class LogInForm(AuthenticationForm):
    template_name = "annotations/form.html"


class NewPasswordForm(PasswordChangeForm):
    template_name = "annotations/form.html"
    revoke = forms.BooleanField(
        required=False,
        initial=True,
        label=_("Revoke my API tokens, too"),
        help_text=_("Scripts hold no password. Leave this on if somebody may have known it."),
    )


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
