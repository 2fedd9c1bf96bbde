"""Who may do what, on one page.

A permission in a campaign comes from the role in it. Staff (Django's ``is_staff``: admins, and
researchers who import) reads and manages everything, but labels only where it has a role.
What somebody may not see does not exist for them: the answer is NotFound, not NotPermitted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from django.db.models import QuerySet

from annotations.errors import NotFound, NotPermitted
from annotations.models import Campaign, Corpus, Membership, User

Permission = Literal[
    "campaign.view",
    "campaign.manage",
    "annotation.write",
    "annotation.read_all",
    "annotation.adjudicate",
    "note.answer",
    "export.create",
    "release.create",
    "corpus.read",
    "corpus.warn",
]
Role = Membership.Role

ROLES_WITH: dict[Permission, frozenset[Role]] = {
    "campaign.view": frozenset(Role),
    "campaign.manage": frozenset({Role.MANAGER}),
    "annotation.write": frozenset({Role.MANAGER, Role.ADJUDICATOR, Role.ANNOTATOR}),
    "annotation.read_all": frozenset({Role.MANAGER, Role.ADJUDICATOR, Role.VIEWER}),
    "annotation.adjudicate": frozenset({Role.MANAGER, Role.ADJUDICATOR}),
    "note.answer": frozenset({Role.MANAGER, Role.ADJUDICATOR}),
    "export.create": frozenset({Role.MANAGER, Role.VIEWER}),
    "release.create": frozenset({Role.MANAGER}),
    "corpus.read": frozenset({Role.MANAGER, Role.ADJUDICATOR, Role.VIEWER}),
    "corpus.warn": frozenset({Role.MANAGER}),
}
STAFF_HAS: frozenset[Permission] = frozenset(get_args(Permission)) - {
    "annotation.write",
    "annotation.adjudicate",
}


@dataclass(frozen=True)
class Access:
    """A campaign, and the membership in which somebody came to it (None for staff without one)."""

    campaign: Campaign
    membership: Membership | None
    staff: bool

    def may(self, permission: Permission) -> bool:
        if self.staff and permission in STAFF_HAS:
            return True
        return self.membership is not None and self.membership.role in ROLES_WITH[permission]

    @property
    def paused(self) -> int:
        """How many people wait for a manager; 0 to all others."""
        if not self.may("campaign.manage"):
            return 0
        return Membership.objects.filter(campaign=self.campaign, paused_at__isnull=False).count()


def access_campaign(user: User, slug: str, permission: Permission) -> Access:
    """The campaign, if the user may do this in it.

    Raises NotFound if the user cannot even see it, NotPermitted if the role is too small.
    """
    campaign = Campaign.objects.select_related("corpus", "codebook").filter(slug=slug).first()
    membership = Membership.objects.filter(campaign=campaign, user=user).first()
    if campaign is None or not (user.is_staff or membership):
        raise NotFound(f"There is no campaign {slug!r} that you take part in.")
    if membership is not None:
        membership.campaign = campaign  # nobody needs to ask for it again
    access = Access(campaign=campaign, membership=membership, staff=user.is_staff)
    if not access.may(permission):
        role = membership.role if membership else "staff member"
        raise NotPermitted(f"In {campaign.name}, a {role} may not do this.")
    return access


def campaigns_with(user: User, permission: Permission) -> QuerySet[Campaign]:
    """The campaigns in which the user may do this, by slug."""
    campaigns = Campaign.objects.select_related("corpus", "codebook").order_by("slug")
    if user.is_staff and permission in STAFF_HAS:
        return campaigns
    memberships = Membership.objects.filter(user=user, role__in=ROLES_WITH[permission])
    return campaigns.filter(pk__in=memberships.values("campaign"))


def readable_corpora(user: User) -> QuerySet[Corpus]:
    """The corpora whose threads the user may read whole, by slug."""
    corpora = Corpus.objects.order_by("slug")
    if user.is_staff:
        return corpora
    return corpora.filter(pk__in=campaigns_with(user, "corpus.read").values("corpus"))


def access_corpus(user: User, slug: str) -> Corpus:
    """The corpus, if the user may read it. Raises NotFound."""
    corpus = readable_corpora(user).filter(slug=slug).first()
    if corpus is None:
        raise NotFound(f"There is no corpus {slug!r} that you may read.")
    return corpus


def may_warn(user: User, corpus: Corpus) -> bool:
    """Whether the user may say of what the corpus and its comments warn."""
    return campaigns_with(user, "corpus.warn").filter(corpus=corpus).exists() or user.is_staff


def require_may_warn(user: User, corpus: Corpus) -> None:
    """Raises NotPermitted."""
    if not may_warn(user, corpus):
        raise NotPermitted("Only staff and managers of a campaign on this corpus may do this.")


def require_staff(user: User) -> None:
    """Raises NotPermitted for those who may not import or make corpora and campaigns."""
    if not user.is_staff:
        raise NotPermitted("Only staff may do this: ask an administrator of this installation.")
