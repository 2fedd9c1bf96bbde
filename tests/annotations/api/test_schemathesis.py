"""The OpenAPI document as a promise: what it allows and what it forbids is asked, in process, and
every answer is compared with it.

Each route is asked with addresses of rows that are there beside invented ones (both from the table
of test_roles.py, so that a new route brings its own), with a token of staff and with the session of
an annotator. Here a part of the cases runs; ``make fuzz`` runs all of them.
"""

from __future__ import annotations

import copy
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.conf import settings as django_settings
from django.db import transaction
from django.test import Client
from django.test.client import ClientHandler
from django.urls import resolve
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import SchemathesisConfig

from annotations.api.ndjson import NDJSON
from annotations.models import ApiToken
from tests.annotations.api.routes import documented_routes, the_document
from tests.annotations.api.test_roles import address, body, recodings  # noqa: F401
from tests.annotations.api.world import World

# How many invented requests each operation gets beside those at the bounds of each parameter, and
# of how many cases of a token one is asked; a session is asked at the bounds only with all.
INVENTED = int(os.environ.get("FUZZ_INVENTED", "4"))
ONE_OF = int(os.environ.get("FUZZ_ONE_OF", "12"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
LEFT_OUT = {
    # It needs to know who made what, and a second identity: test_roles.py and test_scopes.py ask
    # every route as everybody.
    "object_level_authorization": {"enabled": False},
}
DEPENDENT = {"work_comments", "adjudication_comments", "campaigns_labels", "threads_list"}
CSRF = "a" * 32

load_all_checks()
TAKEN = CHECKS.get_one("positive_data_acceptance")
REFUSED = CHECKS.get_one("negative_data_rejection")

pytestmark = pytest.mark.slow


@schemathesis.serializer(NDJSON)
def one_line(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """The document describes a line; a body of one is one."""
    return json.dumps(value).encode() + b"\n"


class Application:
    """The application as a WSGI server calls it, of which no answer leaves anything behind."""

    def __init__(self) -> None:
        self.handler = ClientHandler(enforce_csrf_checks=True)
        self.statuses: Counter[int] = Counter()
        self.keeps = False

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        with transaction.atomic():
            answer: Any = self.handler(environ)
            content = b"".join(answer)
            if not self.keeps:
                transaction.set_rollback(True)
        self.statuses[answer.status_code] += 1
        start_response(
            f"{answer.status_code} {answer.reason_phrase}",
            [
                *answer.headers.items(),
                *(("Set-Cookie", one.OutputString()) for one in answer.cookies.values()),
            ],
        )
        return [content]


class Some:
    """Every n-th case, the same ones each time."""

    def __init__(self, one_of: int) -> None:
        self.one_of = one_of
        self.seen = 0

    def __call__(self) -> bool:
        self.seen += 1
        return self.seen % self.one_of == 0


def document_with_rows(world: World) -> dict[str, Any]:
    """The document, in which what is there is a value that each part of an address may have, and
    a body that is taken is its example."""
    document = copy.deepcopy(the_document())
    for method, name, path in documented_routes():
        operation = document["paths"][path][method.lower()]
        there = resolve(address(name, world, method)).kwargs
        for parameter in operation.get("parameters", ()):
            key = "pk" if parameter["name"] == "id" and "pk" in there else parameter["name"]
            if parameter["in"] == "path" and key in there:
                real = {"enum": [there[key]]}
                parameter["schema"] = {"anyOf": [real, real, parameter["schema"]]}
                parameter["example"] = there[key]
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content and (sent := body(name, method)):
            content["application/json"]["example"] = sent
    return document


def explored(world: World, credentials: type, *, bounds: bool = True) -> Any:
    """The document as schemathesis reads it; ``bounds`` asks at those of every parameter, which
    are most cases by far."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "generation": {
                "max-examples": INVENTED,
                "deterministic": True,
                "no-shrink": True,
                "database": "none",
            },
            "phases": {
                "coverage": {"enabled": bounds, "generate-duplicate-query-parameters": True}
            },
            "checks": LEFT_OUT,
        }
    )
    schema = schemathesis.openapi.from_dict(document_with_rows(world), config=config)
    schema.app = Application()
    schema.auth(refresh_interval=None)(credentials)
    return schema


@pytest.fixture(autouse=True)
def no_limits(settings: Any, request: pytest.FixtureRequest) -> None:
    """test_throttling.py asks too often. The name is one that schemathesis reads, and pytest
    keeps elsewhere since version 9."""
    settings.TOKEN_RATE = settings.SAVE_RATE = 0
    request.node._nodeid = request.node.nodeid


@pytest.fixture
def by_token(world: World) -> Iterator[Any]:
    _, secret = ApiToken.objects.create(user=world.users["staff"], name="script", scopes=["all"])

    class Token:
        def get(self, case: Any, context: Any) -> str:
            return f"Token {secret}"

        def set(self, case: Any, data: str, context: Any) -> None:
            case.headers["Authorization"] = data

    schema = explored(world, Token)
    yield schema
    print("by token:", sorted(schema.app.statuses.items()))


@pytest.fixture
def by_session(world: World) -> Iterator[Any]:
    client = Client()
    client.force_login(world.users["annotator"])
    name = django_settings.SESSION_COOKIE_NAME
    cookies = {name: client.cookies[name].value, django_settings.CSRF_COOKIE_NAME: CSRF}

    class Session:
        def get(self, case: Any, context: Any) -> dict[str, str]:
            return cookies

        def set(self, case: Any, data: dict[str, str], context: Any) -> None:
            case.cookies.update(data)
            case.headers["X-CSRFToken"] = CSRF

    schema = explored(world, Session, bounds=ONE_OF == 1)
    yield schema
    print("by session:", sorted(schema.app.statuses.items()))


@pytest.fixture
def some() -> Some:
    return Some(ONE_OF)


def ask(case: Any) -> None:
    left_out = [] if must_be_taken(case) else [TAKEN]
    if case.media_type == NDJSON:  # what is wrong with a line is told in its result
        left_out.append(REFUSED)
    case.call_and_validate(excluded_checks=left_out)


def must_be_taken(case: Any) -> bool:
    """Whether all that the document allows is taken. It cannot say which cursors there are, which
    parameters exclude each other, nor what a campaign or a codebook asks of a body."""
    name = case.operation.definition.raw.get("operationId")
    return case.method == "GET" and name not in DEPENDENT and "cursor" not in case.query


@schemathesis.pytest.from_fixture("by_token").parametrize()
def test_every_answer_to_a_token_is_documented(case: Any, some: Some) -> None:
    if some():
        ask(case)


@schemathesis.pytest.from_fixture("by_session").parametrize()
def test_every_answer_to_a_session_is_documented(case: Any) -> None:
    ask(case)


def test_what_was_made_is_there_until_it_is_deleted(by_token: Any) -> None:
    by_token.app.keeps = True

    class Scenario(by_token.as_state_machine()):  # type: ignore[misc]
        def validate_response(self, response: Any, case: Any, **kwargs: Any) -> None:
            case.validate_response(
                response, excluded_checks=[TAKEN, REFUSED], recorder=self.recorder
            )

        def setup(self) -> None:
            self.kept = transaction.atomic()
            self.kept.__enter__()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.kept.__exit__(None, None, None)

    Scenario.run(
        settings=hypothesis.settings(
            max_examples=INVENTED * 5,
            stateful_step_count=6,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
    )
