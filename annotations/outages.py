"""What the server lacks for a while: a database that answers, or room on the disk.

Neither is a fault of the program or of the request: it is said in a sentence, with when to come
again (503), and what was begun is taken back.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# SQLite calls every trouble an operational error, an unknown table too: by its names of results.
AWAY_ON_SQLITE = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_CANTOPEN")
FULL_ON_SQLITE = "SQLITE_FULL"
FULL_ON_POSTGRESQL = "53100"
FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Outage:
    """``code`` is part of the API's contract; ``seconds`` is after how long to ask again."""

    code: str
    title: Promise
    message: Promise
    seconds: int


DATABASE_AWAY = Outage(
    "database_away",
    _("The database does not answer"),
    _(
        "The database does not answer now. What was acknowledged is kept; send what was not again "
        "in a moment."
    ),
    5,
)
DISK_FULL = Outage(
    "disk_full",
    _("The disk is full"),
    _(
        "The server's disk is full, so this was not stored. Tell the administrator, and try again "
        "when there is room."
    ),
    30,
)


def outage_of(error: BaseException | None) -> Outage | None:
    """What is away, where that is why the error was raised; None for every other error."""
    if isinstance(error, OperationalError | InterfaceError):
        return _of_the_database(error)
    if isinstance(error, OSError) and error.errno in FULL:
        return DISK_FULL
    return None


def _of_the_database(error: OperationalError | InterfaceError) -> Outage | None:
    cause = error.__cause__
    name = getattr(cause, "sqlite_errorname", None)
    if name is not None:
        if name == FULL_ON_SQLITE:
            return DISK_FULL
        return DATABASE_AWAY if name.startswith(AWAY_ON_SQLITE) else None
    full = getattr(cause, "sqlstate", None) == FULL_ON_POSTGRESQL
    return DISK_FULL if full else DATABASE_AWAY
