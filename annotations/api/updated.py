"""The filter of lists by when their rows changed last."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from django_filters.fields import IsoDateTimeField

from annotations.models import Change
from annotations.selectors.changes import changed_since


class _MomentField(IsoDateTimeField):  # type: ignore[misc]
    def clean(self, value: Any) -> datetime | None:
        moment: datetime | None = super().clean(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError:
            raise forms.ValidationError("There is no such time in UTC.") from None


class UpdatedSince(filters.IsoDateTimeFilter):  # type: ignore[misc]
    """Rows of one kind that changed at this time or later, by the clock of the server."""

    field_class = _MomentField

    def __init__(self, kind: Change.Kind) -> None:
        super().__init__(
            help_text="Those that changed at this time or later (ISO 8601). By the server's clock: "
            "what was being written at that moment may be missed, the feed `changes/` misses "
            "nothing."
        )
        self.kind = kind

    def filter(self, rows: QuerySet[Any], since: datetime | None) -> QuerySet[Any]:
        return rows if since is None else rows.filter(changed_since(self.kind, since))
