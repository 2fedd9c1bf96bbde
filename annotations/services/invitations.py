"""Links by which people come into a campaign. The token itself is never stored, nor logged."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from django.db import IntegrityError, transaction
from django.db.models import F

from annotations.errors import Conflict, InvalidInput, NotFound
from annotations.models import Campaign, Invitation, Membership, User
from annotations.selectors.members import languages_of
from annotations.services.audit import Act, note_act
from annotations.services.campaigns import add_member
from annotations.services.people import set_languages

TOKEN_BYTES = 24
PREFIX = 6
LONGEST_DAYS = 365
MOST_USES = 10_000
LONGEST_NOTE = 200
NO_SUCH = (
    "There is no such invitation. Copy the whole link out of the message that you got; if it "
    "still does not work, ask whoever sent it for a new one."
)
ASK = "Ask whoever sent it for a new one."


@transaction.atomic
def create_invitation(
    *,
    campaign: Campaign,
    role: str,
    days: int,
    most_uses: int | None = None,
    note: str = "",
    created_by: User | None,
    now: datetime,
) -> tuple[Invitation, str]:
    """A new invitation and its token of 192 random bits: only a hash is stored, so nobody can
    show it again. ``most_uses`` None is no limit. Raises InvalidInput."""
    if role not in Membership.Role.values:
        raise InvalidInput(f"A role is one of {', '.join(Membership.Role.values)}, not {role!r}.")
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput(f"An invitation is good for 1 to {LONGEST_DAYS} days.")
    if most_uses is not None and not 1 <= most_uses <= MOST_USES:
        raise InvalidInput(f"An invitation is good for 1 to {MOST_USES:,} people, or for any.")
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(f"A note has at most {LONGEST_NOTE} characters.")
    token = token_urlsafe(TOKEN_BYTES)
    invitation = Invitation.objects.create(
        campaign=campaign,
        role=role,
        token_hash=hash_of(token),
        prefix=token[:PREFIX],
        note=note,
        most_uses=most_uses,
        expires_at=now + timedelta(days=days),
        created_by=created_by,
        created_at=now,
    )
    details = {"role": role, "days": days}
    note_act(act=Act.INVITATION_MADE, about=invitation, details=details, now=now)
    return invitation, token


@transaction.atomic
def revoke_invitation(*, campaign: Campaign, pk: int, now: datetime) -> Invitation:
    """End it now; who came by it stays. Raises NotFound, or Conflict for one that is revoked."""
    invitation = Invitation.objects.filter(campaign=campaign, pk=pk).first()
    if invitation is None:
        raise NotFound(f"There is no invitation {pk} in {campaign.name}.")
    live = Invitation.objects.filter(pk=pk, revoked_at__isnull=True)
    if not live.update(revoked_at=now):
        raise Conflict("This invitation is revoked already.")
    note_act(act=Act.INVITATION_REVOKED, about=invitation, now=now)
    invitation.refresh_from_db()
    return invitation


def find_invitation(*, token: str, now: datetime) -> Invitation:
    """The invitation with this token, while it is good. Raises NotFound where there is none, and
    Conflict in words where it is used up, ended or revoked."""
    found = Invitation.objects.select_related("campaign__corpus").filter(token_hash=hash_of(token))
    invitation = found.first()
    if invitation is None:
        raise NotFound(NO_SUCH)
    _require_good(invitation, now)
    return invitation


@transaction.atomic
def join_campaign(
    *, token: str, user: User, languages: Collection[str] = (), now: datetime
) -> tuple[Membership, bool]:
    """The user takes part, and whether they are new: whoever takes part already stays in their
    role, and uses nothing up. Raises NotFound or Conflict as ``find_invitation``."""
    # The row is locked while it is counted: no two can take its last use.
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("campaign__corpus")
    invitation = rows.filter(token_hash=hash_of(token)).first()
    if invitation is None:
        raise NotFound(NO_SUCH)
    known = Membership.objects.filter(campaign=invitation.campaign, user=user).first()
    if known is not None:
        return known, False
    _require_good(invitation, now)
    member = add_member(campaign=invitation.campaign, user=user, role=invitation.role, now=now)
    note_act(act=Act.INVITATION_USED, about=invitation, by=user, now=now)
    offered = set(languages_of(invitation.campaign.corpus))
    set_languages(membership=member, languages=offered.intersection(languages))
    Invitation.objects.filter(pk=invitation.pk).update(uses=F("uses") + 1)
    return member, True


@transaction.atomic
def join_with_new_account(
    *, token: str, username: str, password: str, languages: Collection[str] = (), now: datetime
) -> Membership:
    """An account for somebody who was invited, and their part in the campaign; no account without
    it. The password has been validated. Raises NotFound or Conflict as ``join_campaign``, and
    InvalidInput where the name is taken."""
    find_invitation(token=token, now=now)
    if User.objects.filter(username__iexact=username).exists():
        raise _taken()
    try:
        with transaction.atomic():
            user = User.objects.create_user(username=username, password=password)
    except IntegrityError:  # somebody took it in this moment
        raise _taken() from None
    note_act(act=Act.ACCOUNT_MADE, about=user, by=user, now=now)
    return join_campaign(token=token, user=user, languages=languages, now=now)[0]


def _taken() -> InvalidInput:
    sentence = "This user name is taken: choose another one, or log in if it is yours."
    return InvalidInput(sentence, fields={"username": [sentence]})


def hash_of(token: str) -> str:
    """No salt is needed: a token of 192 random bits cannot be guessed from its hash."""
    return sha256(token.encode(errors="replace")).hexdigest()


def _require_good(invitation: Invitation, now: datetime) -> None:
    to, most = f"This invitation to {invitation.campaign.name}", invitation.most_uses
    if invitation.revoked_at is not None:
        raise Conflict(f"{to} was taken back. {ASK}")
    if invitation.expires_at <= now:
        raise Conflict(f"{to} ended on {invitation.expires_at:%Y-%m-%d}. {ASK}")
    if most is not None and invitation.uses >= most:
        raise Conflict(f"{to} is used up: {most:,} came by it. {ASK}")
    if invitation.campaign.state == Campaign.State.CLOSED:
        raise Conflict(f"{invitation.campaign.name} is closed: nobody can join it any more.")
