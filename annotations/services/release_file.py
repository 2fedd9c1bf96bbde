"""The files of a release: its frozen rows, and the archive that is made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage

from annotations.errors import JobSuperseded
from annotations.exporters.contents import Contents
from annotations.exporters.dataset import Dataset
from annotations.exporters.frozen import freeze
from annotations.exporters.rows import Row
from annotations.models import Release
from annotations.releases.archive import readings, write_archive
from annotations.releases.card import Card
from annotations.releases.facts import Edition
from annotations.selectors.dataset_annotations import exported_annotations
from annotations.selectors.release_facts import circumstances
from annotations.selectors.releases import frozen_rows
from annotations.selectors.snapshot import snapshot
from annotations.services import export_file
from annotations.services.exports import prepared, store_in_time, wait_for_erasing
from annotations.services.running_job import RunningJob
from annotations.version import VERSION

FOLDER = "releases"
FROZEN, ARCHIVE = "jsonl.zst", "zip"
FREEZING = 1


def write_release(running: RunningJob[Release]) -> dict[str, Any]:
    """Freeze the rows, make the archive of them, and return what the finished row says of it.

    The rows are frozen once: an attempt that finds them frozen makes the archive of those, so it
    has the same bytes whatever happened in the campaign meanwhile. Only where somebody asks again
    for one that failed or was cancelled they are frozen anew, for comments and consent may have
    been taken back since. Both files are in the storage, complete, before the row names them.
    """
    release = running.job
    wait_for_erasing(release.campaign)
    if release.frozen and release.tries == 1:
        _forget_rows(running)
    _discard_earlier(release, running.attempt)
    if not release.frozen:
        _freeze(running)
    name = _name(release, running.attempt, ARCHIVE)
    path = export_file.unfinished_path(name)
    progress = _Progress(running, release.rows, seen=release.rows)
    try:
        manifest = write_archive(frozen_rows(release), edition_of(release), path, progress.row)
        written = export_file.measured(path)
        running.progress(release.rows, release.rows)
        stored = store_in_time(running, written, name)
    finally:
        path.unlink(missing_ok=True)
    return {
        "file": stored,
        "bytes": written.size,
        "sha256": written.sha256,
        "manifest": manifest,
    }


def edition_of(release: Release, made_with: str = VERSION) -> Edition:
    """What the release's row says of its archive."""
    assert release.frozen_at is not None
    return Edition(
        title=release.title,
        version=release.version,
        formats=tuple(release.formats),
        card=Card.from_json(release.card),
        frozen_at=release.frozen_at,
        made_with=made_with,
    )


def freeze_now(release: Release, path: Path, watch: Callable[[Dataset], Dataset]) -> None:
    """Write the campaign's rows as they are now to ``path``, all of one moment."""
    contents = Contents.from_json(release.contents)
    with snapshot():
        dataset = prepared(release.campaign, contents, release.key)
        beside = circumstances(release.campaign, contents).to_json()
        export_file.write_file(path, freeze(watch(dataset), beside))


def _forget_rows(running: RunningJob[Release]) -> None:
    release = running.job
    release.frozen, release.frozen_at, release.rows = "", None, 0
    running.keep(frozen="", frozen_at=None, rows=0)


def _freeze(running: RunningJob[Release]) -> None:
    """Sets ``frozen``, ``frozen_at`` and ``rows`` of the job, and of its row."""
    release = running.job
    name = _name(release, running.attempt, FROZEN)
    path = export_file.unfinished_path(name)
    total = exported_annotations(release.campaign, Contents.from_json(release.contents)).count()
    progress = _Progress(running, total)
    now = running.now()
    try:
        freeze_now(release, path, lambda dataset: dataset.through(progress.row))
        stored = store_in_time(running, export_file.measured(path), name)
    finally:
        path.unlink(missing_ok=True)
    release.frozen, release.frozen_at, release.rows = stored, now, progress.seen
    try:
        running.keep(frozen=stored, frozen_at=now, rows=progress.seen)
    except JobSuperseded:
        default_storage.delete(stored)
        raise


@dataclass
class _Progress:
    """Reports annotations: all readings of the rows together are the whole.

    ``seen`` counts those of every reading, ``total`` is of one.
    """

    running: RunningJob[Release]
    total: int
    seen: int = 0

    def row(self, row: Row) -> Row:
        """Raises where the work must stop."""
        self.seen += len(row.annotations)
        done = self.seen // (FREEZING + readings(len(self.running.job.formats)))
        self.running.progress(min(done, self.total), self.total)
        return row


def every_name(release: Release) -> set[str]:
    """Of all files that an attempt at the release has in the storage, or may have left there."""
    attempts = range(1, release.attempt + 1)
    names = {_name(release, one, kind) for one in attempts for kind in (FROZEN, ARCHIVE)}
    return names | {name for name in (release.file, release.frozen) if name}


def _discard_earlier(release: Release, attempt: int) -> None:
    """What attempts that were stopped left behind, but for the rows that one of them froze."""
    for earlier in range(1, attempt):
        for kind in (FROZEN, ARCHIVE):
            name = _name(release, earlier, kind)
            if name != release.frozen:
                export_file.discard(name)


def _name(release: Release, attempt: int, kind: str) -> str:
    """Carries the attempt, so that one that comes back from the dead cannot touch a later file."""
    return f"{FOLDER}/{release.campaign.slug}-{release.version}-{release.pk}-{attempt}.{kind}"
