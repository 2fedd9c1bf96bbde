"""What commands are given: short names, and files that they write whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.core.management.base import CommandError

from annotations.models import Campaign, User


def campaign_called(slug: str) -> Campaign:
    """Raises CommandError, which names those that there are."""
    campaign = Campaign.objects.filter(slug=slug).first()
    if campaign is None:
        known = ", ".join(Campaign.objects.values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"There is no campaign {slug!r}. Campaigns: {known}.")
    return campaign


def user_called(name: str | None) -> User | None:
    """None where no name is given. Raises CommandError."""
    if name is None:
        return None
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is no user {name!r}.")
    return user


@contextmanager
def written_whole(out: Path) -> Iterator[BinaryIO]:
    """A file beside ``out`` that takes its place when the block ends well.

    Raises CommandError, before the block begins, where none can be written.
    """
    unfinished = _unfinished_file(out)
    try:
        with unfinished.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)


def _unfinished_file(out: Path) -> Path:
    if out.is_dir():
        raise CommandError(f"{out} is a folder: name a file in it.")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
    except OSError as error:
        raise CommandError(f"{out} cannot be written: {error.strerror}.") from None
    os.close(handle)
    return Path(name)
