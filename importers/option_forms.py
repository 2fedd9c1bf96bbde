"""The options of a staged import as a form: columns of a table, or what its format takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from annotations.errors import InvalidInput, UnreadableFile
from annotations.pages.forms import PageForm
from importers.files import kept_source
from importers.mapping import MappingForm, column_names, has_mapping
from importers.models import ImportRun
from importers.records import Note
from importers.registry import get_format

PRIVACY = "keep_private"


class OptionForm(Protocol):
    """A form that knows which options the run has with what was filled in."""

    @property
    def is_bound(self) -> bool: ...

    def is_valid(self) -> bool: ...

    def options(self, run: ImportRun) -> dict[str, Any]: ...


class OptionsForm(PageForm):
    """What is kept of people, where the format asks, and all other options as JSON."""

    keep_private = forms.BooleanField(
        required=False, label=_("Keep e-mail and IP addresses with the raw record")
    )
    more = forms.JSONField(
        required=False,
        label=_("Further options, as a JSON object"),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )

    def __init__(self, run: ImportRun, data: Mapping[str, Any] | None = None) -> None:
        more = {name: value for name, value in run.options.items() if name != PRIVACY}
        super().__init__(data, initial={PRIVACY: run.options.get(PRIVACY), "more": more})
        if not takes_privacy(run):
            del self.fields[PRIVACY]

    def clean_more(self) -> dict[str, Any]:
        more = self.cleaned_data["more"] or {}
        if not isinstance(more, dict):
            raise ValidationError(_('Options are a JSON object, as {"name": "value"}.'))
        return more

    def options(self, run: ImportRun) -> dict[str, Any]:
        """The options that were filled in; the run's own are among them."""
        kept = {PRIVACY: True} if self.cleaned_data.get(PRIVACY) else {}
        return {**self.cleaned_data["more"], **kept}


def option_form(run: ImportRun, data: Mapping[str, Any] | None = None) -> OptionForm:
    """The form of the run's format. Raises UnreadableFile for a table without columns."""
    if has_mapping(run):
        return MappingForm(column_names(run), run, data)
    return OptionsForm(run, data)


def takes_privacy(run: ImportRun) -> bool:
    """Whether the format asks if private fields are kept: then it takes that option."""
    try:
        with kept_source(run) as source:
            records = get_format(run.format).read(source, {PRIVACY: False})
            next((record for record in records if not isinstance(record, Note)), None)
    except UnreadableFile:
        return True
    except InvalidInput:
        return False
    return True
