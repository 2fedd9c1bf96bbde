"""Whether the server runs, and whether all that it needs does."""

from __future__ import annotations

from celery import current_app
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from annotations.selectors.jobs import NO_WORKER, worker_alive


@never_cache
@require_safe
def healthz(_: HttpRequest) -> HttpResponse:
    """This process answers; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def readyz(_: HttpRequest) -> HttpResponse:
    """Database, broker and worker, each ``ok`` or what is wrong with it in words."""
    words = {"database": _database(), "broker": _broker()}
    words["worker"] = _worker() if words["database"] == "ok" else "Unknown without the database."
    ready = all(word == "ok" for word in words.values())
    return JsonResponse({"ready": ready, **words}, status=200 if ready else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return f"The database does not answer: {error}"
    return "ok"


def _broker() -> str:
    """Opening a channel pings the broker, once, within the timeouts of the settings."""
    try:
        with current_app.connection_for_write() as broker, broker.channel():
            return "ok"
    except (KombuError, RedisError, OSError) as error:
        return f"The broker does not answer, so jobs wait: {error}"


def _worker() -> str:
    return "ok" if worker_alive(timezone.now()) else NO_WORKER
