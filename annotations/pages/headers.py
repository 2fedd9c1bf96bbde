"""What every answer says to browsers: pages, the API, files, errors, and what has no view."""

from __future__ import annotations

from collections.abc import Callable

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), "
        "gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), "
        "publickey-credentials-get=(), usb=(), xr-spatial-tracking=()"
    ),
}
# All but static files tells who somebody is or what they work on.
KEPT_NOWHERE = "private, no-store"
# Scripts of packages write HTML by themselves there: Django's admin, and Swagger UI; and Svelte
# writes what the server made of Markdown on the pages that it draws.
OF_PACKAGES = ("/admin/", "/api/v1/docs/")
DRAWN = {"label", "adjudication_desk", "new_codebook", "edit_codebook"}
DATA, NOTHING = "application/json", "default-src 'none'; frame-ancestors 'none'"
TRUSTED_TYPES = {
    "require-trusted-types-for": ["'script'"],
    "trusted-types": ["threadmark-html"],
}


class SafeHeaders:
    """The outermost middleware: what the others refuse gets these headers, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", KEPT_NOWHERE)
        response.headers["Reporting-Endpoints"] = f'policy="{reverse("policy_report")}"'
        return response


class ContentPolicy(CSPMiddleware):
    """That of the settings for pages. Data is none: a browser that opens it loads and runs nothing
    for it."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if response.headers.get("Content-Type", "").startswith(DATA):
            response.headers.setdefault("Content-Security-Policy", NOTHING)
            return response
        return super().process_response(request, response)


class TrustedTypes:
    """Inside the middleware of the policy: our own scripts write no HTML but by a known maker."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        match = request.resolver_match
        is_drawn = match is not None and match.view_name in DRAWN
        if not (is_drawn or settings.DEBUG or request.path_info.startswith(OF_PACKAGES)):
            response._csp_update = TRUSTED_TYPES  # type: ignore[attr-defined]
        return response
