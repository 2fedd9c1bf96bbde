"""Tokens with which scripts use the API in somebody's name."""

from __future__ import annotations

from datetime import timedelta

from knox.settings import knox_settings

from annotations.errors import NotFound
from annotations.models import ApiToken, User


def create_token(*, user: User, name: str, expiry: timedelta | None = None) -> tuple[ApiToken, str]:
    """A new token and the whole of it: only its digest is stored, so nobody can show it again.

    ``expiry`` is how long it is good for; without it, a year (``TOKEN_TTL``).
    """
    token, secret = ApiToken.objects.create(
        user=user, name=name, expiry=expiry or knox_settings.TOKEN_TTL
    )
    return token, str(secret)


def revoke_token(*, user: User, token_key: str) -> str:
    """Delete the user's own token that begins so, and give its name. Raises NotFound."""
    token = ApiToken.objects.filter(user=user, token_key=token_key).first()
    if token is None:
        raise NotFound("This token is revoked already, or it is not yours.")
    name = str(token.name)
    token.delete()
    return name
