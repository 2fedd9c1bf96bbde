"""Every route of the API as the URL configuration has it, and every answer as documented."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from annotations.api.resource import Listing

METHODS = ("get", "post", "put", "patch", "delete")
NAMESPACES = ("api", "imports_api")


def routes() -> set[tuple[str, str]]:
    """(METHOD, name) of every route below /api/v1/."""
    return {
        (method.upper(), str(pattern.name))
        for pattern in _patterns()
        for method in METHODS
        if hasattr(_view(pattern), method)
    }


def operations() -> set[str]:
    """The names that the schema has for them."""
    methods = (getattr(_view(pattern), name, None) for pattern in _patterns() for name in METHODS)
    named = (getattr(method, "operation_name", None) for method in methods)
    return {name for name in named if name is not None}


def addresses() -> dict[str, str]:
    """An address of every route by its name; what it names need not exist."""
    return {
        str(pattern.name): "/api/v1/" + re.sub(r"<(?:(\w+):)?\w+>", _example, str(pattern.pattern))
        for pattern in _patterns()
    }


def views() -> dict[str, Any]:
    """The view of every route by the route's name."""
    return {str(pattern.name): _view(pattern) for pattern in _patterns()}


def documented_routes() -> list[tuple[str, str, str]]:
    """(METHOD, name, path in the document) of every route that the document has."""
    paths = {name: f"/{_path(name)}" for _, name in routes()}
    known = the_document()["paths"]
    return [
        (method, name, paths[name])
        for method, name in sorted(routes())
        if method.lower() in known.get(paths[name], {})
    ]


def listings() -> set[str]:
    """The names of the routes whose GET is a list in pages."""
    return {str(pattern.name) for pattern in _patterns() if issubclass(_view(pattern), Listing)}


def check_answer(method: str, route: str, response: Any) -> None:
    """Fails unless the schema documents this status for the route, and the body is as it says."""
    operation = the_document()["paths"][f"/{_path(route)}"][method.lower()]
    documented = operation["responses"]
    status = str(response.status_code)
    assert status in documented, f"{method} {route} answers {status}, which is not documented"
    content = documented[status].get("content", {}).get("application/json")
    if content:
        schema = {**content["schema"], "components": the_document()["components"]}
        Draft202012Validator(schema).validate(response.json())


@cache
def the_document() -> dict[str, Any]:
    """The OpenAPI document as it is served."""
    document: dict[str, Any] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    return document


def _example(converter: re.Match[str]) -> str:
    return "1" if converter[1] == "int" else "a"


def _path(route: str) -> str:
    pattern = next(found for found in _patterns() if found.name == route)
    template = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))
    return f"api/v1/{template.replace('{pk}', '{id}')}"


def _patterns() -> Iterator[URLPattern]:
    for resolver in get_resolver().url_patterns:
        if isinstance(resolver, URLResolver) and resolver.namespace in NAMESPACES:
            yield from (one for one in resolver.url_patterns if isinstance(one, URLPattern))


def _view(pattern: URLPattern) -> Any:
    return getattr(pattern.callback, "cls", None) or getattr(pattern.callback, "view_class")  # noqa: B009
