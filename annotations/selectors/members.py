"""Who takes part in a campaign."""

from __future__ import annotations

from django.db.models import QuerySet

from annotations.errors import NotFound
from annotations.models import Campaign, Membership


def members_of(campaign: Campaign) -> QuerySet[Membership]:
    """Everybody, with their user."""
    return Membership.objects.filter(campaign=campaign).select_related("user")


def member_of(campaign: Campaign, number: int) -> Membership:
    """The one with this number. Raises NotFound."""
    member = members_of(campaign).filter(number=number).first()
    if member is None:
        raise NotFound(f"A{number} takes no part in {campaign.name}.")
    return member
