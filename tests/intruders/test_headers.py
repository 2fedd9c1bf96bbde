"""What every answer says to browsers: of each route to anybody and to staff, of static files, of
streams, and of each kind of error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from annotations.pages.headers import ALWAYS, DRAWN
from project import urls
from project.urls import urlpatterns as all_routes
from tests.annotations.api.world import World, build_world
from tests.intruders.every_route import every_route

pytestmark = [pytest.mark.django_db, pytest.mark.once]

NAMED = (
    *("default-src", "script-src", "style-src", "img-src", "font-src", "connect-src", "media-src"),
    *("frame-src", "worker-src", "object-src", "base-uri", "form-action", "frame-ancestors"),
    *("report-uri", "report-to"),
)


def check(response: Any, name: str, place: str) -> None:
    headers = response.headers
    for header, value in ALWAYS.items():
        assert headers[header] == value, (name, header)
    assert headers["X-Frame-Options"] == "DENY", name
    assert headers["Reporting-Endpoints"] == 'policy="/policy-report/"', name
    if not place.startswith("/static/"):
        assert "no-store" in headers["Cache-Control"], name
    assert "Server" not in headers
    assert "X-Powered-By" not in headers
    if headers.get("Content-Type", "").startswith("application/json"):
        of_data = "default-src 'none'; frame-ancestors 'none'"
        assert headers["Content-Security-Policy"] == of_data, name
        return
    policy = dict(part.strip().partition(" ")[::2] for part in
                  headers["Content-Security-Policy"].split(";"))  # fmt: skip
    assert policy.keys() >= set(NAMED), name
    assert "unsafe" not in str(policy), name
    assert policy["script-src"] == policy["default-src"] == "'self'", name
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    borrowed = place.startswith(("/admin/", "/api/v1/docs/")) or name.split(": ")[-1] in DRAWN
    assert (policy.get("require-trusted-types-for") == "'script'") is not borrowed, name


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path / "files"
    return build_world()


def everybody(world: World) -> Iterator[tuple[str, Client]]:
    yield "nobody", Client(raise_request_exception=False)
    world.users["staff"].is_superuser = True
    world.users["staff"].save()
    client = Client(raise_request_exception=False)
    client.force_login(world.users["staff"])
    yield "staff", client


@pytest.mark.slow
def test_every_route_says_it_to_anybody_and_to_staff(world: World) -> None:
    routes = every_route()
    assert len(routes) > 400
    seen: dict[int, int] = {}
    for who, client in everybody(world):
        for name, address in routes.items():
            for response in (client.get(address), client.options(address)):
                check(response, f"{who}: {name}", address)
                seen[response.status_code] = seen.get(response.status_code, 0) + 1
    assert seen.keys() >= {200, 302, 401, 403, 404, 405}
    assert not [status for status in seen if status >= 500 and status != 503], seen


def test_static_files_say_it_too(client: Client) -> None:
    response = client.get("/static/annotations/icon.svg")
    check(response, "icon", "/static/")


def test_every_kind_of_error_says_it(world: World, monkeypatch: Any) -> None:
    def fails(error: Exception) -> Any:
        def view(request: HttpRequest) -> HttpResponse:
            raise error

        return view

    broken = [
        path("broken/", fails(ValueError("secret words"))),
        path("suspicious/", fails(SuspiciousOperation("secret words"))),
        path("gone/", fails(OperationalError("secret words"))),
    ]
    monkeypatch.setattr(urls, "urlpatterns", [*broken, *all_routes])
    from django.urls import clear_url_caches

    clear_url_caches()
    try:
        client = Client(raise_request_exception=False)
        for address, status in (
            *(("/broken/", 500), ("/suspicious/", 400), ("/gone/", 503), ("/nothing/", 404)),
            *(("/api/v1/nothing/", 404), ("/readyz", 503)),
        ):
            response = client.get(address)
            assert response.status_code == status, address
            check(response, address, address)
            assert b"secret words" not in response.content
        response = client.get("/login/", headers={"host": "evil.example"})
        assert response.status_code == 400
        check(response, "host", "/login/")
        assert b"evil" not in response.content
        csrf = Client(enforce_csrf_checks=True)
        response = csrf.post("/login/", {"username": "a", "password": "b"})
        assert response.status_code == 403
        check(response, "csrf", "/login/")
    finally:
        clear_url_caches()
