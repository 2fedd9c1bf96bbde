"""Exports of a campaign's labels."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_noop

from annotations.models.campaign import Campaign
from annotations.models.job import Job


class ExportRun(Job):
    """A file of a campaign's labels, made by a job. ``file`` is a name in the file storage."""

    task_name = "annotations.export"
    measure = gettext_noop("annotations")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="exports")
    format = models.CharField(max_length=20)
    file = models.CharField(max_length=300, blank=True)
    rows = models.PositiveBigIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta(Job.Meta):
        db_table = "export_run"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"export {self.pk}"
