"""Nobody gives themselves what a body does not offer: every route that writes is sent more."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import transaction

from annotations.models import ApiToken, Campaign, Corpus, Membership, User
from tests.annotations.api.routes import the_document, views
from tests.annotations.api.test_roles import (
    EXPECTED,
    LINES,
    address,
    body,
    recodings,  # noqa: F401
)
from tests.annotations.api.world import ROLES, World

pytestmark = pytest.mark.once

MORE: dict[str, Any] = {
    "id": 1,
    "pk": 1,
    "user": 1,
    "user_id": 1,
    "owner": 1,
    "created_by": 1,
    "author": 1,
    "is_staff": True,
    "is_superuser": True,
    "is_active": False,
    "password": "x",
    "email": "x",
    "created_at": "2001-01-01T00:00:00Z",
    "saved_at": "2001-01-01T00:00:00Z",
    "digest": "x",
    "source": "gold",
    "membership": 1,
    "membership_id": 1,
    "number": 1,
    "permissions": [],
    "sha256": "x",
    "secret": "x",
    "token_key": "x",
    "expiry": None,
    "limited": False,
    "lease": None,
    "attempt": 9,
    "finished_at": None,
    "error": "x",
    "__class__": "x",
    "constructor": "x",
    "__proto__": {"is_staff": True},
    "campaign_id": 1,
    "corpus_id": 1,
}
WRITES = sorted(one for one in EXPECTED if one[0] != "GET")
KEPT = (User, Membership, ApiToken, Corpus, Campaign)


def asked_by(method: str, name: str) -> str:
    statuses = dict(zip(ROLES, EXPECTED[method, name].split(), strict=True))
    return next((role for role in ROLES if statuses[role].startswith("2")), "staff")


def kept() -> list[Any]:
    """What says who somebody is and what they may do."""
    return [list(kind._base_manager.order_by("pk").values()) for kind in KEPT]


@pytest.mark.parametrize(("method", "name"), WRITES, ids=[" ".join(one) for one in WRITES])
def test_what_is_not_offered_is_refused(world: World, method: str, name: str) -> None:
    client = world.client(asked_by(method, name))
    sent = body(name, method)
    more = {key: value for key, value in MORE.items() if key not in sent}
    place = address(name, world, method)
    before = kept()
    with transaction.atomic():
        if name in LINES:
            line = {**more, **json.loads(LINES[name])}
            kind = "application/x-ndjson"
            response: Any = client.post(place, json.dumps(line) + "\n", content_type=kind)
            told = json.loads(b"".join(response).splitlines()[0])
            assert told["outcome"] == "refused"
        else:
            kind = "multipart" if name == "imports" else "json"
            taken = {k: v for k, v in more.items() if kind == "json" or isinstance(v, str)}
            response = getattr(client, method.lower())(place, {**sent, **taken}, format=kind)
            if takes_a_body(method, name):
                assert response.status_code == 400, response.content
                fields = response.json()["fields"]
                offered = the_fields(method, name)
                missed = set(taken) - offered - {field.split(".")[-1] for field in fields}
                assert not missed
                transaction.set_rollback(True)
            else:
                assert response.status_code < 500
    if takes_a_body(method, name) or response.status_code >= 400:
        assert kept() == before
    assert not User.objects.filter(is_superuser=True).exists()
    assert User.objects.filter(is_staff=True).count() == 1


def takes_a_body(method: str, name: str) -> bool:
    return "requestBody" in operation(method, name)


def operation(method: str, name: str) -> dict[str, Any]:
    handler = getattr(views()[name], method.lower())
    wanted = getattr(handler, "operation_name", None)
    found: dict[str, Any] = next(
        (
            one
            for path in the_document()["paths"].values()
            for one in path.values()
            if one.get("operationId") == wanted
        ),
        {},
    )
    assert found, (method, name)
    return found


def the_fields(method: str, name: str) -> set[str]:
    """What the document offers."""
    content = operation(method, name)["requestBody"]["content"]
    schemas = the_document()["components"]["schemas"]
    names = [kind["schema"].get("$ref", "").split("/")[-1] for kind in content.values()]
    return {field for one in names if one for field in schemas[one].get("properties", ())}
