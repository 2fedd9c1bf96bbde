"""What mirrors are told next."""

from __future__ import annotations

from django.contrib import admin

from annotations.admin.tables import LargeTableAdmin
from annotations.models import Change


@admin.register(Change)
class ChangeAdmin(LargeTableAdmin):
    list_display = ("id", "kind", "row", "number", "pending", "corpus", "campaign", "changed_at")
    list_select_related = ("corpus", "campaign")
    list_filter = ("kind",)
    search_fields = ("=corpus__slug", "=campaign__slug")
