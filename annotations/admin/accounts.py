"""Accounts and their API tokens. Who deletes an account keeps its labels."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from annotations.admin.tables import TableAdmin
from annotations.models import ApiToken, User


@admin.register(User)
class AccountAdmin(UserAdmin):  # type: ignore[type-arg]
    list_display = ("username", "first_name", "last_name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    list_per_page = 50
    show_full_result_count = False


@admin.register(ApiToken)
class ApiTokenAdmin(TableAdmin):
    """Tokens are made on the account page, by their owner; here they can be taken away."""

    list_display = ("name", "user", "token_key", "created", "expiry")
    list_select_related = ("user",)
    search_fields = ("name", "user__username", "token_key")
    fields = ("name", "user", "token_key", "created", "expiry")
    readonly_fields = fields
    ordering = ("-created", "digest")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False
