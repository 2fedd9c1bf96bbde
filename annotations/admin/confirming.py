"""Acts that ask first: a page that says what will happen, then the service, then the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from annotations.errors import ThreadmarkError
from annotations.models import User

MOST_ROWS = 100

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Act:
    """An act as its page tells of it before it is done.

    ``title`` asks, ``sentences`` say what will happen, ``tables`` are titles with counted words,
    ``links`` a title with things to look at. ``done`` is what the log says of each row,
    and the message of all of them.
    """

    action: str
    title: str
    button: str
    done: str
    sentences: Sequence[str] = ()
    tables: Sequence[tuple[str, Sequence[tuple[str, int]]]] = ()
    links: Sequence[tuple[str, Sequence[tuple[str, str]]]] = ()
    warnings: Sequence[str] = ()
    is_final: bool = False
    form: forms.Form = field(default_factory=forms.Form)


def who(request: HttpRequest) -> User:
    """Raises PermissionDenied for those who are not logged in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def is_confirmed(request: HttpRequest) -> bool:
    return "confirmed" in request.POST


def confirmed(
    model_admin: admin.ModelAdmin[Row],
    request: HttpRequest,
    rows: QuerySet[Row],
    act: Act,
    do: Callable[[Row], Model | None],
) -> HttpResponse | None:
    """The page that asks, or, once it was answered, the act done to each row and logged.

    ``do`` may give another row to be named in the log. What it refuses becomes a message, and
    nothing of that row is changed.
    """
    listed = list(rows[: MOST_ROWS + 1])
    if len(listed) > MOST_ROWS:
        messages.error(request, f"Choose {MOST_ROWS} at most: nothing was done.")
        return None
    if not (is_confirmed(request) and (not act.form.fields or act.form.is_valid())):
        return _page(model_admin, request, listed, act)
    count = 0
    for row in listed:
        try:
            with transaction.atomic():
                log_act(request, do(row) or row, act.done)
        except ThreadmarkError as error:
            messages.error(request, f"{row}: {error.message}")
        else:
            count += 1
    if count:
        names = model_admin.opts
        name = names.verbose_name if count == 1 else names.verbose_name_plural
        messages.success(request, f"{count} {name}: {act.done}.")
    return None


def log_act(request: HttpRequest, row: Model, said: str) -> None:
    """An entry in the admin's log, which the row's history shows."""
    LogEntry.objects.log_actions(who(request).pk, [row], CHANGE, said, single_object=True)


def _page(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, rows: Sequence[Model], act: Act
) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "title": act.title,
        "opts": model_admin.opts,
        "media": model_admin.media + act.form.media,
        "act": act,
        "rows": rows,
        "checkbox": ACTION_CHECKBOX_NAME,
    }
    status = 400 if is_confirmed(request) else 200
    return TemplateResponse(request, "admin/act.html", context, status=status)
