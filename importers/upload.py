"""The form with which a file comes in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from annotations.models import Corpus, User
from annotations.pages.forms import PageForm
from annotations.services.corpora import create_corpus
from importers.models import ImportRun
from importers.registry import formats
from importers.services import kept_unless_it_fails, receive_file


def _format_choices() -> list[tuple[str, str]]:
    known = [(name, format.title) for name, format in formats().items()]
    return [("", "Recognise it by its content"), *known]


class UploadForm(PageForm):
    file = forms.FileField(max_length=300)
    corpus = forms.ModelChoiceField(
        Corpus.objects.order_by("slug"), required=False, empty_label="A new corpus"
    )
    new_corpus = forms.CharField(
        required=False, max_length=80, label="Name of the new corpus", help_text="If it is new."
    )
    author_names = forms.ChoiceField(
        choices=Corpus.AuthorNames.choices,
        label="Authors of the new corpus",
        help_text="How authors appear on pages, in the API and in exports.",
    )
    format = forms.ChoiceField(choices=_format_choices, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("corpus") and not cleaned.get("new_corpus"):
            self.add_error("corpus", "Choose a corpus, or name a new one.")
        if cleaned.get("corpus") and cleaned.get("new_corpus"):
            self.add_error("corpus", "Choose a corpus or name a new one, not both.")
        return cleaned

    def other_fields(self) -> list[tuple[forms.BoundField, Any]]:
        """All but the file, which the page draws itself."""
        return [(field, field.errors) for field in self if field.name != "file"]

    def stage(self, user: User) -> ImportRun:
        """The staged run, in its corpus: a new corpus is made only if the file can be read."""
        values = self.cleaned_data
        run = receive_file(
            file=values["file"].file,
            name=values["file"].name,
            format=values["format"] or None,
            user=user,
            now=timezone.now(),
        )
        with kept_unless_it_fails(run), transaction.atomic():
            run.corpus = values["corpus"] or self._new_corpus()
            run.save()
        return run

    def _new_corpus(self) -> Corpus:
        name = self.cleaned_data["new_corpus"]
        slug = slugify(name)
        return create_corpus(
            slug=slug if slug not in ("", "new") else f"corpus-{slug}".rstrip("-"),
            name=name,
            author_names=self.cleaned_data["author_names"],
            now=timezone.now(),
        )
