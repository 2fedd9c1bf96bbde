"""The floors of `next`: a bare Django view with one indexed read, one with a committed INSERT.

granian serves ``application`` as it serves the real one, on the same database, with the same
settings of its connection: what is acknowledged is on the disk. There is no middleware.
"""

from __future__ import annotations

import os

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")


def read(_request: HttpRequest, pk: int) -> HttpResponse:
    """One comment by its id."""
    from annotations.models import Comment

    columns = ("id", "thread_id", "position", "text")
    return _with_length(JsonResponse(Comment.objects.filter(pk=pk).values(*columns).get()))


def insert(request: HttpRequest) -> HttpResponse:
    """The body, as one row, committed."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_floor (said) VALUES (%s)", [request.body.decode()])
    return _with_length(JsonResponse({"saved": True}))


def _with_length(response: HttpResponse) -> HttpResponse:
    """As one of Django's middlewares does: without it the server sends chunks."""
    response.headers["Content-Length"] = str(len(response.content))
    return response


def healthz(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns = [path("healthz", healthz), path("read/<int:pk>/", read), path("insert/", insert)]


def _application() -> object:
    import django
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    django.setup()
    settings.ROOT_URLCONF = "tests.bench.next_floor"
    settings.MIDDLEWARE = []
    return get_wsgi_application()


if os.environ.get("BENCH_FLOOR"):
    application = _application()
