"""Whether a release is what it says: its stored bytes, and those that it would have if made now."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from django.core.files.storage import default_storage

from annotations.errors import ThreadmarkError
from annotations.exporters.frozen import Frozen, frozen
from annotations.models import Release
from annotations.releases.archive import write_archive
from annotations.releases.difference import changed_fields
from annotations.releases.manifest import CHECKSUMS, MANIFEST
from annotations.releases.stretches import pieces, stretches
from annotations.selectors.releases import frozen_rows, require_files
from annotations.services.export_file import measured
from annotations.services.release_file import edition_of, freeze_now

MADE_WITH = "Threadmark "
BLOCK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Check:
    """``files`` are those that differ; ``reason`` says why there is nothing to compare."""

    same: bool
    files: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """``stored`` compares the archive with its checksums; ``again`` with what its frozen rows
    give; ``now`` with what the campaign gives today, which may differ by right."""

    stored: Check
    again: Check
    now: Check


def verify_release(release: Release) -> Verification:
    """Takes as long as making the release three times. Raises Conflict where it has no files."""
    require_files(release)
    return Verification(_stored(release), _again(release), _now(release))


def _stored(release: Release) -> Check:
    try:
        with default_storage.open(release.file) as opened:
            archive = cast(IO[bytes], opened)
            if _sha256(iter(lambda: archive.read(BLOCK_BYTES), b"")) == release.sha256:
                return Check(same=True)
            return Check(same=False, files=tuple(_damaged(release, archive)))
    except (FileNotFoundError, zipfile.BadZipFile) as error:
        return Check(same=False, reason=f"The archive {release.file} cannot be read: {error}.")


def _damaged(release: Release, archive: IO[bytes]) -> Iterator[str]:
    """The files whose bytes are not those of the manifest, or that are not there."""
    there = {one.name: one for one in stretches(archive)}
    for told in release.manifest["files"]:
        one = there.get(told["name"])
        if one is None or _sha256(pieces(archive, one)) != told["sha256"]:
            yield told["name"]


def _again(release: Release) -> Check:
    try:
        return _compared(release, frozen_rows(release))
    except (FileNotFoundError, ValueError) as error:
        return Check(same=False, reason=f"{release.frozen}: {error}")


def _now(release: Release) -> Check:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "now"
        try:
            freeze_now(release, path, lambda dataset: dataset)
        except ThreadmarkError as error:
            return Check(same=False, reason=error.message)
        return _compared(release, frozen(lambda: path.open("rb")))


def _compared(release: Release, rows: Frozen) -> Check:
    """The archive that these rows give beside the one that was made."""
    told = release.manifest
    edition = edition_of(release, told["made_with"].removeprefix(MADE_WITH))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "again"
        manifest = write_archive(rows, edition, path, lambda row: row)
        if measured(path).sha256 == release.sha256:
            return Check(same=True)
        return Check(same=False, files=tuple(_differing(told, manifest)))


def _differing(told: Mapping[str, Any], made: Mapping[str, Any]) -> list[str]:
    before, after = ({one["name"]: one["sha256"] for one in each["files"]} for each in (told, made))
    return [*sorted(changed_fields(before, after)), MANIFEST, CHECKSUMS]


def _sha256(blocks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()
