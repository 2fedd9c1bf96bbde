"""What somebody finds on the first page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from annotations.models import (
    Assignment,
    Campaign,
    Codebook,
    Corpus,
    ExportRun,
    Job,
    Membership,
    Unit,
    User,
)
from annotations.permissions import ROLES_WITH, campaigns_with
from annotations.selectors.campaign_overview import MemberShare, member_shares
from annotations.selectors.care import avoided_by, to_avoid
from annotations.selectors.disputes import count_open
from annotations.selectors.notes import count_open_notes

SHOWN = 12
RECENT = 5


@dataclass(frozen=True)
class OwnWork:
    """A campaign that somebody labels in, with their own share of it.

    ``can_go_on`` says that it takes labels, that they are not paused, and that a unit is in hand
    or free for them.
    """

    campaign: Campaign
    share: MemberShare
    can_go_on: bool


@dataclass(frozen=True)
class Waiting:
    """How many notes wait for an answer in a campaign, and how many disputes for a decision."""

    campaign: Campaign
    notes: int
    disputes: int


@dataclass(frozen=True)
class RecentImport:
    """One line about an import: the rows themselves belong to the package above this one."""

    pk: int
    file_name: str
    corpus: str
    state: str
    created_at: datetime

    @property
    def state_label(self) -> str:
        return str(Job.State(self.state).label)


def own_work(user: User) -> list[OwnWork]:
    """The campaigns in which the user labels: those that can go on first, the latest on top."""
    avoided = avoided_by(user.pk)
    memberships = (
        Membership.objects.filter(user=user, role__in=ROLES_WITH["annotation.write"])
        .exclude(campaign__state=Campaign.State.CLOSED)
        .select_related("campaign__corpus", "campaign__codebook")
        .annotate(has_free=Exists(_free_slots(avoided)))
        .order_by("-joined_at", "-pk")[:SHOWN]
    )
    members = list(memberships)
    free = {member.pk for member in members if member.has_free}
    shares = member_shares(members, of=Unit.Purpose.values)
    work = [_work(share, share.membership.pk in free) for share in shares]
    return sorted(work, key=_place, reverse=True)


def waiting_for(user: User) -> list[Waiting]:
    """The campaigns that the user runs or decides in, where something waits for them."""
    found = Membership.objects.filter(user=user, role__in=ROLES_WITH["annotation.adjudicate"])
    members = found.exclude(campaign__state=Campaign.State.CLOSED).select_related("campaign")
    campaigns = {one.campaign_id: one.campaign for one in members.order_by("-joined_at", "-pk")}
    notes, disputes = count_open_notes(campaigns.keys()), count_open(campaigns.keys())
    waiting = [
        Waiting(campaign, notes.get(pk, 0), disputes.get(pk, 0))
        for pk, campaign in campaigns.items()
        if pk in notes or pk in disputes
    ]
    return waiting[:SHOWN]


def recent_imports(corpora: QuerySet[Corpus]) -> list[RecentImport]:
    """The newest imports into these corpora."""
    rows = (
        corpora.filter(imports__isnull=False)
        .order_by("-imports__pk")
        .values_list(
            "imports__pk", "imports__file_name", "name", "imports__state", "imports__created_at"
        )
    )
    return [RecentImport(*row) for row in rows[:RECENT]]


def recent_exports(user: User) -> list[ExportRun]:
    """The newest exports of the campaigns whose labels the user may take out."""
    exports = ExportRun.objects.filter(campaign__in=campaigns_with(user, "export.create"))
    return list(exports.select_related("campaign").order_by("-pk")[:RECENT])


def newest_codebooks() -> list[Codebook]:
    return list(Codebook.objects.defer("source", "guidelines").order_by("-pk")[:RECENT])


def paused_people(user: User) -> list[Membership]:
    """Who waits for a word of the user in the campaigns that they manage, the latest first."""
    managed = Membership.objects.filter(user=user, role__in=ROLES_WITH["campaign.manage"])
    paused = Membership.objects.filter(
        campaign__in=managed.values("campaign"), paused_at__isnull=False
    )
    return list(
        paused.exclude(campaign__state=Campaign.State.CLOSED)
        .select_related("user", "campaign")
        .order_by("-paused_at", "pk")[:SHOWN]
    )


def _free_slots(avoided: list[int]) -> QuerySet[Assignment]:
    """For a query over memberships: free slots of units that the member never had.

    Those that carry one of the ``avoided`` categories are not for them.
    """
    own = Assignment.objects.filter(membership=OuterRef(OuterRef("pk")), unit=OuterRef("unit"))
    free = Assignment.objects.filter(
        ~Exists(own), campaign=OuterRef("campaign"), state=Assignment.State.PENDING
    )
    return free.exclude(to_avoid(avoided)) if avoided else free


def _work(share: MemberShare, has_free: bool) -> OwnWork:
    campaign = share.membership.campaign
    is_open = campaign.state == Campaign.State.OPEN and share.membership.paused_at is None
    return OwnWork(campaign, share, is_open and (has_free or share.totals.leased > 0))


def _place(work: OwnWork) -> tuple[bool, float]:
    worked_at = work.share.worked_at
    return work.can_go_on, worked_at.timestamp() if worked_at else 0.0
