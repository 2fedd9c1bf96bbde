"""What the workspace asks once, when it opens: the campaign, its guidelines, what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from annotations.models import Campaign, Codebook, Membership, Ruling, User
from annotations.selectors.care import Care, care_for

MOST_RULINGS = 200


@dataclass(frozen=True)
class Workplace:
    """Where one annotator works.

    ``rulings`` are the newest 200, the newest first; ``rulings_seen`` is the id of the newest one
    that the annotator has read, ``codebook_seen`` whether they have opened this version. Nobody
    else may be shown their ``care``.
    """

    campaign: Campaign
    codebook: Codebook
    rulings: list[Ruling]
    rulings_seen: int | None
    codebook_seen: bool
    care: Care


def workplace(membership: Membership, user: User, *, now: datetime) -> Workplace:
    """The workplace of this annotator."""
    campaign = Campaign.objects.select_related("codebook").get(pk=membership.campaign_id)
    return Workplace(
        campaign=campaign,
        codebook=campaign.codebook,
        rulings=list(rulings_of(campaign)[:MOST_RULINGS]),
        rulings_seen=membership.rulings_seen_id,
        codebook_seen=membership.codebook_seen_id == campaign.codebook_id,
        care=care_for(membership, user, now=now),
    )


def rulings_of(campaign: Campaign) -> QuerySet[Ruling]:
    """All rulings of the campaign, the newest first."""
    return Ruling.objects.filter(campaign=campaign).order_by("-pk")


def rulings_with_units(campaign: Campaign) -> QuerySet[Ruling]:
    """The same with the comments that gave rise to them, for those who may read these."""
    rows = rulings_of(campaign).select_related("unit__comment")
    return rows.defer(*(f"unit__comment__{name}" for name in ("text", "raw", "html", "blocks")))
