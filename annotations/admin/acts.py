"""Acts of the admin that are services: what they refuse becomes a message, not a crash."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from annotations.admin.confirming import log_act
from annotations.admin.tables import TableAdmin
from annotations.errors import ThreadmarkError

Row = TypeVar("Row", bound=Model)


class ServiceAdmin(TableAdmin):
    """A table whose rows are made and changed by services."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                return super().changeform_view(request, *args, **kwargs)
        except ThreadmarkError as error:
            self.message_user(request, error.message, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def for_each(
    request: HttpRequest, rows: QuerySet[Row], act: Callable[[Row], object], done: str
) -> None:
    """Do the act to every row, and say how many it was ``done`` to and what was refused.

    Each that was done is logged.
    """
    count = 0
    for row in rows:
        try:
            with transaction.atomic():
                act(row)
                log_act(request, row, done)
        except ThreadmarkError as error:
            messages.error(request, error.message)
        else:
            count += 1
    if count:
        messages.success(request, f"{count} {done}.")
