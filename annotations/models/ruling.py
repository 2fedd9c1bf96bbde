"""What managers add to the guidelines while the work goes on."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from annotations.models.annotation import Annotation
from annotations.models.campaign import Campaign, Unit


class Ruling(models.Model):
    """One addition to a campaign's guidelines, in Markdown: appended, never changed.

    ``unit`` is the one that gave rise to it, if any. The database refuses to change what it says
    (migration 0005).
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="rulings")
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="rulings"
    )
    text = models.TextField(help_text="Markdown.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField()

    class Meta:
        db_table = "ruling"
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(condition=~models.Q(text=""), name="ruling_says_something"),
        ]

    def __str__(self) -> str:
        return f"ruling {self.pk}"


class NoteReply(models.Model):
    """What a manager did about an annotator's note: a ruling, or words to nobody but the record.

    ``note`` is what the annotation's note said then: another note is open again.
    """

    annotation = models.ForeignKey(Annotation, on_delete=models.PROTECT, related_name="replies")
    note = models.TextField()
    ruling = models.ForeignKey(
        Ruling, on_delete=models.PROTECT, null=True, blank=True, related_name="replies"
    )
    text = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField()

    class Meta:
        db_table = "note_reply"
        verbose_name_plural = "note replies"
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(condition=~models.Q(note=""), name="note_reply_to_a_note"),
        ]

    def __str__(self) -> str:
        return f"reply {self.pk} to {self.annotation_id}"
