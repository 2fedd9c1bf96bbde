"""Making campaigns, and changing who takes part and whether work goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max, TextChoices

from annotations.errors import Conflict, InvalidInput
from annotations.models import Campaign, Codebook, Corpus, Membership, User
from annotations.services.care import CareSettings
from annotations.services.corpora import require_free_word
from annotations.services.sampling import draw_units
from annotations.services.stage_settings import StageSettings

Role = Membership.Role


@dataclass(frozen=True, kw_only=True)
class Design:
    """How the units are given out and what is shown with them (see Campaign)."""

    overlap: int = 1
    order: str = Campaign.Order.THREAD
    seed: int = 1
    context: str = Campaign.Context.THREAD
    show_article: bool = True
    show_names: bool = True
    show_scores: bool = False
    show_times: bool = True
    show_suggestions: bool = False
    lease_minutes: int = 120

    def __post_init__(self) -> None:
        if not 1 <= self.overlap <= 100:
            raise InvalidInput(f"An overlap is between 1 and 100, not {self.overlap}.")
        if self.lease_minutes < 1:
            raise InvalidInput("A lease lasts at least a minute.")
        if self.order not in Campaign.Order.values:
            raise InvalidInput(f"An order is {_one_of(Campaign.Order)}, not {self.order!r}.")
        if self.context not in Campaign.Context.values:
            raise InvalidInput(f"A context is {_one_of(Campaign.Context)}, not {self.context!r}.")


@transaction.atomic
def create_campaign(
    *,
    slug: str,
    name: str = "",
    description: str = "",
    corpus: Corpus,
    codebook: Codebook,
    design: Design | None = None,
    care: CareSettings | None = None,
    stages: StageSettings | None = None,
    manager: User | None = None,
    annotators: Sequence[User] = (),
    now: datetime,
) -> Campaign:
    """An open campaign with its people and its frozen sample.

    Raises Conflict if the slug is taken, or if the corpus holds nothing to label, and InvalidInput
    if the slug cannot be one.
    """
    require_free_word(slug)
    try:
        with transaction.atomic():
            campaign = Campaign.objects.create(
                slug=slug,
                name=name or slug,
                description=description,
                corpus=corpus,
                codebook=codebook,
                created_at=now,
                **asdict(design or Design()),
                **asdict(care or CareSettings()),
                **asdict(stages or StageSettings()),
            )
    except IntegrityError:
        raise Conflict(f"There is a campaign {slug!r} already: choose another slug.") from None
    for annotator in annotators:
        add_member(campaign=campaign, user=annotator, role=Role.ANNOTATOR, now=now)
    if manager is not None:
        add_member(campaign=campaign, user=manager, role=Role.MANAGER, now=now)
    if draw_units(campaign=campaign) == 0:
        raise Conflict(f"The corpus {corpus.slug} holds no visible comment: import threads first.")
    return campaign


@transaction.atomic
def add_member(*, campaign: Campaign, user: User, role: str, now: datetime) -> Membership:
    """The user in this role. Raises Conflict for somebody who takes part already."""
    _check_role(role)
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    members = Membership.objects.filter(campaign=campaign)
    if members.filter(user=user).exists():
        raise Conflict(f"{user.username} takes part in {campaign.name} already.")
    last = members.aggregate(last=Max("number"))["last"] or 0
    return Membership.objects.create(
        campaign=campaign, user=user, role=role, number=last + 1, joined_at=now
    )


def change_role(*, membership: Membership, role: str) -> Membership:
    """The same person in another role; what they labeled stays."""
    _check_role(role)
    membership.role = role
    membership.save(update_fields=["role"])
    return membership


def set_state(*, campaign: Campaign, state: str) -> Campaign:
    """Open, pause or close the campaign. Only an open one takes labels."""
    if state not in Campaign.State.values:
        raise InvalidInput(f"A campaign is {_one_of(Campaign.State)}, not {state!r}.")
    campaign.state = state
    campaign.save(update_fields=["state"])
    return campaign


def _check_role(role: str) -> None:
    if role not in Role.values:
        raise InvalidInput(f"A role is {_one_of(Role)}, not {role!r}.")


def _one_of(choices: type[TextChoices]) -> str:
    return "one of " + ", ".join(choices.values)
