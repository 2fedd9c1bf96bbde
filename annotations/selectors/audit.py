"""What the audit log shows to whom."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from annotations.models import AuditEntry, User
from annotations.permissions import campaigns_with


def readable_entries(user: User) -> QuerySet[AuditEntry]:
    """All to staff; to others those of the campaigns that they manage, and their own.

    A token that is limited to campaigns shows theirs alone.
    """
    entries = AuditEntry.objects.select_related("campaign")
    is_limited = user.token is not None and user.token.limited
    if user.is_staff and not is_limited:
        return entries
    shown = Q(campaign__in=campaigns_with(user, "campaign.manage"))
    return entries.filter(shown if is_limited else shown | Q(user=user))
