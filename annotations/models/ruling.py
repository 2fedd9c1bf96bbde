"""What managers add to the guidelines while the work goes on."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from annotations.models.campaign import Campaign


class Ruling(models.Model):
    """One addition to a campaign's guidelines, in Markdown: appended, never changed.

    The database refuses to change what it says (migration 0005).
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="rulings")
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
