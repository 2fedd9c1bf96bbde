"""Log-ins that failed, and who is locked out by them: seen, and let in again."""

from __future__ import annotations

from typing import Any

from axes.admin import AccessAttemptAdmin, AccessFailureLogAdmin, AccessLogAdmin
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from annotations.admin.acts import for_each
from annotations.models import User
from annotations.services.audit import Act, note_act

for _model in (AccessAttempt, AccessLog, AccessFailureLog):
    admin.site.unregister(_model)


class _OnlyShown(admin.ModelAdmin):  # type: ignore[type-arg]
    """``manage.py axes_reset_logs --age DAYS`` takes old ones away."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AccessAttempt)
class AttemptAdmin(_OnlyShown, AccessAttemptAdmin):  # type: ignore[misc]
    """Failures in a row, of one name from one address. A lock ends by itself after 15 minutes."""

    actions = ("unlock",)

    def has_unlock_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("axes.delete_accessattempt")

    @admin.action(description="Unlock", permissions=["unlock"])
    def unlock(self, request: HttpRequest, attempts: QuerySet[AccessAttempt]) -> None:
        for_each(request, attempts, _unlock, "unlocked")


@admin.register(AccessLog)
class LogInAdmin(_OnlyShown, AccessLogAdmin):  # type: ignore[misc]
    """Who logged in and out."""


@admin.register(AccessFailureLog)
class FailureAdmin(_OnlyShown, AccessFailureLogAdmin):  # type: ignore[misc]
    """Each log-in that failed, where axes is told to keep them."""


def _unlock(attempt: AccessAttempt) -> None:
    """Forget the failures: the next attempt counts as the first."""
    account = User.objects.filter(username=attempt.username or "").first()
    note_act(act=Act.UNLOCKED, about=account, now=timezone.now())
    AccessAttempt.objects.filter(pk=attempt.pk).delete()
