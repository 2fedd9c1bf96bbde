"""Every request is known to the audit log, and so is that one was refused."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from annotations.origin import answering
from annotations.services.audit import note_refused

Answer = Callable[[HttpRequest], HttpResponseBase]
REFUSED = 403


class AuditMiddleware:
    """After those that tell who asks."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        now = timezone.now()
        with answering(request, now=now):
            response = self.get_response(request)
            if response.status_code == REFUSED:
                match = request.resolver_match
                note_refused(route=match.view_name if match else "unknown", now=now)
        return response
