"""Who is asking: a session's cookie in the browser, a token in scripts."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox import auth
from knox.crypto import hash_token
from rest_framework.exceptions import AuthenticationFailed

from annotations.models import ApiToken, User
from annotations.services.tokens import note_use


class TokenAuthentication(auth.TokenAuthentication):  # type: ignore[misc]
    """``Authorization: Token tm_…``, and no other way; what the user may do shrinks to what it
    gives. An expired token stays until its owner revokes it, so that it can say what it is."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        now = timezone.now()
        found = _stored(token)
        if found is None:
            raise AuthenticationFailed("This token is wrong, or it was revoked.")
        if found.expiry is not None and found.expiry <= now:
            day = f"{found.expiry:%Y-%m-%d}"
            raise AuthenticationFailed(
                f"This token expired on {day}: make a new one on your account page."
            )
        if not found.user.is_active:
            raise AuthenticationFailed("The account of this token is not active any more.")
        note_use(token=found, now=now)
        user: User = found.user
        user.token = found
        return user, found


class TokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    """How the schema describes it."""

    target_class = "annotations.api.authentication.TokenAuthentication"
    name = "token"


def _stored(token: bytes) -> ApiToken | None:
    """Bytes that are no text are a wrong token, too."""
    if not token.isascii():
        return None
    rows = ApiToken.objects.select_related("user")
    found: ApiToken | None = rows.filter(digest=hash_token(token.decode())).first()
    return found
