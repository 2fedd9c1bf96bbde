"""Where browsers report what a page tried against its policy: one line in the log, without words.

Anybody can send reports, so they are few, small, and nothing in them is believed: what is logged
are names of directives, and the beginnings of addresses.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from annotations.buckets import Allowance, take
from annotations.visitors import address_of

MOST_BYTES = 16_384
MOST_REPORTS = 10
ALL, ONE = Allowance(rate=1, burst=60), Allowance(rate=1, burst=10)
_NAME = re.compile(r"[a-z-]{1,40}")
_PLAIN = re.compile(r"[\w./:\[\]-]{1,120}", re.ASCII)

log = logging.getLogger("threadmark.policy")


@csrf_exempt
@require_POST
def policy_report(request: HttpRequest) -> HttpResponse:
    """204, whatever was sent; 413 and 429 where it is too much."""
    if _length(request) > MOST_BYTES:
        return HttpResponse(status=413)
    for key, allowance in ((f"policy:{address_of(request)}", ONE), ("policy", ALL)):
        taken = take(key, allowance)
        if taken is not None and taken.refused:
            return HttpResponse(status=429, headers={"Retry-After": "60"})
    for report in _reports(request.body):
        log.warning("%s", report)
    return HttpResponse(status=204)


def _length(request: HttpRequest) -> int:
    said = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(said) if said.isascii() and said.isdigit() else 0


def _reports(body: bytes) -> Iterator[str]:
    """Both forms: the one object of ``report-uri``, and the list of ``report-to``."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return
    for one in (sent if isinstance(sent, list) else [sent])[:MOST_REPORTS]:
        inner = one.get("csp-report", one.get("body")) if isinstance(one, dict) else None
        if isinstance(inner, dict):
            yield _sentence(inner)


def _sentence(report: dict[str, Any]) -> str:
    directive = _first(report, "effective-directive", "effectiveDirective", "violated-directive")
    name = _NAME.match(directive)
    page = _first(report, "document-uri", "documentURL")
    blocked = _first(report, "blocked-uri", "blockedURL")
    return (
        f"A page broke the policy: {name[0] if name else 'unknown'} on {_path(page)} "
        f"by {_origin(blocked)}"
    )


def _first(report: dict[str, Any], *names: str) -> str:
    return next((str(report[name]) for name in names if report.get(name)), "")


def _path(address: str) -> str:
    """The page without what may be a secret: the query, and the token of an invitation."""
    try:
        path = urlsplit(address).path
    except ValueError:
        return "unknown"
    found = _PLAIN.match("/join/" if path.startswith("/join/") else path)
    return found[0] if found else "unknown"


def _origin(address: str) -> str:
    """Scheme and host of what was kept out, or its kind (``inline``, ``eval``, ``data``)."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return "unknown"
    found = _PLAIN.match(f"{parts.scheme}://{host}" if host else parts.scheme or address)
    return found[0][:80] if found else "unknown"
