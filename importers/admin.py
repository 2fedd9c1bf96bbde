"""Imports in the admin."""

from __future__ import annotations

from django.contrib import admin

from annotations.admin.jobs import JobAdmin
from importers.models import ImportRun


@admin.register(ImportRun)
class ImportRunAdmin(JobAdmin):
    list_display = ("id", "file_name", "corpus", "format", "state", "dry_run", "created_at")
    list_select_related = ("corpus",)
    list_filter = ("state", "format", "dry_run")
    search_fields = ("file_name", "=corpus__slug", "=created_by__username")
