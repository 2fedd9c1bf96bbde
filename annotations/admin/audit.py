"""The audit log, and Django's own log of the admin beside it: to look at and to take along."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from annotations.admin.tables import CappedPaginator, LargeTableAdmin
from annotations.models import AuditEntry
from annotations.pages.figures import csv_stream
from annotations.services.audit import Act, note_act

ROWS_AT_ONCE = 2_000
COLUMNS = (
    *("id", "at", "act", "name", "way", "token", "address", "kind", "about"),
    *("campaign__slug", "details"),
)


@admin.register(AuditEntry)
class AuditEntryAdmin(LargeTableAdmin):
    """Nobody adds, changes or deletes an entry; old ones go by ``manage.py forget_audit``."""

    list_display = ("at", "act", "who", "way", "address", "kind", "about", "campaign", "details")
    list_select_related = ("campaign",)
    list_filter = ("act", "way", ("campaign", admin.RelatedOnlyFieldListFilter), "at")
    search_fields = ("=name", "=about", "=address", "=token", "=campaign__slug")
    search_help_text = "A user name, an address, a slug or an id, each whole."
    date_hierarchy = "at"
    paginator = CappedPaginator
    actions = ("take",)

    @admin.display(description="who", ordering="name")
    def who(self, entry: AuditEntry) -> str:
        return f"{entry.name} with {entry.token}" if entry.token else entry.name

    @admin.action(description="Download as CSV", permissions=["view"])
    def take(self, request: HttpRequest, entries: QuerySet[AuditEntry]) -> StreamingHttpResponse:
        note_act(act=Act.LOG_TAKEN, details={"entries": entries.count()}, now=timezone.now())
        rows = entries.order_by("pk").values_list(*COLUMNS)
        return csv_stream("audit", COLUMNS, map(_cells, rows.iterator(ROWS_AT_ONCE)))


@admin.register(LogEntry)
class LogEntryAdmin(LargeTableAdmin):
    """What was done in the admin, in its own words; the audit log tells the same without them."""

    list_display = ("action_time", "user", "action_flag", "content_type", "object_repr", "said")
    list_select_related = ("user", "content_type")
    list_filter = ("action_flag",)
    search_fields = ("=user__username", "object_repr")

    @admin.display(description="change")
    def said(self, entry: LogEntry) -> str:
        return str(entry.get_change_message())


def _cells(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*row[:-1], json.dumps(row[-1], ensure_ascii=False, sort_keys=True))
