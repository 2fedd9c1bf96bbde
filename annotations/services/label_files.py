"""Labels as a file that is read by parts: made once for each state of the labels, kept a while."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from threading import BoundedSemaphore

from django.core.files.storage import default_storage
from django.db.models import Max
from django.utils import timezone

from annotations.errors import Busy
from annotations.exporters.contents import Contents
from annotations.exporters.registry import exporter
from annotations.models import Campaign, Erasure
from annotations.selectors.label_state import label_state
from annotations.selectors.snapshot import snapshot
from annotations.services import export_file
from annotations.services.exports import prepared, write_dataset

FOLDER = "labels"
UNUSED_FOR = timedelta(hours=1)
IN_USE_FOR = timedelta(minutes=15)
MOST_BYTES = 4 * 1024**3
WAITING_SECONDS = 20
TAG = re.compile(r"[0-9a-f]{64}")
RANDOM = "random"
BUSY = (
    "Other files of labels are being made at the moment: ask again in a few seconds, or start an "
    "export, which a worker makes."
)
FULL = (
    "The space for files of labels is used up by those that others read: ask again in some "
    "minutes, or start an export."
)
ERASED = "Somebody was erased while the file of labels was being made: ask for it again."

# One file is made at a time by each process, and few requests wait for that: the others must
# go on saving labels meanwhile.
_making = BoundedSemaphore(1)
_waiting = BoundedSemaphore(2)


@dataclass(frozen=True, kw_only=True)
class LabelFile:
    """``stored`` is its name in the storage, ``tag`` the state of the labels that it holds; empty
    where pseudonyms are its own. ``size`` is in bytes."""

    stored: str
    tag: str
    size: int


def label_file(campaign: Campaign, format: str, contents: Contents) -> LabelFile:
    """The file that holds the labels as they are now; made, unless it is there.

    Raises Busy where it would have to be made and others are, and InvalidInput for contents that
    the campaign does not have.
    """
    tag = label_state(campaign, contents, format) or ""
    known = file_of_tag(campaign, format, contents, tag)
    if known is not None:
        return known
    with _turn():
        known = file_of_tag(campaign, format, contents, tag)
        return known or _made(campaign, format, contents)


def file_of_tag(campaign: Campaign, format: str, contents: Contents, tag: str) -> LabelFile | None:
    """The file of this choice that holds the labels in that state, if it is kept."""
    if not TAG.fullmatch(tag):
        return None
    return kept_file(_name(campaign, format, contents, tag))


def choice(campaign: Campaign, format: str, contents: Contents) -> str:
    """A short name for what was chosen of a campaign's labels."""
    told = json.dumps([campaign.pk, format, contents.to_json()], default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def kept_file(stored: str) -> LabelFile | None:
    """That file of the storage, which is in use now; None where it is not there any more."""
    try:
        size = default_storage.size(stored)
    except FileNotFoundError:
        return None
    except OSError:  # other storages have errors of their own for the same
        if default_storage.exists(stored):
            raise
        return None
    _note_use(stored)
    tag = PurePosixPath(stored).stem.rpartition("-")[2]
    return LabelFile(stored=stored, tag=tag if TAG.fullmatch(tag) else "", size=size)


def sweep_label_files(*, now: datetime) -> int:
    """Remove files that nobody used for an hour, and earlier what is over 4 GB, the least used
    first; never one that was used in the last quarter of an hour. How many."""
    removed, room = 0, MOST_BYTES
    for used, stored, size in sorted(_files(), reverse=True):
        room -= size
        old = now - used > UNUSED_FOR or (room < 0 and now - used > IN_USE_FOR)
        if old:
            default_storage.delete(stored)
            removed += 1
    return removed


def forget_label_files() -> None:
    """Remove all of them, used or not: what they hold may not be kept. They are made anew."""
    for _, stored, _ in list(_files()):
        default_storage.delete(stored)


@contextmanager
def _turn() -> Iterator[None]:
    """Raises Busy."""
    if not _waiting.acquire(blocking=False):
        raise Busy(BUSY)
    try:
        begun = _making.acquire(timeout=WAITING_SECONDS)
    finally:
        _waiting.release()
    if not begun:
        raise Busy(BUSY)
    try:
        yield
    finally:
        _making.release()


def _made(campaign: Campaign, format: str, contents: Contents) -> LabelFile:
    """The state is read with the rows, so that the file holds what its name says.

    Who is erased before the file is stored is found to be erased behind that; who is erased later
    takes the file away.
    """
    sweep_label_files(now=timezone.now())
    if sum(size for _, _, size in _files()) > MOST_BYTES:
        raise Busy(FULL)
    unfinished = f"{secrets.token_hex(8)}.{exporter(format).extension}"
    path = export_file.unfinished_path(f"{FOLDER}/{unfinished}")
    erasures = _erasures()
    try:
        with snapshot():
            tag = label_state(campaign, contents, format)
            rows = prepared(campaign, contents, secrets.token_hex(32))
            written = write_dataset(exporter(format), rows, path)
        name = _name(campaign, format, contents, tag or RANDOM + secrets.token_hex(16))
        if not default_storage.exists(name):
            _store(written, name)
        if _erasures() != erasures:
            default_storage.delete(name)
            raise Busy(ERASED)
        return LabelFile(stored=name, tag=tag or "", size=written.size)
    finally:
        path.unlink(missing_ok=True)


def _store(written: export_file.WrittenFile, name: str) -> None:
    """Raises Busy where an erasure took the unfinished file away."""
    try:
        stored = export_file.store(written, name)
    except FileNotFoundError:
        raise Busy(ERASED) from None
    if stored != name:  # another process was faster
        default_storage.delete(stored)


def _erasures() -> int | None:
    newest: int | None = Erasure.objects.aggregate(newest=Max("pk"))["newest"]
    return newest


def _name(campaign: Campaign, format: str, contents: Contents, tag: str) -> str:
    chosen = choice(campaign, format, contents)
    return f"{FOLDER}/{chosen}-{tag}.{exporter(format).extension}"


def _files() -> Iterator[tuple[datetime, str, int]]:
    """When each was last used, its name and its size; unfinished ones too, left by the dead."""
    try:
        _, names = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return
    for name in names:
        stored = f"{FOLDER}/{name}"
        with suppress(FileNotFoundError):
            used = default_storage.get_modified_time(stored)
            aware = used if used.tzinfo else used.replace(tzinfo=UTC)
            yield aware, stored, default_storage.size(stored)


def _note_use(stored: str) -> None:
    """As the time of the file, where the storage has files of the system; elsewhere a file is
    kept for an hour after it was made, and made again if need be."""
    with suppress(NotImplementedError, FileNotFoundError):
        os.utime(default_storage.path(stored))
