"""Who takes part in a campaign, who was invited, and which languages there are to read."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from annotations.errors import NotFound
from annotations.models import Campaign, Corpus, Invitation, Job, Membership, TextScan
from annotations.selectors.texts import language_counts
from annotations.texts.language import UNDETERMINED


def members_of(campaign: Campaign) -> QuerySet[Membership]:
    """Everybody, with their user."""
    return Membership.objects.filter(campaign=campaign).select_related("user")


def member_of(campaign: Campaign, number: int) -> Membership:
    """The one with this number. Raises NotFound."""
    member = members_of(campaign).filter(number=number).first()
    if member is None:
        raise NotFound(f"A{number} takes no part in {campaign.name}.")
    return member


def paused_members(campaigns: Iterable[Campaign]) -> QuerySet[Membership]:
    """Those who get no units until a manager lets them go on."""
    return members_of_any(campaigns).filter(paused_at__isnull=False).order_by("-paused_at", "pk")


def members_of_any(campaigns: Iterable[Campaign]) -> QuerySet[Membership]:
    return Membership.objects.filter(campaign__in=campaigns).select_related("user", "campaign")


def invitations_of(campaign: Campaign) -> QuerySet[Invitation]:
    """Those that were made, the newest first."""
    return Invitation.objects.filter(campaign=campaign).order_by("-pk")


def languages_of(corpus: Corpus) -> list[str]:
    """The languages of the corpus's comments (ISO 639) as the last look at its texts counted
    them, the most frequent first; none before there was one."""
    scan = TextScan.objects.filter(corpus=corpus, state=Job.State.DONE).order_by("-pk").first()
    counts = [] if scan is None else language_counts(scan)
    return [one.code for one in counts if one.code not in ("", UNDETERMINED)]
