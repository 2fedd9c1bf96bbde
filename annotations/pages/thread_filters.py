"""The filters above a list of threads, as they stand in its address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from annotations.models import ContentCategory
from annotations.pages.forms import PageForm
from annotations.selectors.threads import FIRST_DAY, LAST_DAY, SORTS, Kinds, ThreadSearch

SHORTEST_TEXT = 3
LARGEST = 2**31 - 1
PLACES = ("after", "before")
NONE_NAMED = "-"


@dataclass(frozen=True)
class Chip:
    """A filter that is on: in words, and the address without it."""

    words: str
    without: str


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ThreadFilterForm(PageForm):
    """Fields of one ``ThreadSearch``, and the order of the list."""

    q = forms.CharField(required=False, max_length=200, label=_("Title or id"), strip=True)
    text = forms.CharField(
        required=False,
        max_length=200,
        min_length=SHORTEST_TEXT,
        label=_("Text of a comment"),
    )
    platform = forms.ChoiceField(required=False, label=_("Platform"))
    language = forms.ChoiceField(required=False, label=_("Language"))
    begun_from = forms.DateField(required=False, label=_("Begun from"), widget=DateInput())
    begun_to = forms.DateField(required=False, label=_("Begun to"), widget=DateInput())
    min_comments = forms.IntegerField(
        required=False, min_value=0, max_value=LARGEST, label=_("Comments, at least")
    )
    min_depth = forms.IntegerField(
        required=False, min_value=0, max_value=LARGEST, label=_("Depth, at least")
    )
    warning = forms.ChoiceField(required=False, label=_("Content warning"))
    has_labels = forms.ChoiceField(
        required=False,
        label=_("Labels"),
        choices=[("", _("any")), ("yes", _("with labels")), ("no", _("without labels"))],
    )
    sort = forms.ChoiceField(
        required=False,
        label=_("Order"),
        choices=[
            ("", _("newest import first")),
            ("size", _("most comments first")),
            ("date", _("latest begun first")),
        ],
    )

    def __init__(
        self,
        query: QueryDict,
        kinds: Kinds,
        warnings: Sequence[tuple[ContentCategory, int]] = (),
    ) -> None:
        super().__init__(query)
        self._query = query
        self.fields["platform"].choices = _choices(kinds.platforms)  # type: ignore[attr-defined]
        self.fields["language"].choices = _choices(kinds.languages)  # type: ignore[attr-defined]
        named = [(category.key, category.title) for category, _ in warnings]
        self.fields["warning"].choices = [("", "any"), *named]  # type: ignore[attr-defined]
        self.full_clean()

    @property
    def key(self) -> tuple[str, ...]:
        """The fields that the list is in the order of."""
        return SORTS[self.cleaned_data.get("sort") or "newest"]

    def search(self) -> ThreadSearch:
        """What is asked for; a field that makes no sense asks for nothing and says so."""
        values = self.cleaned_data
        last = values.get("begun_to")
        return ThreadSearch(
            q=values.get("q", ""),
            text=values.get("text", ""),
            platform=_value(values.get("platform")),
            language=_value(values.get("language")),
            begun_from=_midnight(values.get("begun_from")),
            begun_before=_midnight(min(last, LAST_DAY) + timedelta(days=1)) if last else None,
            min_comments=values.get("min_comments"),
            min_depth=values.get("min_depth"),
            warning=values.get("warning") or None,
            has_labels={"yes": True, "no": False}.get(values.get("has_labels", "")),
        )

    def chips(self) -> list[Chip]:
        """The filters that are on."""
        on = [(n, v) for n, v in self.cleaned_data.items() if n != "sort" and v not in ("", None)]
        return [Chip(self._words(name, value), self._without(name)) for name, value in on]

    def unfiltered(self) -> str:
        """The address of all threads, in the same order."""
        return self._without(*(name for name in self.fields if name != "sort"))

    def _words(self, name: str, value: Any) -> str:
        field = self.fields[name]
        shown = date_format(value, "DATE_FORMAT") if isinstance(value, date) else str(value)
        if isinstance(field, forms.ChoiceField):
            shown = dict(field.choices)[value]  # type: ignore[arg-type]
        return f"{field.label or name.capitalize()}: {shown}"

    def _without(self, *names: str) -> str:
        query = self._query.copy()
        for name in (*names, *PLACES):
            query.pop(name, None)
        kept = {name: value for name, value in query.items() if value}
        return f"?{urlencode(kept)}"


def _choices(counted: list[tuple[str, int]]) -> list[tuple[str, str]]:
    """``-`` stands for those that have none: an empty value asks for nothing."""
    named = [(value or NONE_NAMED, value or str(_("not known"))) for value, _count in counted]
    return [("", str(_("any"))), *named]


def _value(chosen: str | None) -> str | None:
    return "" if chosen == NONE_NAMED else chosen or None


def _midnight(day: date | None) -> datetime | None:
    """Where the day begins here; east of Greenwich the first of all days would begin too early."""
    return timezone.make_aware(datetime.combine(max(day, FIRST_DAY), time())) if day else None
