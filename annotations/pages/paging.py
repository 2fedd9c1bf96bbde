"""Cutting lists into pages by key: each costs the same wherever it lies, nothing is counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import FieldError, ValidationError
from django.db.models import Model, QuerySet
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
    key: str,
    name: str = "",
    size: int = PAGE_SIZE,
) -> Page[Row]:
    """The page that the request asks for, by the unique field ``key`` (``-key``: downwards).

    ``name`` tells several lists of one page apart. Raises InvalidInput for a key that is none.
    """
    after, before = f"{name}after", f"{name}before"
    field, forward = key.lstrip("-"), "lt" if key.startswith("-") else "gt"
    backward = {"lt": "gt", "gt": "lt"}[forward]
    start, end = request.GET.get(after), request.GET.get(before)
    if end is not None:
        found = _some(rows.order_by(_turned(key)), f"{field}__{backward}", end, size)[::-1]
        page, more_behind, more_ahead = found[-size:], len(found) > size, True
    else:
        lookup = f"{field}__{forward}" if start is not None else ""
        found = _some(rows.order_by(key), lookup, start, size)
        page, more_behind, more_ahead = found[:size], start is not None, len(found) > size
    return Page(
        rows=page,
        next=_query(request, after, before, page[-1], field) if page and more_ahead else "",
        previous=_query(request, before, after, page[0], field) if page and more_behind else "",
    )


def _some(rows: QuerySet[Row], lookup: str, value: Any, size: int) -> list[Row]:
    """One row more than fits, to know whether there are more."""
    try:
        return list((rows.filter(**{lookup: value}) if lookup else rows)[: size + 1])
    except (ValueError, ValidationError, FieldError):
        raise InvalidInput("This address names no place in the list: start at its top.") from None


def _turned(key: str) -> str:
    return key[1:] if key.startswith("-") else f"-{key}"


def _query(request: HttpRequest, put: str, drop: str, row: Model, field: str) -> str:
    query = request.GET.copy()
    query.pop(drop, None)
    query[put] = str(getattr(row, field))
    return f"?{query.urlencode()}"
