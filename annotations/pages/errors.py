"""The pages that say that something went wrong."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotations.errors import Conflict, NotFound, NotPermitted, ThreadmarkError

STATUSES: tuple[tuple[type[ThreadmarkError], int, Promise], ...] = (
    (NotFound, 404, _("Not found")),
    (NotPermitted, 403, _("Not permitted")),
    (Conflict, 409, _("This cannot be done now")),
)


def error_page(request: HttpRequest, error: ThreadmarkError) -> HttpResponse:
    """The error's own sentence, with the status that fits its kind (400 where none does)."""
    status, title = next(
        ((status, title) for kind, status, title in STATUSES if isinstance(error, kind)),
        (400, _("This could not be taken")),
    )
    sentences = [sentence for field in error.fields.values() for sentence in field]
    context = {"title": title, "message": error.message, "sentences": sentences}
    return render(request, "annotations/error.html", context, status=status)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was sent without this browser's token: say so, and that nothing was changed."""
    context = {
        "title": _("This form has expired"),
        "message": _("Nothing was changed. Go back, reload the page and send the form again."),
        "sentences": [reason] if reason else [],
    }
    return render(request, "annotations/error.html", context, status=403)
