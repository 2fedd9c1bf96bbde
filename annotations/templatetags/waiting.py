"""How much waits for somebody in a campaign, for its tabs."""

from __future__ import annotations

from django import template

from annotations.models import Campaign
from annotations.selectors.disputes import count_open
from annotations.selectors.notes import count_open_notes

register = template.Library()


@register.simple_tag
def open_notes(campaign: Campaign) -> int:
    """The notes that wait for an answer."""
    return count_open_notes([campaign.pk]).get(campaign.pk, 0)


@register.simple_tag
def open_disputes(campaign: Campaign) -> int:
    """The units that wait for a decision."""
    return count_open([campaign.pk]).get(campaign.pk, 0)
