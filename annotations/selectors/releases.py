"""Releases of campaigns: who may see them, and what files they have."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import IO, Any, cast

from django.core.files.storage import default_storage
from django.db.models import Q, QuerySet

from annotations.errors import Conflict, NotFound
from annotations.models import Release, User
from annotations.permissions import campaigns_with
from annotations.releases.manifest import CHECKSUMS, MANIFEST
from annotations.releases.stretches import Stretch, content, stretches


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """A file of a release: ``size`` bytes of its archive from ``offset`` on.

    ``rows`` is None for what has none.
    """

    name: str
    offset: int
    size: int
    sha256: str
    media_type: str
    rows: int | None


def readable_releases(user: User) -> QuerySet[Release]:
    """Finished ones, for those who may take labels out; all, for those who may make them."""
    made = campaigns_with(user, "release.create").values("pk")
    read = campaigns_with(user, "export.create").values("pk")
    seen = Q(campaign__in=made) | Q(campaign__in=read, state=Release.State.DONE)
    return Release.objects.filter(seen).select_related("campaign")


def readable_release(user: User, pk: int) -> Release:
    """Raises NotFound where the user may not see it."""
    release = readable_releases(user).filter(pk=pk).first()
    if release is None:
        raise NotFound(f"There is no release {pk} that you may see.")
    return release


def require_files(release: Release) -> None:
    """Raises Conflict where the release has none: it is not finished, or was withdrawn."""
    if release.withdrawn_at is not None:
        raise Conflict(f"Version {release.version} was withdrawn: {release.withdrawn_reason}")
    if release.state != Release.State.DONE:
        raise Conflict(f"Version {release.version} is {release.state}: it has no files yet.")


def release_files(release: Release) -> list[ReleaseFile]:
    """The files in its archive, by name. Raises Conflict where it has none."""
    require_files(release)
    with default_storage.open(release.file) as opened:
        archive = cast(IO[bytes], opened)
        return [_file(release, archive, one) for one in stretches(archive)]


def _file(release: Release, archive: IO[bytes], stretch: Stretch) -> ReleaseFile:
    """The manifest and the list of checksums cannot name their own."""
    if stretch.name in (MANIFEST, CHECKSUMS):
        told: dict[str, Any] = {
            "sha256": hashlib.sha256(content(archive, stretch)).hexdigest(),
            "media_type": "application/json" if stretch.name == MANIFEST else "text/plain",
            "rows": None,
        }
    else:
        told = next(one for one in release.manifest["files"] if one["name"] == stretch.name)
    return ReleaseFile(
        name=stretch.name,
        offset=stretch.offset,
        size=stretch.size,
        sha256=told["sha256"],
        media_type=told["media_type"],
        rows=told["rows"],
    )
