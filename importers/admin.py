"""Imports in the admin."""

from __future__ import annotations

from django.contrib import admin

from annotations.admin.jobs import JobAdmin
from annotations.admin.tables import ReadOnlyAdmin
from importers.models import ImportPiece, ImportRun, ImportTouch


@admin.register(ImportRun)
class ImportRunAdmin(JobAdmin):
    list_display = ("id", "file_name", "corpus", "format", "state", "dry_run", "created_at")
    list_select_related = ("corpus",)
    list_filter = ("state", "format", "dry_run")
    search_fields = ("file_name", "=corpus__slug", "=created_by__username")


@admin.register(ImportPiece)
class ImportPieceAdmin(JobAdmin):
    """The pieces of imports that go on; they are gone when the import is done."""

    list_display = ("id", "run", "number", "state", "records", "created_at")
    list_select_related = ("run",)
    list_filter = ("state",)


@admin.register(ImportTouch)
class ImportTouchAdmin(ReadOnlyAdmin):
    """What imports that go on have met."""

    list_display = ("id", "run", "kind", "row", "outcome")
    list_filter = ("kind", "outcome")
