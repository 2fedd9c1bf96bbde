"""The people of the demo, with passwords that are made once and written down privately."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from annotations.errors import Conflict
from annotations.models import ApiToken, User
from annotations.services.tokens import create_token

FILE = "demo.json"
TOKEN_FILE = "demo-token"  # noqa: S105 (the name of a file)


@dataclass(frozen=True)
class Account:
    """Somebody who can log in to the demo."""

    username: str
    role: str
    staff: bool = False
    superuser: bool = False


ACCOUNTS = (
    Account("admin", "administrator", staff=True, superuser=True),
    Account("researcher", "researcher: imports, manages the campaign, exports", staff=True),
    Account("ada", "annotator who has finished"),
    Account("ben", "annotator who has finished"),
    Account("cleo", "annotator with work left"),
)


def demo_people(var: Path) -> dict[str, User]:
    """The demo's users by name. Their passwords are in ``var/demo.json`` before they exist.

    Raises Conflict if one of these names belongs to somebody else, who is left alone.
    """
    written = _written(var)
    passwords = {account["username"]: account["password"] for account in written["accounts"]}
    with transaction.atomic():
        people = {
            account.username: _user(account, passwords[account.username]) for account in ACCOUNTS
        }
        if not written["token"]:
            _, written["token"] = create_token(
                user=people["researcher"], name="demo", scopes=[ApiToken.Scope.ALL]
            )
    _write_privately(var / TOKEN_FILE, written["token"])
    _write_privately(var / FILE, json.dumps(written, indent=1))
    return people


def _written(var: Path) -> dict[str, Any]:
    """What an earlier call wrote down, or new passwords, written down now."""
    path = var / FILE
    if path.exists():
        kept: dict[str, Any] = json.loads(path.read_text())
        return kept
    accounts = [
        {
            "username": account.username,
            "password": secrets.token_urlsafe(9),
            "role": account.role,
        }
        for account in ACCOUNTS
    ]
    written: dict[str, Any] = {"accounts": accounts, "token": ""}
    _write_privately(path, json.dumps(written, indent=1))
    return written


def _user(account: Account, password: str) -> User:
    known = User.objects.filter(username=account.username).first()
    if known is None:
        return User.objects.create_user(
            username=account.username,
            password=password,
            is_staff=account.staff,
            is_superuser=account.superuser,
        )
    if not known.check_password(password):
        raise Conflict(
            f"There is a user {account.username!r} already who is not the demo's. "
            "Load the demo into an installation of its own (VAR_DIR, DATABASE_URL)."
        )
    return known


def _write_privately(path: Path, text: str) -> None:
    """Write the file whole or not at all, readable by its owner alone."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    unfinished.replace(path)
