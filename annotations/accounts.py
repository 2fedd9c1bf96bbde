"""Whose session it is, asked at every request: Django's own answers, by prepared queries."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from annotations.models import User
from annotations.prepared import Prepared

_session: Prepared[Session] = Prepared(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now)
)
_account: Prepared[User] = Prepared(lambda pk: User.objects.filter(pk=pk))


FORMER = "django.contrib.auth.backends.ModelBackend"
OURS = "annotations.accounts.AccountBackend"


class SessionStore(db.SessionStore):
    """Sessions in the database."""

    def load(self) -> dict[str, Any]:
        """Who logged in before there was a backend of our own stays logged in."""
        said: dict[str, Any] = super().load()
        if said.get(BACKEND_SESSION_KEY) == FORMER:
            said[BACKEND_SESSION_KEY] = OURS
        return said

    def _get_session_from_db(self) -> Session | None:
        found = _session.first(self.session_key, timezone.now())
        if found is None:
            self._session_key = None
        return found


class AccountBackend(ModelBackend):
    """Accounts in the database."""

    def get_user(self, user_id: Any) -> User | None:
        user = _account.first(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
