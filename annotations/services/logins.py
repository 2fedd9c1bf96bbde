"""What the audit log is told of log-ins, by Django's own signals and those of django-axes."""

from __future__ import annotations

from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.utils import timezone

from annotations.models import User
from annotations.services.audit import Act, note_act, note_failed_login


def listen() -> None:
    """Once, when the application starts."""
    user_logged_in.connect(_logged_in, dispatch_uid="audit")
    user_logged_out.connect(_logged_out, dispatch_uid="audit")
    user_login_failed.connect(_failed, dispatch_uid="audit")
    user_locked_out.connect(_locked_out, dispatch_uid="audit")


def _logged_in(user: User, **_: Any) -> None:
    note_act(act=Act.LOGGED_IN, about=user, by=user, now=timezone.now())


def _logged_out(user: User | None, **_: Any) -> None:
    if user is not None:
        note_act(act=Act.LOGGED_OUT, about=user, by=user, now=timezone.now())


def _failed(credentials: dict[str, Any], **_: Any) -> None:
    _note(Act.LOGIN_FAILED, credentials.get("username"))


def _locked_out(username: str | None, **_: Any) -> None:
    _note(Act.LOCKED_OUT, username)


def _note(act: str, username: str | None) -> None:
    account = User.objects.filter(username=username or "").first()
    note_failed_login(act=act, account=account, now=timezone.now())
