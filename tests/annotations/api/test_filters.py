"""Filters reach no field that is not listed: every other name is refused before anything is read.

Label Studio's filters once took any path through the tables, and so told passwords' digests and
tokens letter by letter (CVE-2023-47117); here every GET route of the API is asked.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.api.resource import Listing
from annotations.models import User
from tests.annotations.api.routes import documented_routes, the_document, views
from tests.annotations.api.test_paging import ASKED_BY
from tests.annotations.api.test_roles import QUERIES, address, recodings  # noqa: F401
from tests.annotations.api.world import World

STEPS = (
    *("user", "owner", "created_by", "added_by", "membership", "membership__user"),
    *("annotation", "annotation__membership__user", "annotations__membership__user"),
    *("unit__campaign__memberships__user", "campaign__memberships__user", "corpus__campaigns"),
    *("unit__annotations__membership__user", "comment__author", "thread__comments__author"),
    *("user__api_tokens", "user__auth_token_set", "campaign__invitations"),
)
FIELDS = (
    *("password", "password__startswith", "password__regex", "email__startswith"),
    *("username__iregex", "digest__gte", "is_superuser", "name__contains"),
    *("last_login__isnull", "pseudonym_key__startswith"),
)
BARE = (
    *("password", "email", "id__in", "pk", "pk__lt", "id__gt", "slug__regex", "name__icontains"),
    *("order_by", "sort", "sort_by", "filter", "filters", "where", "q__", "search__regex"),
    *("expand", "include", "exclude", "only", "defer", "values", "annotate", "using", "limit"),
    *("offset", "page", "query", "_order", "id__", "__", "id[]", "fields[]", "ordering[]"),
)
TRICKY = (*(f"{step}__{field}" for step in STEPS for field in FIELDS), *BARE)
TOLD = 20
READ = [(name, path) for method, name, path in documented_routes() if method == "GET"]


def ask(world: World, name: str, query: dict[str, str]) -> tuple[Any, list[str]]:
    """The answer to who may read it, and the queries of it that are none of the login."""
    client = world.client(ASKED_BY.get(name, "staff"))
    earlier = world.releases["withdrawn"].pk
    needed: dict[str, dict[str, Any]] = {**QUERIES, "release_differences": {"from": earlier}}
    place = address(name, world)
    with CaptureQueriesContext(connection) as asked:
        response = client.get(place, {**needed.get(name, {}), **query})
    login = ("django_session", f'FROM "{User._meta.db_table}"', "SAVEPOINT")
    queries = [one["sql"] for one in asked if not any(word in one["sql"] for word in login)]
    return response, queries


def test_there_are_200_tricky_names() -> None:
    assert len(set(TRICKY)) >= 200


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(name for name, _ in READ))
def test_no_name_reaches_what_is_not_listed(world: World, name: str) -> None:
    """Twenty at a time, as an answer tells no more of them."""
    documented = _parameters(name)
    tricky = [parameter for parameter in TRICKY if parameter not in documented]
    for first in range(0, len(tricky), TOLD):
        asked = tricky[first : first + TOLD]
        response, queries = ask(world, name, dict.fromkeys(asked, "a"))
        assert response.status_code == 400, asked
        assert response.json()["fields"].keys() == {parameter[:100] for parameter in asked}
        assert queries == []


@pytest.mark.parametrize("parameter", ["user__password", "membership__user__password__startswith"])
def test_one_alone_beside_what_is_listed_is_refused_too(world: World, parameter: str) -> None:
    for name in ("annotations", "comments", "campaigns"):
        response, queries = ask(world, name, {parameter: "a", "page_size": "1"})
        assert response.status_code == 400
        assert (list(response.json()["fields"]), queries) == ([parameter], [])


@pytest.mark.parametrize("name", sorted(name for name, _ in READ))
@pytest.mark.parametrize(
    "value", ["user__password", "-user__password", "password", "?", "-", "", "id,password"]
)
@pytest.mark.parametrize("parameter", ["ordering", "fields"])
def test_no_order_and_no_choice_reaches_it_either(
    world: World, name: str, parameter: str, value: str
) -> None:
    response, queries = ask(world, name, {parameter: value})
    assert response.status_code == 400
    assert list(response.json()["fields"]) == [parameter]
    assert not any("password" in query for query in queries)


@pytest.mark.parametrize("query", ["corpus=", "from=", "corpus=talk&corpus=walk", "has_labels=1"])
def test_a_filter_that_would_mean_everything_is_refused(world: World, query: str) -> None:
    response = world.client("staff").get(f"/api/v1/threads/?{query}")
    assert response.status_code == 400
    assert list(response.json()["fields"]) == [query.partition("=")[0]]


def test_every_parameter_says_what_it_is() -> None:
    for name, _ in READ:
        for parameter in _parameters(name).values():
            assert parameter["description"].strip(), (name, parameter)
            assert parameter["schema"].keys() & {"type", "enum", "anyOf"}, (name, parameter)


def test_every_parameter_that_is_taken_is_documented() -> None:
    for name, view in views().items():
        if hasattr(view, "get") and name in dict(READ):
            known = set(view().known_parameters())
            known |= {"fields"} if getattr(view.get, "shown_fields", ()) else set()
            assert known == _parameters(name).keys(), name


def test_no_list_names_its_order_as_the_framework_does() -> None:
    """It would be ignored: lists have ``orders``."""
    for name, view in views().items():
        assert not (issubclass(view, Listing) and hasattr(view, "ordering")), name


def _parameters(name: str) -> dict[str, Any]:
    """The query parameters of a GET, as they are documented."""
    operation = the_document()["paths"][dict(READ)[name]]["get"]
    return {one["name"]: one for one in operation.get("parameters", ()) if one["in"] == "query"}
