"""What leaves a campaign: files of its labels, made once, and releases, kept for good."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_noop

from annotations.models.campaign import Campaign
from annotations.models.job import Job


def new_release_key() -> str:
    return secrets.token_hex(32)


class ExportRun(Job):
    """A file of a campaign's labels as they were then, made by a job.

    ``contents`` is what was chosen to be in it, ``rows`` counts its annotations, ``withheld`` the
    comments of the sample that stayed behind because their source took them back. ``warnings``
    are sentences about the file. ``file`` is a name in the file storage.
    """

    task_name = "annotations.export"
    measure = gettext_noop("annotations")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="exports")
    format = models.CharField(max_length=20)
    contents = models.JSONField(default=dict, blank=True)
    file = models.CharField(max_length=300, blank=True)
    rows = models.PositiveBigIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    withheld = models.PositiveBigIntegerField(default=0)
    warnings = models.JSONField(default=list, blank=True)

    class Meta(Job.Meta):
        db_table = "export_run"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"export {self.pk}"


class Release(Job):
    """A frozen, named dataset of a campaign, made by a job; the same release gives the same bytes.

    It is a draft until it is confirmed: until then ``contents`` (what is in it), ``formats`` and
    ``card`` (who made it, its licence, and the answers of the data card that the system cannot
    know) may change. ``key`` is what pseudonyms of this release are hashed with. ``frozen`` names
    the file in the storage with its rows as they were at ``frozen_at``: every format is made of
    that file, whatever happens in the campaign later. ``file`` is the archive with everything in
    it, ``manifest`` what it says of itself. A release that was withdrawn keeps its manifest and
    loses its files.
    """

    task_name = "annotations.release"
    measure = gettext_noop("annotations")
    is_staged_first = True

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="releases")
    title = models.CharField(max_length=200)
    version = models.CharField(max_length=20)
    contents = models.JSONField(default=dict, blank=True)
    formats = models.JSONField(default=list, blank=True)
    card = models.JSONField(default=dict, blank=True)
    key = models.CharField(max_length=64, default=new_release_key, editable=False)
    frozen_at = models.DateTimeField(null=True, blank=True)
    frozen = models.CharField(max_length=300, blank=True)
    file = models.CharField(max_length=300, blank=True)
    rows = models.PositiveBigIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    manifest = models.JSONField(default=dict, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.TextField(blank=True)

    class Meta(Job.Meta):
        db_table = "release"
        ordering = ("-id",)
        constraints = [
            *Job.Meta.constraints,
            models.UniqueConstraint(fields=("campaign", "version"), name="release_version_once"),
            models.CheckConstraint(
                condition=~Q(state="done") | ~Q(sha256="", withdrawn_at__isnull=True),
                name="release_done_has_a_checksum",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdrawn_reason=""),
                name="release_withdrawn_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(frozen="") | Q(frozen_at__isnull=False),
                name="release_frozen_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"release {self.version}"
