"""Content categories, which administrators word; the warnings, which have pages of their own."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from annotations.admin.tables import LargeTableAdmin, TableAdmin
from annotations.models import ContentCategory, ContentClearance, ContentRule, ContentWarning


@admin.register(ContentCategory)
class ContentCategoryAdmin(TableAdmin):
    """None is ever deleted: people rely on never being given what they chose to avoid.

    Nor can categories be looked up by who avoids them: that is known to nobody but those people.
    """

    list_display = ("title", "key", "position")
    search_fields = ("key", "title", "description")
    fields = ("key", "title", "description", "position")

    def get_readonly_fields(
        self, request: HttpRequest, obj: ContentCategory | None = None
    ) -> tuple[str, ...]:
        return ("key",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup.partition("__")[0] in ("id", *self.fields)


@admin.register(ContentRule)
class ContentRuleAdmin(LargeTableAdmin):
    list_display = ("id", "corpus", "category", "kind", "field", "value", "created_at")
    list_select_related = ("corpus", "category")
    list_filter = ("kind", "category")
    search_fields = ("field", "=corpus__slug")
    unread = ("words",)


@admin.register(ContentWarning)
class ContentWarningAdmin(LargeTableAdmin):
    list_display = ("id", "comment_id", "category", "basis", "rule_id", "added_by", "created_at")
    list_select_related = ("category", "added_by")
    list_filter = ("basis", "category")
    search_fields = ("=comment__source_id",)


@admin.register(ContentClearance)
class ContentClearanceAdmin(LargeTableAdmin):
    list_display = ("id", "comment_id", "category", "added_by", "created_at")
    list_select_related = ("category", "added_by")
    list_filter = ("category",)
    search_fields = ("=comment__source_id",)
