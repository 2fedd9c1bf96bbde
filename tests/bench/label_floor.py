"""The floor of a stream of labels: a bare Django view, one SELECT in order, orjson, HTTP.

granian serves ``application`` as it serves the real one, on the same database.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import orjson
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
BLOCK_BYTES = 64 * 1024


def labels(_request: HttpRequest, slug: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(_blocks(slug), content_type="application/x-ndjson")


def _blocks(slug: str) -> Iterator[bytes]:
    from tests.bench.export_floor import COLUMNS, rows

    block = bytearray()
    for row in rows(slug):
        one = dict(zip(COLUMNS, row, strict=True))
        one["answers"] = orjson.Fragment(one["answers"])
        block += orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)
        if len(block) >= BLOCK_BYTES:
            yield bytes(block)
            block.clear()
    yield bytes(block)


def healthz(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns = [path("healthz", healthz), path("<slug:slug>/", labels)]


def _application() -> object:
    import django
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    django.setup()
    settings.ROOT_URLCONF = "tests.bench.label_floor"
    settings.MIDDLEWARE = []
    return get_wsgi_application()


if os.environ.get("BENCH_FLOOR"):
    application = _application()
