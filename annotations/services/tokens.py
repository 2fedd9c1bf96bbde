"""Tokens with which scripts use the API in somebody's name."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import OperationalError, transaction
from knox.settings import knox_settings

from annotations.errors import InvalidInput, NotFound
from annotations.models import ApiToken, Campaign, User
from annotations.permissions import campaigns_with
from annotations.services.audit import Act, note_act

BETWEEN_NOTES = timedelta(minutes=1)
Scope = ApiToken.Scope

log = logging.getLogger(__name__)


@transaction.atomic
def create_token(
    *,
    user: User,
    name: str,
    scopes: Collection[str],
    campaigns: Collection[str] | None = None,
    expiry: timedelta | None = None,
) -> tuple[ApiToken, str]:
    """A new token and the whole of it: only its digest is stored, so nobody can show it again.

    ``campaigns`` are the slugs of those that it reaches; None: all that the user sees. ``expiry``
    is how long it is good for; without it, a year (``TOKEN_TTL``). Raises InvalidInput.
    """
    token, secret = ApiToken.objects.create(
        user=user,
        name=name,
        scopes=_in_order(scopes),
        limited=campaigns is not None,
        expiry=expiry or knox_settings.TOKEN_TTL,
    )
    if campaigns is not None:
        token.campaigns.set(_visible(user, campaigns))
    note_act(act=Act.TOKEN_MADE, about=token, details={"scopes": token.scopes})
    return token, str(secret)


@transaction.atomic
def revoke_token(*, user: User, token_key: str) -> str:
    """Delete the user's own token that begins so, and give its name. Raises NotFound."""
    token = ApiToken.objects.filter(user=user, token_key=token_key).first()
    if token is None:
        raise NotFound("This token is revoked already, or it is not yours.")
    name = str(token.name)
    note_act(act=Act.TOKEN_REVOKED, about=token)
    token.delete()
    return name


def note_use(*, token: ApiToken, now: datetime) -> None:
    """Note that the token was used, once a minute at most: to read costs no write.

    A database that is busy for too long is logged; it need not keep anybody from reading.
    """
    before = now - BETWEEN_NOTES
    if token.last_used_at is not None and token.last_used_at > before:
        return
    try:
        rows = ApiToken.objects.filter(pk=token.pk).exclude(last_used_at__gt=before)
        rows.update(last_used_at=now)
    except OperationalError as error:
        log.warning("The use of a token could not be noted: %s", error)


def _in_order(scopes: Collection[str]) -> list[str]:
    """The scopes as they are stored; beside the one that gives everything, others say nothing."""
    unknown = sorted(set(scopes) - set(Scope.values))
    if unknown:
        known = ", ".join(Scope.values)
        sentence = f"There is no scope {unknown[0][:100]!r}; the known ones are: {known}."
        raise InvalidInput(sentence, fields={"scopes": [sentence]})
    if not scopes:
        sentence = "Say what the token may do: choose one scope at least."
        raise InvalidInput(sentence, fields={"scopes": [sentence]})
    if Scope.ALL in scopes:
        return [Scope.ALL.value]
    return [scope for scope in Scope.values if scope in scopes]


def _visible(user: User, slugs: Collection[str]) -> list[Campaign]:
    found = list(campaigns_with(user, "campaign.view").filter(slug__in=slugs))
    unknown = sorted(set(slugs) - {campaign.slug for campaign in found})
    if unknown:
        sentence = f"There is no campaign {unknown[0][:100]!r} that you take part in."
        raise InvalidInput(sentence, fields={"campaigns": [sentence]})
    if not found:
        sentence = "Name one campaign at least, or leave them out to reach all."
        raise InvalidInput(sentence, fields={"campaigns": [sentence]})
    return found
