"""How long a token is good for."""

from __future__ import annotations

from datetime import datetime

from annotations.models import ApiToken


def set_expiry(*, token: ApiToken, at: datetime) -> ApiToken:
    """The same token, refused from ``at`` on."""
    token.expiry = at
    token.save(update_fields=["expiry"])
    return token
