"""Imports as rows."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_noop

from annotations.models import Corpus, Job


class ImportRun(Job):
    """The import of one file into one corpus.

    ``counts`` is the report (report.py); ``refusals`` are the first refused records, each with
    line and message. ``file`` is a name in the file storage. ``stored`` counts the records that
    are stored so far, for the speed that is shown.
    """

    task_name = "importers.import"
    measure = gettext_noop("bytes")
    is_staged_first = True

    corpus = models.ForeignKey(Corpus, on_delete=models.PROTECT, related_name="imports")
    file = models.CharField(max_length=300)
    file_name = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=40)
    options = models.JSONField(default=dict, blank=True)
    dry_run = models.BooleanField(default=False)
    stored = models.PositiveBigIntegerField(default=0)
    authors_before = models.PositiveBigIntegerField(
        default=0, help_text="The last author's id when the import began: later ones are new."
    )
    counts = models.JSONField(default=dict, blank=True)
    refusals = models.JSONField(default=list, blank=True)

    class Meta(Job.Meta):
        db_table = "import_run"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"import {self.pk}"


class ImportPiece(Job):
    """A piece of an import's file: the lines from byte ``start`` to byte ``end``, or all of it.

    The pieces of a large file are stored side by side. ``records`` of it are stored, and counted
    in ``counts`` and ``refusals``; both are written in the transaction that stores them, so that
    a piece taken up again goes on where it stopped.
    """

    task_name = "importers.import_piece"
    measure = gettext_noop("bytes")

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    start = models.PositiveBigIntegerField()
    end = models.PositiveBigIntegerField()
    first_line = models.PositiveBigIntegerField(default=1)
    records = models.PositiveBigIntegerField(default=0)
    counts = models.JSONField(default=dict, blank=True)
    refusals = models.JSONField(default=list, blank=True)

    class Meta(Job.Meta):
        db_table = "import_piece"
        ordering = ("run", "number")
        constraints = [
            *Job.Meta.constraints,
            models.UniqueConstraint(fields=("run", "number"), name="import_piece_once"),
        ]

    def __str__(self) -> str:
        return f"piece {self.number} of import {self.run_id}"


class ImportTouch(models.Model):
    """A thread or author (``row`` is its id) that a run has met; kept only while it runs.

    It may be noted more than once; the lowest outcome holds.
    """

    class Kind(models.TextChoices):
        THREAD = "thread"
        AUTHOR = "author"

    class Outcome(models.IntegerChoices):
        CREATED = 0
        UPDATED = 1
        UNCHANGED = 2

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="touches")
    kind = models.CharField(max_length=6, choices=Kind)
    row = models.PositiveBigIntegerField()
    outcome = models.PositiveSmallIntegerField(choices=Outcome)

    class Meta:
        db_table = "import_touch"
        verbose_name_plural = "import touches"

    def __str__(self) -> str:
        return f"{self.kind} {self.row} {self.get_outcome_display().lower()}"
