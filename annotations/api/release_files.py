"""The files of a finished release: the archive, and each file in it without unpacking."""

from __future__ import annotations

from typing import Any

from django.core.files.storage import default_storage
from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.operations import operation
from annotations.api.ranges import FILE, RANGES, StoredFile, file_answer
from annotations.api.resource import Resource
from annotations.api.taking import note_taken
from annotations.errors import Conflict, NotFound
from annotations.models import Release, User
from annotations.selectors.releases import readable_release, release_files, require_files
from annotations.services.audit import Act


class ReleaseFileSerializer(serializers.Serializer[Any]):
    """A file in the archive."""

    name = serializers.CharField(help_text="Its path in the archive.")
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField()
    media_type = serializers.CharField()
    rows = serializers.IntegerField(allow_null=True, help_text="null for what has none.")


class ReleaseFilesSerializer(serializers.Serializer[Any]):
    """All files of a release, by name."""

    files = ReleaseFileSerializer(many=True)


class ReleaseArchiveView(Resource):
    @operation("releases_file", FILE, errors=(404, 409), parameters=RANGES)
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """The whole release as a ZIP, or the part of it that you ask for."""
        release = _kept_release(self.user, pk)
        archive = StoredFile(
            stored=release.file,
            name=f"{release.campaign.slug}-{release.version}.zip",
            size=release.bytes,
            sha256=release.sha256,
            content_type="application/zip",
        )
        note_taken(request, act=Act.RELEASE_TAKEN, about=release)
        return file_answer(request, archive)


class ReleaseFilesView(Resource):
    @operation("releases_files", ReleaseFilesSerializer, errors=(404, 409))
    def get(self, request: Request, pk: int) -> Response:
        """The files in the archive, with their sizes and checksums."""
        release = _kept_release(self.user, pk)
        return self.show(ReleaseFilesSerializer, {"files": release_files(release)})


class ReleaseFileView(Resource):
    @operation("releases_one_file", FILE, errors=(404, 409), parameters=RANGES)
    def get(self, request: Request, pk: int, path: str) -> HttpResponseBase:
        """One file out of the archive, or the part of it that you ask for."""
        release = _kept_release(self.user, pk)
        found = next((one for one in release_files(release) if one.name == path), None)
        if found is None:
            raise NotFound(f"Version {release.version} has no file {path[:200]!r}.")
        file = StoredFile(
            stored=release.file,
            name=found.name,
            offset=found.offset,
            size=found.size,
            sha256=found.sha256,
            content_type=found.media_type,
        )
        note_taken(request, act=Act.RELEASE_TAKEN, about=release, details={"file": path})
        return file_answer(request, file)


def _kept_release(user: User, pk: int) -> Release:
    """One whose files are there. Raises NotFound, and Conflict where it has none."""
    release = readable_release(user, pk)
    require_files(release)
    if not default_storage.exists(release.file):
        raise Conflict(f"The files of version {release.version} are missing from the storage.")
    return release
