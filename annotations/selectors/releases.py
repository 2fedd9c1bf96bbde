"""Releases of campaigns: who may see them, and what files they have."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any, cast

from django.core.files.storage import default_storage
from django.db.models import Q, QuerySet

from annotations.errors import Conflict, NotFound
from annotations.exporters.frozen import Frozen, frozen
from annotations.models import Release, User
from annotations.permissions import campaigns_with
from annotations.releases.difference import Differences, changed_fields, differences
from annotations.releases.manifest import CHECKSUMS, MANIFEST
from annotations.releases.stretches import Stretch, pieces, stretches
from annotations.selectors.dataset_facts import withheld_comments

HASHED = ("pseudonymous", "redacted")
MOST_COMPARED = 150_000
"""Threads, comments and annotations of two releases that are compared while somebody waits."""


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


@dataclass(frozen=True, slots=True)
class ReleaseDifference:
    """``kinds`` is by threads, comments and annotations, {} where they cannot be compared for the
    ``reason``. The others say of each field that changed what was, and what is."""

    reason: str
    kinds: Mapping[str, Differences]
    counts: Mapping[str, list[Any]]
    contents: Mapping[str, list[Any]]
    codebook: Mapping[str, list[Any]]
    card: Mapping[str, list[Any]]
    formats: Mapping[str, list[Any]]


def comments_taken_back_since(release: Release) -> int:
    """How many comments of the campaign's sample their source took back after the release was
    frozen. Those that its filters left out are counted, too."""
    known: int = release.manifest["withheld_comments"]
    return max(0, withheld_comments(release.campaign) - known)


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


def frozen_rows(release: Release) -> Frozen:
    """What the release is made of. Raises ValueError where the file is damaged."""
    return frozen(lambda: cast(IO[bytes], default_storage.open(release.frozen)))


def difference(
    before: Release, after: Release, *, somebody_waits: bool = True
) -> ReleaseDifference:
    """What changed from one release of a campaign to another. What is too large to be compared
    while ``somebody_waits`` is told by counts alone.

    Raises Conflict where one is not finished, or they are of two campaigns.
    """
    if before.campaign_id != after.campaign_id:
        raise Conflict("Only releases of the same campaign are compared.")
    for release in (before, after):
        if release.state != Release.State.DONE:
            raise Conflict(f"Version {release.version} is {release.state}: compare finished ones.")
    reason = _why_incomparable(before, after) or (somebody_waits and _why_later(before, after))
    return ReleaseDifference(
        reason=reason or "",
        kinds=(
            {} if reason else differences(frozen_rows(before).dataset, frozen_rows(after).dataset)
        ),
        counts=changed_fields(_counts(before), _counts(after)),
        contents=changed_fields(before.contents, after.contents),
        codebook=changed_fields(before.manifest["codebook"], after.manifest["codebook"]),
        card=changed_fields(before.card, after.card),
        formats=changed_fields({"formats": before.formats}, {"formats": after.formats}),
    )


def _why_incomparable(before: Release, after: Release) -> str:
    """Ids are the source's, or hashed with the same key, or they say nothing of each other."""
    for release in (before, after):
        if release.withdrawn_at is not None:
            return f"Version {release.version} was withdrawn, and its rows with it."
        if not default_storage.exists(release.frozen):
            return f"The rows of version {release.version} are missing from the storage."
    hashed = [one.manifest["privacy"] in HASHED for one in (before, after)]
    if any(hashed) and not (all(hashed) and before.key == after.key):
        return "Their ids are pseudonyms of different keys: only counts can be compared."
    return ""


def _why_later(before: Release, after: Release) -> str:
    compared = sum(
        one.manifest["counts"][kind]
        for one in (before, after)
        for kind in ("threads", "comments", "annotations")
    )
    if compared <= MOST_COMPARED:
        return ""
    return (
        f"They hold {compared:,} threads, comments and annotations, too many to compare while "
        f"somebody waits: ./manage.py release --compare {before.pk} {after.pk} does."
    )


def _counts(release: Release) -> dict[str, int]:
    counts = release.manifest["counts"]
    told = {name: value for name, value in counts.items() if isinstance(value, int)}
    return {**told, "withheld_comments": release.manifest["withheld_comments"]}


def _file(release: Release, archive: IO[bytes], stretch: Stretch) -> ReleaseFile:
    """The manifest and the list of checksums cannot name their own."""
    if stretch.name in (MANIFEST, CHECKSUMS):
        told: dict[str, Any] = {
            "sha256": hashlib.sha256(b"".join(pieces(archive, stretch))).hexdigest(),
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
