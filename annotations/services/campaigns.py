"""Making campaigns, and changing who takes part and whether work goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max, TextChoices

from annotations.errors import Conflict, InvalidInput
from annotations.models import Campaign, Codebook, Corpus, Invitation, Membership, User
from annotations.permissions import ROLES_WITH
from annotations.samples.recipe import Recipe
from annotations.selectors.candidates import fitting, scope_of
from annotations.selectors.recoding import unfinished_recoding
from annotations.selectors.turns import open_turns
from annotations.services.assignments import release_untouched
from annotations.services.audit import Act, note_act
from annotations.services.care import CareSettings
from annotations.services.corpora import require_free_word
from annotations.services.events import tell_closed
from annotations.services.sampling import start_sample
from annotations.services.stage_settings import StageSettings
from annotations.services.turns import release_turn

Role = Membership.Role
ACT_OF_STATE = {
    Campaign.State.OPEN: Act.CAMPAIGN_OPENED,
    Campaign.State.PAUSED: Act.CAMPAIGN_PAUSED,
    Campaign.State.CLOSED: Act.CAMPAIGN_CLOSED,
}


@dataclass(frozen=True, kw_only=True)
class Design:
    """How the units are given out and what is shown with them (see Campaign)."""

    overlap: int = 1
    overlap_more: int | None = None
    share_more: float = 0
    whole_threads: bool = False
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
        self._check_more()
        if self.whole_threads and self.order != Campaign.Order.THREAD:
            sentence = "Whole threads are given out in thread order only."
            raise InvalidInput(sentence, fields={"whole_threads": [sentence]})
        if self.lease_minutes < 1:
            raise InvalidInput("A lease lasts at least a minute.")
        if self.order not in Campaign.Order.values:
            raise InvalidInput(f"An order is {_one_of(Campaign.Order)}, not {self.order!r}.")
        if self.context not in Campaign.Context.values:
            raise InvalidInput(f"A context is {_one_of(Campaign.Context)}, not {self.context!r}.")

    def _check_more(self) -> None:
        """The share that more label and how many those are go together."""
        share, more = self.share_more, self.overlap_more
        if not 0 <= share <= 1:
            _refuse("share_more", f"A share is between 0 and 1, not {share}.")
        if more is not None and not self.overlap < more <= 100:
            _refuse("overlap_more", f"The larger overlap is above {self.overlap}, to 100 at most.")
        if (more is None) != (share == 0):
            sentence = "Say both which share of the units more annotators label, and how many."
            _refuse("overlap_more" if more is None else "share_more", sentence)


@transaction.atomic
def create_campaign(
    *,
    slug: str,
    name: str = "",
    description: str = "",
    corpus: Corpus,
    codebook: Codebook,
    design: Design | None = None,
    recipe: Recipe | None = None,
    care: CareSettings | None = None,
    stages: StageSettings | None = None,
    manager: User | None = None,
    annotators: Sequence[User] = (),
    now: datetime,
) -> Campaign:
    """An open campaign with its people; its sample waits to be drawn, and the caller enqueues it.

    Raises Conflict if the slug is taken, or if nothing in the corpus fits the recipe, and
    InvalidInput if the slug cannot be one.
    """
    chosen = recipe or Recipe()
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
    note_act(act=Act.CAMPAIGN_MADE, about=campaign, now=now)
    for annotator in annotators:
        add_member(campaign=campaign, user=annotator, role=Role.ANNOTATOR, now=now)
    if manager is not None:
        add_member(campaign=campaign, user=manager, role=Role.MANAGER, now=now)
    _require_something(campaign, chosen)
    start_sample(campaign=campaign, recipe=chosen, user=manager, now=now)
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
    member = Membership.objects.create(
        campaign=campaign, user=user, role=role, number=last + 1, joined_at=now
    )
    note_act(act=Act.ROLE_GIVEN, about=member, details={"role": role}, now=now)
    return member


@transaction.atomic
def change_role(*, membership: Membership, role: str, now: datetime) -> Membership:
    """The same person in another role; what they labeled stays.

    Where they cannot label any more, what they hold and have not begun goes to others at once.
    Where they are no manager any more, the links by which they let managers in end.
    """
    _check_role(role)
    # The stored role counts: a form has changed that of its object already.
    stored = Membership.objects.select_for_update(no_key=True, of=("self",)).get(pk=membership.pk)
    membership.role = role
    membership.save(update_fields=["role"])
    note_act(
        act=Act.ROLE_CHANGED,
        about=membership,
        details={"before": stored.role, "role": role},
        now=now,
    )
    if stored.role == Role.MANAGER and role != Role.MANAGER:
        _revoke_links_for_managers(stored, now)
    if role not in ROLES_WITH["annotation.write"]:
        for turn in open_turns(membership):
            release_turn(turn=turn, now=now)
        release_untouched(membership=membership, now=now)
    return membership


def _revoke_links_for_managers(membership: Membership, now: datetime) -> None:
    """Nobody comes back as a manager by a link of their own."""
    if membership.user_id is None:
        return
    Invitation.objects.filter(
        campaign=membership.campaign_id,
        created_by=membership.user_id,
        role=Role.MANAGER,
        revoked_at__isnull=True,
    ).update(revoked_at=now)


@transaction.atomic
def set_state(*, campaign: Campaign, state: str, now: datetime) -> Campaign:
    """Open, pause or close the campaign. Only an open one takes labels.

    Raises Conflict where one is to be opened whose labels are being recoded.
    """
    if state not in Campaign.State.values:
        raise InvalidInput(f"A campaign is {_one_of(Campaign.State)}, not {state!r}.")
    if state == Campaign.State.OPEN:
        _require_no_recoding(campaign)  # one that runs holds the lock, which is not waited for
        Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        _require_no_recoding(campaign)
    campaign.state = state
    campaign.save(update_fields=["state"])
    note_act(act=ACT_OF_STATE[Campaign.State(state)], about=campaign, now=now)
    if state == Campaign.State.CLOSED:
        tell_closed(campaign=campaign, now=now)
    return campaign


def _require_no_recoding(campaign: Campaign) -> None:
    if unfinished_recoding(campaign) is not None:
        raise Conflict(f"{campaign.name} is being recoded: open it when that is done.")


def _require_something(campaign: Campaign, recipe: Recipe) -> None:
    """Raises Conflict where nothing fits. Looked for a moment only: the job looks everywhere."""
    corpus = campaign.corpus
    found = fitting(scope_of(corpus, campaign.codebook), recipe, most=1)
    if found.comments or found.threads or not found.complete:
        return
    if recipe.fits_everything:
        raise Conflict(f"The corpus {corpus.slug} holds no visible comment: import threads first.")
    raise Conflict(f"No comment of the corpus {corpus.slug} fits the recipe of the sample.")


def _refuse(name: str, sentence: str) -> None:
    raise InvalidInput(sentence, fields={name: [sentence]})


def _check_role(role: str) -> None:
    if role not in Role.values:
        raise InvalidInput(f"A role is {_one_of(Role)}, not {role!r}.")


def _one_of(choices: type[TextChoices]) -> str:
    return "one of " + ", ".join(choices.values)
