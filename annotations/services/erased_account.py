"""What erasing an account does. ``erasing.erase_person`` is the way in."""

from __future__ import annotations

import re
from datetime import datetime

from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db.models import Q

from annotations.models import Assignment, Membership, User
from annotations.selectors.erasing import (
    annotations_by,
    exports_with_words_of,
    invitations_by,
    log_about,
    login_records,
)
from annotations.selectors.turns import open_turns
from annotations.services.assignments import release_unit
from annotations.services.audit import forget_person
from annotations.services.erased_files import delete_files
from annotations.services.erased_words import blank_notes
from annotations.services.turns import release_turn

GHOST = "(erased)"
"""No name that somebody could choose: those have no parentheses."""
SHORTEST_NAME = 3
SESSIONS_AT_ONCE = 500


def erase_account(*, user: User, now: datetime) -> None:
    """Everything of the account goes but labels, and what was done, in nobody's name."""
    delete_files(run.file for run in exports_with_words_of(user))
    blank_notes(annotations_by(user), now=now)
    for membership in Membership.objects.filter(user=user).select_related("campaign"):
        _leave(membership, now)
    invitations = invitations_by(user)
    invitations.filter(revoked_at__isnull=True).update(revoked_at=now)
    invitations.update(note="")
    for records in login_records(user):
        records.delete()
    _forget_in_log(user)
    forget_person(user)
    _end_sessions(user)
    user.delete()


def _leave(membership: Membership, now: datetime) -> None:
    """What they hold goes to others; what they told of themselves goes."""
    for turn in open_turns(membership):
        release_turn(turn=turn, now=now)
    held = Assignment.objects.filter(membership=membership, state=Assignment.State.LEASED)
    for assignment in held.select_related("campaign"):
        release_unit(assignment=assignment, now=now)
    Membership.objects.filter(pk=membership.pk).update(
        user=None, traits={}, traits_agreed_at=None, languages=[], pause_reason=""
    )


def _forget_in_log(user: User) -> None:
    """The log keeps what was done, by whom no more, and without the name."""
    log_about(user).update(object_repr=GHOST, change_message="")
    for name in {user.username, user.email, user.get_full_name()}:
        if len(name) >= SHORTEST_NAME:
            _take_out(name)
    if LogEntry.objects.filter(user=user).exists():
        LogEntry.objects.filter(user=user).update(user=_ghost())


def _take_out(name: str) -> None:
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
    found = LogEntry.objects.filter(
        Q(object_repr__icontains=name) | Q(change_message__icontains=name)
    )
    for entry in found.iterator():
        LogEntry.objects.filter(pk=entry.pk).update(
            object_repr=word.sub(GHOST, entry.object_repr)[:200],
            change_message=word.sub(GHOST, entry.change_message),
        )


def _ghost() -> User:
    """Who did what those did who were erased: an account that nobody can use."""
    ghost, made = User.objects.get_or_create(username=GHOST, defaults={"is_active": False})
    if made:
        ghost.set_unusable_password()
        ghost.save(update_fields=["password"])
    return ghost


def _end_sessions(user: User) -> None:
    """Their rows go as well: the account that they name is no more, so they were over anyway."""
    own = str(user.pk)
    for session in Session.objects.iterator(SESSIONS_AT_ONCE):
        if session.get_decoded().get("_auth_user_id") == own:
            session.delete()
