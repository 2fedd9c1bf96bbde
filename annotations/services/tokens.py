"""Tokens with which scripts use the API in somebody's name."""

from __future__ import annotations

from annotations.errors import NotFound
from annotations.models import ApiToken, User


def create_token(*, user: User, name: str) -> str:
    """A new token, whole: only its digest is stored, so nobody can show it again."""
    _, token = ApiToken.objects.create(user=user, name=name)
    return str(token)


def revoke_token(*, user: User, token_key: str) -> str:
    """Delete the user's own token that begins so, and give its name. Raises NotFound."""
    token = ApiToken.objects.filter(user=user, token_key=token_key).first()
    if token is None:
        raise NotFound("This token is revoked already, or it is not yours.")
    name = str(token.name)
    token.delete()
    return name
