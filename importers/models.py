"""Imports as rows."""

from __future__ import annotations

from django.db import models

from annotations.models import Corpus, Job


class ImportRun(Job):
    """The import of one file into one corpus.

    ``counts`` is the report (report.py); ``refusals`` are the first refused records, each with
    line and message. ``file`` is a name in the file storage.
    """

    task_name = "importers.import"
    measure = "bytes"
    is_staged_first = True

    corpus = models.ForeignKey(Corpus, on_delete=models.PROTECT, related_name="imports")
    file = models.CharField(max_length=300)
    file_name = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=40)
    options = models.JSONField(default=dict, blank=True)
    dry_run = models.BooleanField(default=False)
    counts = models.JSONField(default=dict, blank=True)
    refusals = models.JSONField(default=list, blank=True)

    class Meta(Job.Meta):
        db_table = "import_run"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"import {self.pk}"
