"""Lists in pages by key: a page costs the same wherever it lies, and nothing is counted."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from annotations.errors import InvalidInput

PAGE_SIZE = 50
LARGEST_PAGE = 500
NO_SUCH_PLACE = "This cursor names no place in the list: start without one."


@dataclass(frozen=True)
class Order:
    """An order of a list. ``keys`` together are unique, and an index carries them; where that one
    begins with a filter, the order is only to be had ``within`` its parameter.

    The first key may be null: such rows are the last, whichever way the order goes.
    """

    keys: Sequence[str]
    within: str | None = None


NEWEST_FIRST = {"-id": Order(("-id",)), "id": Order(("id",))}
OLDEST_FIRST = {"id": Order(("id",)), "-id": Order(("-id",))}
LATEST_SAVED_FIRST = {
    "-saved_at": Order(("-saved_at", "-id")),
    "saved_at": Order(("saved_at", "id")),
}


class KeyPagination(CursorPagination):
    """Pages in one of the view's ``orders``, the first of them if none is asked for.

    The framework's own cursor knows one field only, and counts rows where that is not unique.
    """

    page_size = PAGE_SIZE
    page_size_query_param = "page_size"
    cursor_query_description = "Where the page begins: part of `next` and `previous`."
    page_size_query_description = f"Rows on a page: {PAGE_SIZE}, at most {LARGEST_PAGE}."

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.base_url = request.build_absolute_uri()
        size = self.get_page_size(request)
        name = _chosen(view.orders, request.query_params)
        keys = view.orders[name].keys
        backwards, place = _read(request.query_params.get("cursor"), queryset.model, name, keys)
        found: list[Any] = []
        for rows in _stretches(queryset, keys, place, backwards):
            found += rows[: size + 1 - len(found)]
            if len(found) > size:
                break
        page, more = found[:size], len(found) > size
        if backwards:
            page.reverse()
        came_from_there = place is not None
        self.next = _place(page, -1, name, keys, came_from_there if backwards else more)
        self.previous = _place(page, 0, name, keys, more if backwards else came_from_there)
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
        if len(view.orders) > 1:
            parameters.append(_documented(view.orders))
        return parameters

    def _link(self, place: list[Any] | None, *, backwards: bool) -> str | None:
        if place is None:
            return None
        assert self.base_url is not None
        content = json.dumps([backwards, *place], default=str)
        cursor = urlsafe_b64encode(content.encode()).decode().rstrip("=")
        return str(replace_query_param(self.base_url, "cursor", cursor))


def _chosen(orders: Mapping[str, Order], given: Mapping[str, str]) -> str:
    """The name of the order that is asked for. Raises InvalidInput."""
    name = given.get("ordering", next(iter(orders)))
    if name not in orders:
        raise _refused(
            "ordering",
            f"There is no order {name[:100]!r}; the known ones are: {', '.join(orders)}.",
        )
    within = orders[name].within
    if within is not None and not given.get(within):
        raise _refused("ordering", f"The order {name} is one of a {within}: name it as {within}.")
    return name


def _documented(orders: Mapping[str, Order]) -> dict[str, Any]:
    usual, *others = orders
    told = f"The order, as usual `{usual}`; `-` turns one round."
    if within := {one.within for one in orders.values() if one.within}:
        names = ", ".join(f"`{name}`" for name in others if orders[name].within)
        told += f" {names}: only with `{within.pop()}`; rows without a value come last."
    schema = {"type": "string", "enum": list(orders), "default": usual}
    return {"name": "ordering", "in": "query", "description": told, "schema": schema}


def _read(
    cursor: str | None, model: type[Model], order: str, keys: Sequence[str]
) -> tuple[bool, list[Any] | None]:
    """The direction and the row's keys that the cursor names. Raises InvalidInput."""
    if cursor is None:
        return False, None
    try:
        padding = "=" * (-len(cursor) % 4)
        backwards, ordered_by, *place = json.loads(urlsafe_b64decode(cursor + padding))
        values = [_key(model, key, value) for key, value in zip(keys, place, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError, ValidationError):
        raise _refused("cursor", NO_SUCH_PLACE) from None
    if ordered_by != order:
        raise _refused("cursor", "This cursor is one of another order: start without one.")
    return bool(backwards), values


def _key(model: type[Model], name: str, value: Any) -> Any:
    field: Any = model._meta.get_field(name.lstrip("-"))
    key = field.to_python(value)
    if key is None and field.null:
        return None
    if key is None or (isinstance(key, int) and not -(2**31) <= key < 2**31) or "\0" in str(key):
        raise ValueError("No row has such a key.")
    return key


def _stretches(
    rows: QuerySet[Any], keys: Sequence[str], place: Sequence[Any] | None, backwards: bool
) -> Iterator[QuerySet[Any]]:
    """The rows beyond the place, in order: one stretch, and where the first key may be null, one
    of the rows that have it and one of those that have not. Databases disagree about nulls."""
    first = keys[0].lstrip("-")
    stretches = [(rows, False)]
    if rows.model._meta.get_field(first).null:
        stretches = [
            (rows.filter(**{f"{first}__isnull": is_null}), is_null) for is_null in (False, True)
        ]
    if backwards:
        stretches.reverse()
    begun = place is None
    for stretch, is_null in stretches:
        begins_here = place is not None and not begun and (place[0] is None) == is_null
        if not (begun or begins_here):
            continue
        begun = True
        order = [_turned(key) if backwards else key for key in keys][is_null:]
        ordered = stretch.order_by(*order)
        assert place is not None or not begins_here
        yield ordered.filter(_beyond(order, (place or ())[is_null:])) if begins_here else ordered


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


def _place(
    page: list[Any], index: int, order: str, keys: Sequence[str], there: bool
) -> list[Any] | None:
    if not page or not there:
        return None
    return [order, *(getattr(page[index], key.lstrip("-")) for key in keys)]


def _refused(parameter: str, sentence: str) -> InvalidInput:
    return InvalidInput(sentence, fields={parameter: [sentence]})
