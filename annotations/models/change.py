"""What changed since somebody last looked: the feed from which mirrors read."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from annotations.models.campaign import Campaign
from annotations.models.corpus import Corpus


class Change(models.Model):
    """The last change of one row that a mirror keeps: a thread, a comment or an annotation.

    ``row`` is its id, ``number`` its place in the feed of its corpus or campaign. A change is
    ``pending`` until the feed is read, and gets its number then: what was committed late thereby
    comes late, and no reader is past it. A row that changes again is pending again and comes once
    more, at the end; the number that it had stays until then, so that no number is given twice.
    """

    class Kind(models.TextChoices):
        THREAD = "thread"
        COMMENT = "comment"
        ANNOTATION = "annotation"

    corpus = models.ForeignKey(
        Corpus,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="changes",
        db_index=False,
    )
    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="changes",
        db_index=False,
    )
    kind = models.CharField(max_length=10, choices=Kind)
    row = models.PositiveBigIntegerField()
    number = models.PositiveBigIntegerField(null=True, blank=True)
    pending = models.BooleanField(default=True)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "change"
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=("row", "kind"), name="change_once_per_row"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=("thread", "comment"), corpus__isnull=False, campaign__isnull=True
                )
                | Q(kind="annotation", corpus__isnull=True, campaign__isnull=False),
                name="change_in_its_feed",
            ),
            models.CheckConstraint(
                condition=Q(pending=True) | Q(number__isnull=False),
                name="change_pending_or_numbered",
            ),
            models.UniqueConstraint(
                fields=("corpus", "number"),
                condition=Q(corpus__isnull=False, number__isnull=False),
                name="change_number_in_a_corpus",
            ),
            models.UniqueConstraint(
                fields=("campaign", "number"),
                condition=Q(campaign__isnull=False, number__isnull=False),
                name="change_number_in_a_campaign",
            ),
        ]
        indexes = [
            models.Index(
                fields=("corpus", "number"),
                condition=Q(pending=False, corpus__isnull=False),
                name="change_read_in_a_corpus",
            ),
            models.Index(
                fields=("campaign", "number"),
                condition=Q(pending=False, campaign__isnull=False),
                name="change_read_in_a_campaign",
            ),
            models.Index(
                fields=("corpus", "id"),
                condition=Q(pending=True, corpus__isnull=False),
                name="change_pending_in_a_corpus",
            ),
            models.Index(
                fields=("campaign", "id"),
                condition=Q(pending=True, campaign__isnull=False),
                name="change_pending_in_a_campaign",
            ),
            models.Index(fields=("changed_at",), name="change_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.row}"
