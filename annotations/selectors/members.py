"""Who takes part in a campaign, who was invited, and which languages there are to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, Count, Q, QuerySet

from annotations.errors import NotFound
from annotations.models import Campaign, Corpus, Invitation, Job, Membership, TextScan
from annotations.selectors.texts import language_counts
from annotations.texts.language import UNDETERMINED


def members_of(campaign: Campaign) -> QuerySet[Membership]:
    """Everybody, with their user."""
    return Membership.objects.filter(campaign=campaign).select_related("user")


def members_with_scores(campaign: Campaign) -> QuerySet[Any]:
    """Everybody, with their mean score in the test, in all their checks, and in their repeats:
    None where there is none."""
    scores = {
        f"{purpose}_score": Avg("assignments__score", filter=Q(assignments__purpose=purpose))
        for purpose in ("test", "check", "repeat")
    }
    return members_of(campaign).annotate(**scores)


def member_of(campaign: Campaign, number: int) -> Membership:
    """The one with this number, and their scores. Raises NotFound."""
    member: Membership | None = members_with_scores(campaign).filter(number=number).first()
    if member is None:
        raise NotFound(f"A{number} takes no part in {campaign.name}.")
    return member


@dataclass(frozen=True)
class PeopleCounts:
    """How many take part, how many of them label, and how many of these are paused."""

    members: int
    annotators: int
    paused: int


def people_counts(campaign: Campaign) -> PeopleCounts:
    annotator = Q(role=Membership.Role.ANNOTATOR)
    counts = Membership.objects.filter(campaign=campaign).aggregate(
        members=Count("pk"),
        annotators=Count("pk", filter=annotator),
        paused=Count("pk", filter=Q(paused_at__isnull=False)),
    )
    return PeopleCounts(**counts)


def invitations_of(campaign: Campaign) -> QuerySet[Invitation]:
    """Those that were made, the newest first."""
    return Invitation.objects.filter(campaign=campaign).order_by("-pk")


def languages_of(corpus: Corpus) -> list[str]:
    """The languages of the corpus's comments (ISO 639) as the last look at its texts counted
    them, the most frequent first; none before there was one."""
    scan = TextScan.objects.filter(corpus=corpus, state=Job.State.DONE).order_by("-pk").first()
    counts = [] if scan is None else language_counts(scan)
    return [one.code for one in counts if one.code not in ("", UNDETERMINED)]
