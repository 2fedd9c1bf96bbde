"""The columns of a staged table, and the form that says which of them plays which role."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotations.pages.forms import PageForm
from importers.columns import ROLES, Role, names_of
from importers.files import kept_source
from importers.models import ImportRun
from importers.presets import PRESETS
from importers.tables import sample

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MEANINGS: dict[Role, StrOrPromise] = {
    "thread": _("Thread"),
    "thread_title": _("Title of the thread"),
    "thread_url": _("Address of the thread"),
    "missing": _("Number of comments that are not in the file"),
    "comment": _("Id of the comment"),
    "parent": _("Id of the comment answered"),
    "author": _("Name of the author"),
    "author_id": _("Id of the author"),
    "time": _("Time"),
    "score": _("Score"),
    "kind": _("Kind (article, post, comment)"),
    "status": _("Status (approved, deleted, removed, spam …)"),
    "deleted": _("Whether it was deleted"),
    "text": _("Text"),
}
OTHERS = ("html", "scoped", "thread_id", "keep_private")


def has_mapping(run: ImportRun) -> bool:
    """Whether the run's format reads columns, which somebody should confirm."""
    return "columns" in run.options


def column_names(run: ImportRun) -> list[str]:
    """The columns of the first rows of the file, or of the first table of a collection.

    Raises UnreadableFile.
    """
    dialect, sheet = run.options["dialect"], run.options.get("sheet")
    with kept_source(run) as source:
        found = (names_of(sample(member, dialect, sheet)) for member in source.members)
        return next((names for names in found if names), [])


class MappingForm(PageForm):
    """A column for each role; none where the file has nothing of the kind."""

    preset = forms.CharField(
        disabled=True,
        required=False,
        label=_("Known layout"),
        help_text=_("The columns below are those of this layout."),
    )
    html = forms.BooleanField(required=False, label=_("The text is HTML: make plain text of it"))
    scoped = forms.BooleanField(
        required=False,
        label=_("Ids of comments are unique only within their thread"),
        help_text=_("As where every thread counts its comments from 1."),
    )
    thread_id = forms.CharField(
        required=False,
        max_length=500,
        label=_("Id of the thread, if no column says it"),
        help_text=_("Without one it is made from the file, and a newer file is another thread."),
    )
    keep_private = forms.BooleanField(
        required=False, label=_("Keep columns of e-mail and IP addresses with the raw record")
    )

    def __init__(self, names: Sequence[str], run: ImportRun, data: Any = None) -> None:
        super().__init__(data, initial=_initial(run))
        if not self.initial["preset"]:
            del self.fields["preset"]
        for role in ROLES:
            self.fields[f"column_{role}"] = forms.ChoiceField(
                choices=[("", _("– none –")), *((name, name) for name in names)],
                label=MEANINGS[role],
                required=role == "text",
            )
        self.order_fields(["preset", *(f"column_{role}" for role in reversed(ROLES)), *OTHERS])

    def options(self, run: ImportRun) -> dict[str, Any]:
        """The run's options with what was chosen."""
        values = self.cleaned_data
        return {
            **run.options,
            "columns": {
                role: values[f"column_{role}"] for role in ROLES if values[f"column_{role}"]
            },
            "html": values["html"],
            "ids": "thread" if values["scoped"] else "corpus",
            "thread": values["thread_id"] or None,
            "keep_private": values["keep_private"],
        }


def _initial(run: ImportRun) -> dict[str, Any]:
    told = run.options
    titles = {preset.name: preset.title for preset in PRESETS}
    return {
        **{f"column_{role}": name for role, name in told["columns"].items()},
        "preset": titles.get(told.get("preset") or "", ""),
        "html": told.get("html"),
        "scoped": told.get("ids") == "thread",
        "thread_id": told.get("thread"),
        "keep_private": told.get("keep_private"),
    }
