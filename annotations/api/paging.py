"""Lists in pages by key: a page costs the same wherever it lies, and nothing is counted."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from annotations.errors import InvalidInput

PAGE_SIZE = 50
LARGEST_PAGE = 500


class KeyPagination(CursorPagination):
    """Pages in the order of the view's ``ordering``, whose fields together are unique.

    The framework's own cursor knows one field only, and counts rows where that is not unique.
    """

    page_size = PAGE_SIZE
    page_size_query_param = "page_size"
    cursor_query_description = "Where the page begins: part of `next` and `previous`."
    page_size_query_description = f"Rows on a page: {PAGE_SIZE}, at most {LARGEST_PAGE}."

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        ordering: Sequence[str] = view.ordering
        self.base_url = request.build_absolute_uri()
        size = self.get_page_size(request)
        backwards, place = _read(request.query_params.get("cursor"), queryset.model, ordering)
        order = [_turned(key) for key in ordering] if backwards else list(ordering)
        rows = queryset.order_by(*order)
        if place is not None:
            rows = rows.filter(_beyond(order, place))
        found = list(rows[: size + 1])
        page, more = found[:size], len(found) > size
        if backwards:
            page.reverse()
        came_from_there = place is not None
        self.next = _place(page, -1, ordering, came_from_there if backwards else more)
        self.previous = _place(page, 0, ordering, more if backwards else came_from_there)
        return page

    def get_page_size(self, request: Request) -> int:
        text = request.query_params.get("page_size", str(PAGE_SIZE))
        if not (text.isdecimal() and len(text) < 5 and 1 <= int(text) <= LARGEST_PAGE):
            sentence = f"A page has 1 to {LARGEST_PAGE} rows, not {text[:40]!r}."
            raise InvalidInput(sentence, fields={"page_size": [sentence]})
        return int(text)

    def get_next_link(self) -> str | None:
        return self._link(self.next, backwards=False)

    def get_previous_link(self) -> str | None:
        return self._link(self.previous, backwards=True)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        limits = {"minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE_SIZE}
        parameters[-1]["schema"].update(limits)
        return parameters

    def _link(self, place: list[Any] | None, *, backwards: bool) -> str | None:
        if place is None:
            return None
        assert self.base_url is not None
        content = json.dumps([backwards, *place], default=str)
        cursor = urlsafe_b64encode(content.encode()).decode().rstrip("=")
        return str(replace_query_param(self.base_url, "cursor", cursor))


def _read(
    cursor: str | None, model: type[Model], ordering: Sequence[str]
) -> tuple[bool, list[Any] | None]:
    """The direction and the row's keys that the cursor names. Raises InvalidInput."""
    if cursor is None:
        return False, None
    try:
        padding = "=" * (-len(cursor) % 4)
        backwards, *place = json.loads(urlsafe_b64decode(cursor + padding))
        keys = [_key(model, name, value) for name, value in zip(ordering, place, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError, ValidationError):
        sentence = "This cursor names no place in the list: start without one."
        raise InvalidInput(sentence, fields={"cursor": [sentence]}) from None
    return bool(backwards), keys


def _key(model: type[Model], name: str, value: Any) -> Any:
    field: Any = model._meta.get_field(name.lstrip("-"))
    key = field.to_python(value)
    if key is None or (isinstance(key, int) and not -(2**31) <= key < 2**31) or "\0" in str(key):
        raise ValueError("No row has such a key.")
    return key


def _beyond(order: Sequence[str], place: Sequence[Any]) -> Q:
    """The rows after ``place``, bounded by the first key alone so that its index is used."""
    name, later = _lookup(order[0])
    rest = Q(**{f"{name}__{later}": place[0]})
    if len(order) > 1:
        rest |= Q(**{name: place[0]}) & _beyond(order[1:], place[1:])
        rest &= Q(**{f"{name}__{later}e": place[0]})
    return rest


def _lookup(key: str) -> tuple[str, str]:
    return (key[1:], "lt") if key.startswith("-") else (key, "gt")


def _turned(key: str) -> str:
    return key[1:] if key.startswith("-") else f"-{key}"


def _place(page: list[Any], index: int, ordering: Sequence[str], there: bool) -> list[Any] | None:
    if not page or not there:
        return None
    return [getattr(page[index], key.lstrip("-")) for key in ordering]
