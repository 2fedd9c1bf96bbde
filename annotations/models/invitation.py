"""Links by which people come into a campaign."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from annotations.models.campaign import Campaign, Membership


class Invitation(models.Model):
    """A link that lets whoever opens it take part in a role, until it ends.

    Only a hash of its token is stored; ``prefix`` is what lists show of it.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="invitations")
    role = models.CharField(max_length=12, choices=Membership.Role)
    token_hash = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=8)
    note = models.CharField(max_length=200, blank=True)
    most_uses = models.PositiveIntegerField(null=True, blank=True)
    uses = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField()

    class Meta:
        db_table = "invitation"
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=("manager", "adjudicator", "annotator", "viewer")),
                name="invitation_role_known",
            ),
            models.CheckConstraint(
                condition=Q(most_uses__isnull=True) | Q(uses__lte=F("most_uses")),
                name="invitation_not_overused",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}…"
