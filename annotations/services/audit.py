"""The audit log: who saw, changed and took what.

A change is noted in its transaction: rolled back, it was never noted. What somebody only sees is
noted once an hour, whatever they do in it; a process remembers what it has noted in this hour, so
that reading writes nothing. What an annotator does in the workspace is not noted here: their
annotations keep every save.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import Model, QuerySet

from annotations.errors import InvalidInput
from annotations.models import (
    ApiToken,
    AuditEntry,
    Campaign,
    Codebook,
    Corpus,
    Membership,
    User,
)
from annotations.origin import Origin, origin
from annotations.selectors.erasing import audit_entries_of

Act = AuditEntry.Act
Details = Mapping[str, Any]
About = Model | type[Model] | None
Seen = tuple[str, int | None, str, str]
FAILURES_TOLD = 10
MOST_REMEMBERED = 100_000
LONGEST_NAME = 120

log = logging.getLogger("threadmark.audit")


def note_act(
    *,
    act: str,
    about: About = None,
    campaign: Campaign | None = None,
    by: User | None = None,
    details: Details | None = None,
    now: datetime | None = None,
) -> AuditEntry:
    """Somebody did this, in the same transaction.

    ``about`` is what they did it to; its campaign is found, where it has one. ``by`` is who did
    it, where that is not who asks. Without ``now`` it happened when they asked.
    """
    came = origin()
    if by is not None:
        came = replace(came, user=by, name=by.username)
    kind, key = named(about)
    entry = _entry(
        act,
        came,
        now or came.at,
        kind=kind,
        about=key,
        campaign=campaign or campaign_of(about),
        details=dict(details or {}),
    )
    entry.save(force_insert=True)
    return entry


def note_seen(
    *, act: str, about: About = None, campaign: Campaign | None = None, now: datetime
) -> None:
    """Somebody saw this, or took a part of it: once a person, thing and hour.

    A database that is busy for too long is logged; it need not keep anybody from reading.
    """
    came, (kind, key) = origin(), named(about)
    seen = (act, came.user.pk if came.user else None, kind, key)
    if not _noted.lacks(seen, now):
        return
    try:
        if not _stored(seen, now).exists():
            with transaction.atomic():
                note_act(act=act, about=about, campaign=campaign, now=now)
    except OperationalError as error:
        log.warning("That %s was seen could not be noted: %s", kind, error)
    else:
        transaction.on_commit(lambda: _noted.add(seen, now))


def note_refused(*, route: str, now: datetime) -> None:
    """Somebody was refused: told at the first, tenth, hundredth … time an hour, with the number.

    A process counts for itself.
    """
    _note_times(Act.REFUSED, origin(), ("route", route), each=1, now=now)


def note_failed_login(*, act: str, account: User | None, now: datetime) -> None:
    """Somebody tried to log in as this account, or was locked out of it.

    None is a name that no account has: it is not kept, for it may be a password. Ten an hour are
    told one by one, then as what was refused.
    """
    came = origin()
    if account is not None:
        came = replace(came, user=account, name=account.username)
    _note_times(act, came, named(account), each=FAILURES_TOLD, now=now)


@transaction.atomic
def forget_entries(*, before: datetime, now: datetime) -> int:
    """Delete the entries from before then, and note that; how many they were.

    Raises InvalidInput for a time that has not come yet.
    """
    if before > now:
        raise InvalidInput("What has not happened yet cannot be forgotten: name an earlier day.")
    old = AuditEntry.objects.filter(at__lt=before)
    count = old.count()
    details = {"entries": count, "before": before.isoformat()}
    _entry(Act.LOG_FORGOTTEN, origin(), now, forgets_before=before, details=details).save()
    old.delete()
    return count


def forget_person(user: User) -> int:
    """Take out of the log whose acts they were; what was done, when and to what stays."""
    return audit_entries_of(user).update(user=None, name="", token="", address="")


def named(about: About) -> tuple[str, str]:
    """The kind of a row and the word that names it for good, which nobody wrote as a text.

    Of a whole table the kind alone.
    """
    if about is None:
        return "", ""
    if isinstance(about, type):
        return str(about._meta.verbose_name), ""
    if about._meta.model is ApiToken:
        return "token", str(getattr(about, "token_key", ""))
    if isinstance(about, Campaign | Corpus):
        return str(about._meta.verbose_name), about.slug
    if isinstance(about, Codebook):
        return "codebook", f"{about.key}/{about.version}"
    if isinstance(about, Membership):
        return "member", f"A{about.number}"
    return str(about._meta.verbose_name), str(about.pk)


def campaign_of(about: About) -> Campaign | None:
    found = about if isinstance(about, Campaign) else getattr(about, "campaign", None)
    return found if isinstance(found, Campaign) and found.pk else None


class _Noted:
    """What this process has noted in the hour that goes on, and how often what happened.

    Strangers come from as many addresses as they like: past 100,000 it begins anew, and asks the
    table what was seen.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._hour: datetime | None = None
        self._times: dict[Seen, int] = {}

    def lacks(self, seen: Seen, now: datetime) -> bool:
        with self._lock:
            self._begin(now)
            return seen not in self._times

    def add(self, seen: Seen, now: datetime) -> None:
        self.count(seen, now)

    def count(self, seen: Seen, now: datetime) -> int:
        with self._lock:
            self._begin(now)
            self._times[seen] = self._times.get(seen, 0) + 1
            return self._times[seen]

    def _begin(self, now: datetime) -> None:
        if self._hour != _hour(now) or len(self._times) >= MOST_REMEMBERED:
            self._hour, self._times = _hour(now), {}


_noted = _Noted()


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def _stored(seen: Seen, now: datetime) -> QuerySet[AuditEntry]:
    """What another process, or this one before it was started anew, has noted in this hour."""
    act, user, kind, about = seen
    return AuditEntry.objects.filter(at__gte=_hour(now), act=act, user=user, kind=kind, about=about)


def _note_times(
    act: str, came: Origin, about: tuple[str, str], *, each: int, now: datetime
) -> None:
    kind, key = about[0], about[1][:LONGEST_NAME]
    seen = (act, came.user.pk if came.user else None, f"{kind} {came.address}", key)
    times = _noted.count(seen, now)
    if times > each and not _is_power_of_ten(times):
        return
    try:
        with transaction.atomic():
            _entry(act, came, now, kind=kind, about=key, details={"times": times}).save()
    except OperationalError as error:
        log.warning("%s of %s %s could not be noted: %s", act, kind, key, error)


def _entry(act: str, came: Origin, now: datetime, **said: Any) -> AuditEntry:
    return AuditEntry(
        at=now,
        act=act,
        user=came.user,
        name=came.name,
        way=came.way,
        token=came.token,
        address=came.address,
        **said,
    )


def _is_power_of_ten(number: int) -> bool:
    return str(number).strip("0") == "1"
