"""How tables are shown: without slow counts, and read-only where rows are only appended."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from annotations.services.audit import Act, note_act, note_seen

COUNT_AT_MOST = 10_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts up to 10,000 rows and no further: who looks for one row of more searches for it."""

    object_list: QuerySet[Any]

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[:COUNT_AT_MOST].count()

    @property
    def is_capped(self) -> bool:
        return self.count == COUNT_AT_MOST


class NotedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A table whose changes the audit log tells, beside Django's own log.

    ``seen_as`` is the act that it is to look at the table, where that is to be known.
    """

    seen_as = ""

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        note_act(act=Act.ADMIN_ADDED, about=obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        note_act(act=Act.ADMIN_CHANGED, about=obj, details={"fields": _changed(message)})
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for row in queryset:
            note_act(act=Act.ADMIN_DELETED, about=row)
        return super().log_deletions(request, queryset)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self._note_seen()
        return super().changelist_view(request, *args, **kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self._note_seen()
        return super().changeform_view(request, *args, **kwargs)

    def _note_seen(self) -> None:
        if self.seen_as:
            note_seen(act=self.seen_as, about=self.model, now=timezone.now())


class TableAdmin(NotedAdmin):
    """A table of which nothing is counted that need not be."""

    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER


class ReadOnlyAdmin(TableAdmin):
    """A table to look at: its rows come from services and stay as they are."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class LargeTableAdmin(ReadOnlyAdmin):
    """A table that may have millions of rows: newest first, found by search, not by sorting.

    ``unread`` names the large columns that the list does not load.
    """

    paginator = CappedPaginator
    ordering = ("-pk",)
    sortable_by = ()
    unread: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        match = request.resolver_match
        is_list = match is not None and (match.url_name or "").endswith("_changelist")
        return rows.defer(*self.unread) if is_list else rows

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """A number is the row's id, at once; words are searched for."""
        if search_term.isascii() and search_term.isdigit() and len(search_term) < 19:
            return queryset.filter(pk=int(search_term)), False
        return super().get_search_results(request, queryset, search_term)


def _changed(message: Any) -> list[str]:
    """The names of the fields in Django's message."""
    parts = message if isinstance(message, list) else []
    return [name for part in parts for name in part.get("changed", {}).get("fields", ())]


def excerpt(text: str) -> str:
    """The text's beginning, for a cell of a list."""
    return text if len(text) <= 80 else f"{text[:79]}…"
