"""The pages that say that something went wrong."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.defaults import server_error

from annotations.errors import Conflict, NotFound, NotPermitted, ThreadmarkError
from annotations.outages import Outage, outage_of
from annotations.pages.language import speaks_english

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


def failed(request: HttpRequest) -> HttpResponse:
    """What no view has answered (Django's ``handler500``): 503 for what is only away, else 500."""
    outage = outage_of(sys.exc_info()[1])
    if outage is None:
        return server_error(request)
    return _away(request, outage)


def _away(request: HttpRequest, outage: Outage) -> HttpResponse:
    """A page that asks nobody who reads it: that would ask the database once more."""
    headers = {"Retry-After": str(outage.seconds), "Cache-Control": "no-store"}
    if speaks_english(request):
        body = {"code": outage.code, "message": str(outage.message), "fields": {}}
        return JsonResponse(body, status=503, headers=headers)
    context = {"title": outage.title, "message": outage.message, "language": get_language()}
    page = render_to_string("503.html", context)
    return HttpResponse(page, status=503, headers=headers)
