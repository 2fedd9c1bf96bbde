"""How far a running import is, and how long it will still take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext, ngettext

from importers.models import ImportRun

TOO_EARLY = timedelta(seconds=1)
MINUTE, HOUR = 60, 3600


@dataclass(frozen=True)
class Pace:
    """``per_second`` are records stored; ``seconds_left`` is None while nobody can tell."""

    per_second: int | None
    seconds_left: float | None

    @property
    def time_left(self) -> str:
        """In words, empty while nobody can tell."""
        if self.seconds_left is None:
            return ""
        if self.seconds_left < MINUTE:
            return gettext("less than a minute left")
        if self.seconds_left < 1.5 * HOUR:
            minutes = round(self.seconds_left / MINUTE)
            about = ngettext("about %(count)s minute left", "about %(count)s minutes left", minutes)
            return about % {"count": minutes}
        hours = round(self.seconds_left / HOUR)
        about = ngettext("about %(count)s hour left", "about %(count)s hours left", hours)
        return about % {"count": hours}


def pace_of(run: ImportRun) -> Pace:
    """Over the time from the start to the last sign of life, in which the figures were noted."""
    if run.state != ImportRun.State.RUNNING or not run.started_at or not run.heartbeat_at:
        return Pace(None, None)
    taken = run.heartbeat_at - run.started_at
    if taken < TOO_EARLY or not run.done:
        return Pace(None, None)
    seconds = taken.total_seconds()
    left = max((run.total or 0) - run.done, 0) * seconds / run.done if run.total else None
    return Pace(round(run.stored / seconds), left)
