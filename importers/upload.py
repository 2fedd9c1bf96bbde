"""The form with which files come in."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import IO, Any

from django import forms
from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from annotations.models import Corpus, User
from annotations.pages.forms import PageForm
from annotations.services.corpora import create_corpus
from importers.models import ImportRun
from importers.registry import formats
from importers.services import kept_unless_it_fails, receive_file
from importers.several_files import common_name, packed_together


def _format_choices() -> list[tuple[str, str]]:
    known = [(name, format.title) for name, format in formats().items()]
    return [("", str(_("Recognise it by its content"))), *known]


class SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """One file or more."""

    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        files = data if isinstance(data, list | tuple) else [data]
        return [super(SeveralFilesField, self).clean(file, initial) for file in files or [None]]


class UploadForm(PageForm):
    file = SeveralFilesField(max_length=300, label=_("Files"), allow_empty_file=True)
    paths = forms.CharField(required=False, widget=forms.HiddenInput)
    corpus = forms.ModelChoiceField(
        Corpus.objects.order_by("slug"),
        required=False,
        label=_("Corpus"),
        empty_label=_("A new corpus"),
    )
    new_corpus = forms.CharField(
        required=False,
        max_length=80,
        label=_("Name of the new corpus"),
        help_text=_("If it is new."),
    )
    author_names = forms.ChoiceField(
        choices=Corpus.AuthorNames.choices,
        label=_("Authors of the new corpus"),
        help_text=_("How authors appear on pages, in the API and in exports."),
    )
    format = forms.ChoiceField(
        label=_("Format"),
        choices=_format_choices,
        required=False,
        help_text=_("You see how it reads, and can change this, before anything is stored."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("corpus") and not cleaned.get("new_corpus"):
            self.add_error("corpus", _("Choose a corpus, or name a new one."))
        if cleaned.get("corpus") and cleaned.get("new_corpus"):
            self.add_error("corpus", _("Choose a corpus or name a new one, not both."))
        return cleaned

    def clean_file(self) -> list[UploadedFile[Any]]:
        files: list[UploadedFile[Any]] = self.cleaned_data["file"]
        size = sum(file.size or 0 for file in files)
        if size > settings.MAX_UPLOAD_BYTES:
            raise ValidationError(
                _(
                    "These files have %(size)s MB; at most %(most)s are taken here. "
                    "Use `manage.py import_threads` on the server instead."
                )
                % {
                    "size": intcomma(round(size / 1e6)),
                    "most": intcomma(settings.MAX_UPLOAD_BYTES // 1_000_000),
                }
            )
        return files

    @property
    def most_files(self) -> int:
        return int(settings.DATA_UPLOAD_MAX_NUMBER_FILES)

    def other_fields(self) -> list[tuple[forms.BoundField, Any]]:
        """All but the files, which the page draws itself."""
        return [(self[name], self[name].errors) for name in self.fields if name not in FILES]

    def stage(self, user: User) -> ImportRun:
        """The staged run, in its corpus: a new corpus is made only if the files can be read."""
        with ExitStack() as open_files:
            file, name = self._one_file(open_files)
            run = receive_file(
                file=file,
                name=name,
                format=self.cleaned_data["format"] or None,
                user=user,
                now=timezone.now(),
            )
        with kept_unless_it_fails(run), transaction.atomic():
            run.corpus = self.cleaned_data["corpus"] or self._new_corpus()
            run.save()
        return run

    def _one_file(self, open_files: ExitStack) -> tuple[IO[bytes], str]:
        files = self.cleaned_data["file"]
        if len(files) == 1:
            return files[0].file, files[0].name
        paths = self._paths(files)
        together = packed_together(zip(paths, (file.file for file in files), strict=True))
        return open_files.enter_context(together), common_name(paths)

    def _paths(self, files: list[UploadedFile[Any]]) -> list[str]:
        """Where in their folder the files stood, as far as the browser tells, else their names."""
        try:
            told = json.loads(self.cleaned_data["paths"])
        except ValueError:
            told = None
        if isinstance(told, list) and len(told) == len(files):
            return [path if isinstance(path, str) else "file" for path in told]
        return [file.name or "file" for file in files]

    def _new_corpus(self) -> Corpus:
        name = self.cleaned_data["new_corpus"]
        slug = slugify(name)
        return create_corpus(
            slug=slug if slug not in ("", "new") else f"corpus-{slug}".rstrip("-"),
            name=name,
            author_names=self.cleaned_data["author_names"],
            now=timezone.now(),
        )


FILES = ("file", "paths")
