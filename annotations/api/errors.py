"""Every error of the API in one shape: ``{"code", "message", "fields"}``."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.signals import got_request_exception
from django.http import Http404
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import set_rollback

from annotations.errors import (
    Busy,
    Conflict,
    InvalidInput,
    NotFound,
    NotPermitted,
    RevisionConflict,
    ThreadmarkError,
)
from annotations.outages import Outage, outage_of

STATUSES: tuple[tuple[type[ThreadmarkError], int], ...] = (
    (InvalidInput, 400),
    (NotPermitted, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Busy, 503),
)
BUSY_SECONDS = 5
CODES = {"permission_denied": "not_permitted", "error": "invalid"}
UNEXPECTED = (
    "Something went wrong here, not with your request. Try again later; "
    "the administrator finds the reason in the server's log."
)

log = logging.getLogger(__name__)
Fields = Mapping[str, list[str]]


class ErrorSerializer(serializers.Serializer[Any]):
    """Why the request was refused. ``code`` never changes; ``message`` is for people."""

    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        help_text="The inputs at fault, each with the sentences about it.",
    )


def error_response(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """The answer to an exception of a view; None lets Django show a traceback (DEBUG only)."""
    set_rollback()
    if isinstance(error, ThreadmarkError):
        return _own(error)
    if isinstance(error, Http404):
        return _body("not_found", "There is no such thing.", status=404)
    if isinstance(error, PermissionDenied):
        return _body("not_permitted", "You may not do this.", status=403)
    if isinstance(error, RequestDataTooBig):
        return _body("too_large", "The body is too large.", status=413)
    if isinstance(error, SuspiciousOperation):
        return _body("invalid", str(error) or "The request cannot be taken.", status=400)
    if isinstance(error, exceptions.APIException):
        return _framework(error)
    if outage := outage_of(error):
        return _away(outage, error)
    return None if settings.DEBUG else _unexpected(context)


@contextmanager
def fields_below(name: str, inner: Collection[str] | None = None) -> Iterator[None]:
    """What is wrong with a part of the body is said of its fields by their path from the top.

    ``inner`` names the part's fields where the caller's act takes others beside them.
    """
    try:
        yield
    except InvalidInput as error:
        told = {
            field if inner is not None and field not in inner else f"{name}.{field}": sentences
            for field, sentences in error.fields.items()
        }
        raise InvalidInput(error.message, fields=told or {name: [error.message]}) from error


def sentences_of(error: exceptions.ValidationError) -> tuple[str, Fields]:
    """What a serializer has against its input: in one sentence, and field by field."""
    fields = _flat(error.detail)
    return _summary(fields), fields


def _own(error: ThreadmarkError) -> Response:
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), 400)
    more: dict[str, Any] = {}
    if isinstance(error, RevisionConflict):
        more = {"current": error.current, "offered": error.offered}
    response = _body(error.code, error.message, error.fields, status=status, **more)
    if isinstance(error, Busy):
        response["Retry-After"] = str(BUSY_SECONDS)
    return response


def _framework(error: exceptions.APIException) -> Response:
    headers: dict[str, str] = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if isinstance(error, exceptions.ValidationError):
        message, fields = sentences_of(error)
        return _body("invalid", message, fields, status=error.status_code)
    code = CODES.get(error.default_code, error.default_code)
    response = _body(code, str(error.detail), status=error.status_code)
    for name, value in headers.items():
        response[name] = value
    return response


def _away(outage: Outage, error: Exception) -> Response:
    log.warning("%s: %s", outage.code, error)
    response = _body(outage.code, str(outage.message), status=503)
    response["Retry-After"] = str(outage.seconds)
    return response


def _unexpected(context: Mapping[str, Any]) -> Response:
    """500. The signal is Django's own: error trackers and the test client listen to it."""
    request = context["request"]
    log.exception("%s %s failed", request.method, request.path)
    got_request_exception.send(sender=type(context["view"]), request=request)
    return _body("server_error", UNEXPECTED, status=500)


def _body(
    code: str, message: str, fields: Fields | None = None, *, status: int, **more: Any
) -> Response:
    body = {"code": code, "message": message, "fields": fields or {}, **more}
    return Response(body, status=status)


def _flat(detail: Any) -> dict[str, list[str]]:
    """Nested sentences by their path: ``{"design": {"seed": […]}}`` is ``{"design.seed": […]}``."""
    fields: dict[str, list[str]] = {}
    for path, sentence in _sentences(detail, ""):
        fields.setdefault(path, []).append(sentence)
    return fields


def _sentences(detail: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            yield from _sentences(inner, _path(path, key))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            plain = isinstance(inner, str)
            yield from _sentences(inner, path if plain else f"{path}[{index}]")
    else:
        yield path or "body", str(detail)


def _path(path: str, key: object) -> str:
    if key == "non_field_errors":
        return path
    return f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}".lstrip(".")


def _summary(fields: Fields) -> str:
    path, sentences = next(iter(fields.items()), ("body", ["The input cannot be taken."]))
    more = sum(map(len, fields.values())) - 1
    return f"{path}: {sentences[0]}" + (f" (and {more} more)" if more > 0 else "")
