"""Every error has one shape, whoever raises it and wherever."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from tests.annotations.api.routes import METHODS, addresses, routes
from tests.annotations.api.world import API, World, save_body
from tests.builders import build_user

DOCS = Path(__file__).parents[3] / "docs" / "api.md"
HUGE = "9" * 30


@pytest.fixture
def staff(db: None) -> APIClient:
    """A client of staff where nothing else is."""
    client = APIClient()
    client.force_login(build_user(is_staff=True))
    return client


def shape(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/json"
    body: dict[str, Any] = response.json()
    assert body["code"] == code
    assert body["message"].strip()
    assert all(isinstance(one, str) for found in body["fields"].values() for one in found)
    return body


@pytest.mark.once
@pytest.mark.django_db
@pytest.mark.parametrize(("method", "name"), sorted(routes() - {("GET", "docs")}))
def test_without_a_login_every_route_asks_for_one(method: str, name: str) -> None:
    response = getattr(APIClient(), method.lower())(addresses()[name])
    shape(response, 401, "not_authenticated")
    assert response.headers["WWW-Authenticate"] == "Token"


@pytest.mark.once
@pytest.mark.parametrize("name", sorted({name for _, name in routes()} - {"docs", "schema"}))
def test_a_method_that_a_route_does_not_have_is_refused(staff: APIClient, name: str) -> None:
    missing = next(one for one in METHODS if (one.upper(), name) not in routes())
    response = getattr(staff, missing)(addresses()[name])
    shape(response, 405, "method_not_allowed")


@pytest.mark.once
@pytest.mark.parametrize(
    "name", sorted({name for method, name in routes() if method == "GET"} - {"docs", "schema"})
)
@pytest.mark.parametrize("parameter", ["corpus__pseudonym_key__startswith", "campain", "format_"])
def test_an_unknown_parameter_is_named(staff: APIClient, name: str, parameter: str) -> None:
    response = staff.get(addresses()[name], {parameter: "a"})
    body = shape(response, 400, "invalid")
    assert parameter in body["message"]
    assert parameter in body["fields"]


def test_an_unknown_parameter_is_told_the_known_ones(world: World) -> None:
    body = world.client("viewer").get(API + "comments/", {"tread": "1"}).json()
    known = "author, corpus, cursor, fields, language, ordering, page_size, thread, updated_since."
    assert body["message"].endswith(known)


@pytest.mark.parametrize(
    "address",
    [
        "nothing/",
        "corpora/nothing/",
        "corpora",
        "threads/x/",
        f"threads/{HUGE}/",
        f"comments/{HUGE}/",
        f"annotations/{HUGE}/",
        f"annotations/{HUGE}/revisions/",
        f"exports/{HUGE}/",
        f"imports/{HUGE}/",
        f"codebooks/claims/{HUGE}/",
        "comments/?corpus=nothing",
        "annotations/?campaign=nothing",
    ],
)
def test_what_is_not_there_is_not_found(world: World, address: str) -> None:
    shape(world.client("staff").get(API + address), 404, "not_found")


def test_a_unit_of_any_size_is_not_found(world: World) -> None:
    address = f"{API}campaigns/study/units/{HUGE}/"
    shape(world.client("annotator").get(address), 404, "not_found")


@pytest.mark.parametrize(
    "query",
    [
        {"thread": "x"},
        {"thread": HUGE},
        {"thread": "1.5"},
        {"author": "a\0b"},
        {"page_size": "0"},
        {"page_size": "501"},
        {"page_size": "²"},
        {"cursor": "x"},
        {"cursor": "😀"},
        {"cursor": "W2ZhbHNlLCAiYSIsIDEsIDFd"},
        {"cursor": "W2ZhbHNlLCA5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTksIDEsIDFd"},
        {"cursor": "W2ZhbHNlLCAxLCAxLCBJbmZpbml0eV0"},
    ],
)
def test_a_parameter_that_cannot_be_taken_is_named(world: World, query: dict[str, str]) -> None:
    body = shape(world.client("viewer").get(API + "comments/", query), 400, "invalid")
    assert list(body["fields"]) == list(query)


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"{", 400, "parse_error"),
        (b"[]", 400, "parse_error"),
        (b"\xff\xfe", 400, "parse_error"),
        (b"[" * 100_000, 400, "parse_error"),
        (b'{"slug": NaN}', 400, "parse_error"),
        (b'{"slug": "a", "nmae": "A"}', 400, "invalid"),
        (b'{"slug": "no spaces"}', 400, "invalid"),
        (b'{"slug": "a", "name": "\\u0000"}', 400, "invalid"),
        (b'{"slug": "a", "name": "\\ud800"}', 400, "invalid"),
        (b'{"slug": "' + b"a" * 3_000_000 + b'"}', 413, "too_large"),
        (b'{"slug": "talk"}', 409, "conflict"),
    ],
)
def test_a_body_that_cannot_be_taken(world: World, content: bytes, status: int, code: str) -> None:
    client = world.client("staff")
    response = client.post(API + "corpora/", content, content_type="application/json")
    shape(response, status, code)


def test_a_body_of_another_type(world: World) -> None:
    response = world.client("staff").post(API + "corpora/", "slug=a", content_type="text/plain")
    shape(response, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"slug": 7}, "slug"),
        ({"slug": "a", "name": True}, "name"),
        ({"slug": "a", "corpus": "talk", "overlap": "2"}, "overlap"),
        ({"slug": "a", "corpus": "talk", "show_names": 1}, "show_names"),
        ({"slug": "a", "corpus": "talk", "annotators": [1]}, "annotators[0]"),
    ],
    ids=str,
)
def test_a_value_of_another_json_type_names_its_field(
    world: World, body: dict[str, Any], field: str
) -> None:
    route = "campaigns" if "corpus" in body else "corpora"
    response = world.client("staff").post(f"{API}{route}/", body, format="json")
    assert field in shape(response, 400, "invalid")["fields"]


@pytest.mark.parametrize(
    "changes",
    [
        {"seconds": "nan"},
        {"seconds": -1},
        {"revision": 10**30},
        {"revision": -1},
        {"context": {"seen": "\0"}},
        {"context": []},
        {"answers": {"why": "\ud800"}},
        {"save_id": "1"},
        {"state": "done"},
        {"notes": "a typo"},
    ],
    ids=str,
)
def test_a_save_that_cannot_be_kept_names_its_field(world: World, changes: dict[str, Any]) -> None:
    address = reverse("api:unit_annotation", args=["study", world.unit.pk])
    body = json.dumps(save_body(**changes))
    response = world.client("annotator").put(address, body, content_type="application/json")
    assert list(shape(response, 400, "invalid")["fields"]) == list(changes)


def test_numbers_that_only_look_finite_are_refused(world: World) -> None:
    address = reverse("api:unit_annotation", args=["study", world.unit.pk])
    body = '{"save_id": "c56a4180-65aa-42ec-a945-5fd21dec0538", "revision": 1, "state": "draft",'
    for more in ('"answers": {"count": 1e999}}', '"answers": {}, "context": {"zoom": 1e999}}'):
        client = world.client("annotator")
        response = client.put(address, body + more, content_type="application/json")
        shape(response, 400, "invalid")


@pytest.mark.parametrize("header", ["Token", "Token a b", "Token tm_wrong", "Token ÿþ"])
def test_a_wrong_token_is_told_so(db: None, header: str) -> None:
    response = APIClient().get(API + "me/", headers={"Authorization": header})
    shape(response, 401, "authentication_failed")


def test_a_session_needs_the_csrf_token(world: World) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(world.users["staff"])
    body = shape(client.post(API + "corpora/", {"slug": "a"}, format="json"), 403, "not_permitted")
    assert "CSRF" in body["message"]


def test_an_unexpected_error_says_nothing_of_the_inside(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(user: object) -> None:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr("annotations.api.threads.readable_threads", broken)
    client = world.client("viewer")
    client.raise_request_exception = False
    body = shape(client.get(API + "threads/"), 500, "server_error")
    assert "swordfish" not in str(body)


def test_every_code_is_in_the_guide() -> None:
    guide = DOCS.read_text(encoding="utf-8")
    for code in _codes():
        assert f"| `{code}` |" in guide, f"docs/api.md does not explain {code}"


def _codes() -> set[str]:
    from annotations.errors import ThreadmarkError

    framework = {
        *("not_authenticated", "authentication_failed", "parse_error", "method_not_allowed"),
        *("unsupported_media_type", "too_large", "server_error", "database_away", "disk_full"),
    }
    own, found = [ThreadmarkError], set()
    while own:
        kind = own.pop()
        own += kind.__subclasses__()
        found.add(kind.code)
    inside = {"error", "job_cancelled", "job_superseded"}
    return (found - inside) | framework
