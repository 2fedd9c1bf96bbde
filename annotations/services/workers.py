"""Workers sign in, sign out, and are forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from annotations.models import Worker

FORGOTTEN_AFTER = timedelta(days=1)


def record_worker(*, name: str, now: datetime) -> None:
    """The worker ``name`` gave a sign of life."""
    Worker.objects.update_or_create(name=name, defaults={"seen_at": now})


def remove_worker(*, name: str) -> None:
    """The worker ``name`` stopped in good order."""
    Worker.objects.filter(name=name).delete()


def forget_workers(*, now: datetime) -> None:
    """Drop the rows of workers that were killed long ago."""
    Worker.objects.filter(seen_at__lte=now - FORGOTTEN_AFTER).delete()
