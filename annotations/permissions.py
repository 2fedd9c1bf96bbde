"""Who may do what, on one page.

A permission in a campaign comes from the role in it. Staff (Django's ``is_staff``: admins, and
researchers who import) reads and manages everything, but labels only where it has a role.
What somebody may not see does not exist for them: the answer is NotFound, not NotPermitted.
Who asks with a token (``user.token``) gets what the role and the token's scopes both allow, in the
token's campaigns.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from django.db.models import Q, QuerySet

from annotations.errors import NotFound, NotPermitted
from annotations.models import ApiToken, Campaign, Corpus, Membership, User
from annotations.prepared import Prepared

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
    "suggestion.write",
]
EVERYTHING: frozenset[Permission] = frozenset(get_args(Permission))
Role = Membership.Role
Scope = ApiToken.Scope

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
    "suggestion.write": frozenset({Role.MANAGER}),
}
# The long texts of a codebook are for nobody who labels one unit.
UNREAD = tuple(
    f"codebook__{name}" for name in ("source", "guidelines", "description", "translations")
)
STAFF_HAS = EVERYTHING - {"annotation.write", "annotation.adjudicate"}
SCOPE_GIVES: dict[str, frozenset[Permission]] = {
    Scope.LABELS: frozenset({"campaign.view", "annotation.read_all", "export.create"}),
    Scope.CORPUS: frozenset({"campaign.view", "corpus.read"}),
    Scope.SUGGESTIONS: frozenset({"campaign.view", "suggestion.write"}),
    Scope.ANNOTATIONS: frozenset({"campaign.view", "annotation.write"}),
    Scope.MANAGE: EVERYTHING - {"annotation.write"},
    Scope.ALL: EVERYTHING,
}


@dataclass(frozen=True)
class Access:
    """A campaign, and the membership in which somebody came to it (None for staff without one).

    ``given`` is what the token gives at most with which they came.
    """

    campaign: Campaign
    membership: Membership | None
    staff: bool
    given: frozenset[Permission] = EVERYTHING

    def may(self, permission: Permission) -> bool:
        return permission in self.given and self.role_may(permission)

    def role_may(self, permission: Permission) -> bool:
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

    Raises NotFound if the user cannot even see it, NotPermitted if the role or the token's scope is
    too small.
    """
    campaigns = Campaign.objects.select_related("corpus", "codebook").filter(reached(user))
    campaign = campaigns.filter(slug=slug).first()
    membership = Membership.objects.filter(campaign=campaign, user=user).first()
    if campaign is None or not (user.is_staff or membership):
        raise NotFound(f"There is no campaign {slug!r} that you take part in.")
    if membership is not None:
        membership.campaign = campaign  # nobody needs to ask for it again
    access = Access(campaign, membership, staff=user.is_staff, given=given(user))
    if not access.role_may(permission):
        role = membership.role if membership else "staff member"
        raise NotPermitted(f"In {campaign.name}, a {role} may not do this.")
    _require_given(user, permission)
    return access


def access_work(user: User, slug: str) -> Membership:
    """The membership in which the user labels in the campaign, with it: one query a click.

    Raises as ``access_campaign`` does.
    """
    found = None if _is_limited(user) else _taking_part.first(user.pk, slug)
    if found is None or found.role not in ROLES_WITH["annotation.write"]:
        membership = access_campaign(user, slug, "annotation.write").membership
        assert membership is not None
        return membership
    _require_given(user, "annotation.write")
    return found


_taking_part: Prepared[Membership] = Prepared(
    lambda user, slug: (
        Membership.objects.filter(user=user, campaign__slug=slug)
        .select_related("campaign__corpus", "campaign__codebook")
        .defer(*(f"campaign__{name}" for name in UNREAD))
        .order_by()
    )
)


def campaigns_with(user: User, permission: Permission) -> QuerySet[Campaign]:
    """The campaigns in which the user may do this, by slug."""
    campaigns = Campaign.objects.select_related("corpus", "codebook").order_by("slug")
    campaigns = campaigns.filter(reached(user)) if permission in given(user) else campaigns.none()
    if user.is_staff and permission in STAFF_HAS:
        return campaigns
    memberships = Membership.objects.filter(user=user, role__in=ROLES_WITH[permission])
    return campaigns.filter(pk__in=memberships.values("campaign"))


def readable_corpora(user: User) -> QuerySet[Corpus]:
    """The corpora whose threads the user may read whole, by slug."""
    corpora = Corpus.objects.order_by("slug")
    if user.is_staff and "corpus.read" in given(user) and not _is_limited(user):
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
    if user.is_staff and "corpus.warn" in given(user) and not _is_limited(user):
        return True
    return campaigns_with(user, "corpus.warn").filter(corpus=corpus).exists()


def require_may_warn(user: User, corpus: Corpus) -> None:
    """Raises NotPermitted."""
    if not may_warn(user, corpus):
        raise NotPermitted("Only staff and managers of a campaign on this corpus may do this.")


def require_staff(user: User) -> None:
    """Raises NotPermitted for those who may not import or make corpora and campaigns."""
    if not user.is_staff:
        raise NotPermitted("Only staff may do this: ask an administrator of this installation.")
    _require_given(user, "campaign.manage")
    if _is_limited(user):
        raise beyond_campaigns()


def given(user: User) -> frozenset[Permission]:
    """What the token with which the user asks gives at most; everything where there is none."""
    if user.token is None:
        return EVERYTHING
    none: frozenset[Permission] = frozenset()
    return none.union(*(SCOPE_GIVES.get(scope, none) for scope in user.token.scopes))


def reached(user: User, campaign: str = "pk") -> Q:
    """What keeps the rows whose ``campaign`` the user's token reaches; all without a limit."""
    if user.token is None or not user.token.limited:
        return Q()
    return Q(**{f"{campaign}__in": user.token.campaigns.values("pk")})


def lacking_scope(scopes: Iterable[str]) -> NotPermitted:
    """The error of a token that would need one of the scopes."""
    needed = " or ".join(f"`{scope}`" for scope in scopes)
    return NotPermitted(f"This token may not do this: it would need the scope {needed}.")


def beyond_campaigns() -> NotPermitted:
    """The error of a token that is limited to campaigns, where something lies outside of them."""
    return NotPermitted("This token reaches its campaigns only: this lies outside of them.")


def _require_given(user: User, permission: Permission) -> None:
    if permission not in given(user):
        raise lacking_scope(scope for scope, gives in SCOPE_GIVES.items() if permission in gives)


def _is_limited(user: User) -> bool:
    return user.token is not None and user.token.limited
