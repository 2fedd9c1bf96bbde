"""That somebody was erased: when and how much, never who."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotations.models.corpus import Corpus


class Erasure(models.Model):
    """One person was erased: an account, or the author of comments of a ``corpus``.

    ``counts`` says how much of each kind went. Imports into a corpus that has one look for those
    who were erased, so that nothing of theirs comes back.
    """

    class Kind(models.TextChoices):
        ACCOUNT = "account", "An account"
        AUTHOR = "author", "An author of comments"

    kind = models.CharField(max_length=7, choices=Kind)
    corpus = models.ForeignKey(
        Corpus, on_delete=models.PROTECT, null=True, blank=True, related_name="erasures"
    )
    counts = models.JSONField(default=dict, blank=True)
    erased_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    erased_at = models.DateTimeField()

    class Meta:
        db_table = "erasure"
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="account", corpus__isnull=True)
                | Q(kind="author", corpus__isnull=False),
                name="erasure_is_of_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"erasure {self.pk}"
