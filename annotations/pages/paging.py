"""Cutting lists into pages by key: each costs the same wherever it lies, nothing is counted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import FieldError, ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from annotations.errors import InvalidInput

PAGE_SIZE = 50
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows in order; ``next`` and ``previous`` are query strings, empty at the ends."""

    rows: list[Row]
    next: str
    previous: str

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def page_of(
    request: HttpRequest,
    rows: QuerySet[Row],
    *,
    key: str | Sequence[str],
    name: str = "",
    size: int = PAGE_SIZE,
) -> Page[Row]:
    """The page that the request asks for, by ``key``: a unique field (``-key``: downwards), or
    several fields that are unique together.

    ``name`` tells several lists of one page apart. Raises InvalidInput for a key that is none.
    """
    keys = [key] if isinstance(key, str) else list(key)
    after, before = f"{name}after", f"{name}before"
    start, end = request.GET.get(after), request.GET.get(before)
    if end is not None:
        found = _some(rows, [_turned(one) for one in keys], end, size)[::-1]
        page, more_behind, more_ahead = found[-size:], len(found) > size, True
    else:
        found = _some(rows, keys, start, size)
        page, more_behind, more_ahead = found[:size], start is not None, len(found) > size
    return Page(
        rows=page,
        next=_query(request, after, before, page[-1], keys) if page and more_ahead else "",
        previous=_query(request, before, after, page[0], keys) if page and more_behind else "",
    )


def _some(rows: QuerySet[Row], keys: list[str], place: str | None, size: int) -> list[Row]:
    """One row more than fits behind ``place``, to know whether there are more."""
    try:
        beyond = _beyond(keys, _values(place, keys)) if place is not None else Q()
        return list(rows.order_by(*keys).filter(beyond)[: size + 1])
    except (ValueError, TypeError, ValidationError, FieldError):
        raise InvalidInput("This address names no place in the list: start at its top.") from None


def _beyond(keys: list[str], values: list[Any]) -> Q:
    """The rows behind a place; the first key bounds them alone, so that its index is used."""
    field = keys[0].lstrip("-")
    later = "lt" if keys[0].startswith("-") else "gt"
    if len(keys) == 1:
        return Q(**{f"{field}__{later}": values[0]})
    ties = Q(**{field: values[0]}) & _beyond(keys[1:], values[1:])
    return Q(**{f"{field}__{later}e": values[0]}) & (Q(**{f"{field}__{later}": values[0]}) | ties)


def _turned(key: str) -> str:
    return key[1:] if key.startswith("-") else f"-{key}"


def _query(request: HttpRequest, put: str, drop: str, row: Model, keys: list[str]) -> str:
    query = request.GET.copy()
    query.pop(drop, None)
    values = [str(getattr(row, key.lstrip("-"))) for key in keys]
    query[put] = values[0] if len(values) == 1 else json.dumps(values)
    return f"?{query.urlencode()}"


def _values(place: str, keys: list[str]) -> list[Any]:
    values = [place] if len(keys) == 1 else json.loads(place)
    if not isinstance(values, list) or [type(value) for value in values] != [str] * len(keys):
        raise ValueError("A place has one text for each key.")
    return values
