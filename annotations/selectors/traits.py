"""Which traits somebody is asked for, and which of them leave in a dataset."""

from __future__ import annotations

from annotations.models import Campaign, Membership
from annotations.traits import TRAITS


def offered_traits(membership: Membership) -> list[str]:
    """The keys of those that the campaign asks for, and of those that the person told before."""
    offered = {*membership.campaign.traits, *membership.traits}
    return [key for key in TRAITS if key in offered]


def leaving_traits(campaign: Campaign, membership: Membership) -> dict[str, str]:
    """What leaves in the campaign's datasets: what it asks for and the person agreed to tell."""
    if membership.traits_agreed_at is None:
        return {}
    told = membership.traits
    return {key: told[key] for key in campaign.traits if key in told}
