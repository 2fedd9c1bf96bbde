"""Accounts and their API tokens. Who deletes an account keeps its labels."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.text import capfirst

from annotations.admin.erasing import ErasesPeople
from annotations.admin.tables import NotedAdmin, TableAdmin
from annotations.models import ApiToken, User
from annotations.services.audit import Act

PRIVATE = ("avoided", "preferences")


@admin.register(User)
class AccountAdmin(ErasesPeople, NotedAdmin, UserAdmin):  # type: ignore[type-arg]
    seen_as = Act.PEOPLE_SEEN
    list_display = ("username", "first_name", "last_name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    list_per_page = 50
    show_full_result_count = False
    actions = ("erase",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """What somebody avoids is theirs alone: no address finds people by it."""
        private = lookup.partition("__")[0] in PRIVATE
        return not private and super().lookup_allowed(lookup, value, request)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """What goes with an account, without how much its owner avoids."""
        listed, counts, forbidden, protected = super().get_deleted_objects(objs, request)
        hidden = User.avoided.through._meta
        plural = hidden.verbose_name_plural
        shown = {name: count for name, count in counts.items() if name != plural}
        kept = _without(listed, str(capfirst(hidden.verbose_name)))
        return kept, shown, forbidden, protected


admin.site.unregister(Group)


@admin.register(Group)
class NotedGroupAdmin(NotedAdmin, GroupAdmin):
    """What its members may do in the admin."""


@admin.register(ApiToken)
class ApiTokenAdmin(TableAdmin):
    """Tokens are made on the account page, by their owner; here they can be taken away."""

    list_display = ("name", "user", "token_key", "scopes", "created", "expiry", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("name", "user__username", "token_key")
    fields = (
        *("name", "user", "token_key", "scopes", "limited", "campaigns"),
        *("created", "expiry", "last_used_at"),
    )
    readonly_fields = fields
    ordering = ("-created", "digest")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False


def _without(listed: list[Any], name: str) -> list[Any]:
    """The nested list of what would be deleted, without the rows of this name."""
    return [
        _without(one, name) if isinstance(one, list) else one
        for one in listed
        if isinstance(one, list) or not str(one).startswith(f"{name}:")
    ]
