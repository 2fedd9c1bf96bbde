"""How much somebody may send: a body that is too large is refused before any of it is read.

Django writes the files of a form to the disk as they come, before it looks who sends them, and to
which address. So who may send much, and where, is said here.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import BoundedSemaphore, Thread
from typing import Any

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MOST = 20_000_000
UNKNOWN_MOST = 2_500_000
OF_THE_FORM = 1_000_000
LINES = "application/x-ndjson"
WITH_FILES = {"new_import", "imports_api:imports", "admin:start_import"}
SHORT = 2_500_000
SMALL = 65_536
BODY_SECONDS = 20.0
BUSY = gettext_lazy("Nothing was changed. Wait a moment and send it again.")
SLOW = gettext_lazy("The connection was too slow, or broke off. Nothing was changed: try again.")


class BoundedBodies:
    """Looks at the length that is announced, then reads what is short, before anything else does.

    A body without a length is no form to Django: it reads nothing of it, and lines count theirs by
    themselves. Who asks with a token is known before the framework reads.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.known = Places(max(1, settings.THREADS // 2), wait=1.0)
        self.unknown = Places(max(1, settings.THREADS // 4), wait=0.05)
        self.without_clock = Places(max(1, settings.THREADS // 4), wait=0)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        said = str(request.META.get("CONTENT_LENGTH") or "0")
        size = int(said) if said.isascii() and said.isdigit() and len(said) < 20 else 10**20
        if not size:
            return None  # and who asks is not looked up for it
        most = _most(request)
        if size > most:
            return _too_large(request, size, most)
        known = request.user.is_authenticated
        if known and size <= SMALL and self.without_clock.take():
            return _read_here(request, self.without_clock)
        if size <= SHORT and (known or not _is_api(request)):
            return self._read(request, self.known if known else self.unknown)
        return None

    def _read(self, request: HttpRequest, places: Places) -> HttpResponse | None:
        """Whoever sends a byte now and then holds one of the server's threads meanwhile: so few do
        at once, and none for long, and others are still answered."""
        if not places.take():
            answer = _refusal(request, 503, _("Too many people send something now"), BUSY, "busy")
            answer.headers["Retry-After"] = "5"
            return answer
        reading = Reading(request, places)
        reading.start()
        reading.join(BODY_SECONDS)
        if reading.is_alive() or reading.broken:
            return _refusal(request, 408, _("This did not arrive"), SLOW, "too_slow")
        return None


def _read_here(request: HttpRequest, places: Places) -> HttpResponse | None:
    """What is small is mostly there with its head, and a thread that reads it by the clock costs a
    tenth of a click. Whoever is known and does not send the rest holds one of these few places;
    once they are gone, all is read by the clock."""
    try:
        len(request.body)
    except (OSError, RequestDataTooBig):
        return _refusal(request, 408, _("This did not arrive"), SLOW, "too_slow")
    finally:
        places.give_back()
    return None


class Places:
    """How many of a process's threads may wait at once, and how long others wait for a place."""

    def __init__(self, count: int, *, wait: float) -> None:
        self._free = BoundedSemaphore(count)
        self._wait = wait

    def take(self) -> bool:
        return self._free.acquire(timeout=self._wait)

    def give_back(self) -> None:
        self._free.release()


class Reading(Thread):
    """Reads a body, and gives the place back when it is there, or will never be."""

    def __init__(self, request: HttpRequest, places: Places) -> None:
        super().__init__(daemon=True)
        self.request = request
        self.places = places
        self.broken = False

    def run(self) -> None:
        try:
            len(self.request.body)
        except (OSError, RequestDataTooBig):
            self.broken = True
        finally:
            self.places.give_back()


def _most(request: HttpRequest) -> int:
    """Of the API, the framework reads nothing before it knows who asks, but for sessions."""
    match = request.resolver_match
    is_api = _is_api(request)
    visitor = request.user
    by_token = is_api and visitor.is_anonymous and "Authorization" in request.headers
    if visitor.is_anonymous and not by_token:
        return UNKNOWN_MOST
    if is_api and request.content_type == LINES:
        return int(settings.MAX_BULK_BYTES)
    is_staff = by_token or bool(getattr(visitor, "is_staff", False))
    if is_staff and match is not None and match.view_name in WITH_FILES:
        return int(settings.MAX_UPLOAD_BYTES) + OF_THE_FORM
    return MOST


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def _too_large(request: HttpRequest, size: int, most: int) -> HttpResponse:
    megabytes = intcomma(size // 1_000_000), intcomma(most // 1_000_000)
    sentence = _("This form has %(size)s MB; at most %(most)s are taken here.")
    if _is_api(request):
        sentence = "The body has %(size)s MB; at most %(most)s are taken here."
    elif most > MOST:
        sentence = _(
            "These files have %(size)s MB; at most %(most)s are taken here. "
            "Use `manage.py import_threads` on the server instead."
        )
    words = sentence % {"size": megabytes[0], "most": megabytes[1]}
    return _refusal(request, 413, _("This is too large"), words, "too_large")


def _refusal(
    request: HttpRequest, status: int, title: str, words: str | Promise, code: str
) -> HttpResponse:
    if _is_api(request):
        body = {"code": code, "message": str(words), "fields": {}}
        return JsonResponse(body, status=status)
    context: dict[str, Any] = {"title": title, "message": words, "sentences": []}
    return render(request, "annotations/error.html", context, status=status)
