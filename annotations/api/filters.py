"""Which query parameters a list takes, and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet, TextChoices
from django_filters import rest_framework as filters
from drf_spectacular.drainage import set_override

from annotations.api.updated import UpdatedSince
from annotations.models import Annotation, Change, Thread, User
from annotations.permissions import access_campaign, access_corpus
from annotations.selectors.history import history_found
from annotations.selectors.threads import LAST_DAY, ThreadSearch, threads_found

BIGGEST_ID = 2**63 - 1
BIGGEST_NUMBER = 2**31 - 1
LONGEST_TEXT = 500
NO_NUL = r"^[^\x00]*$"


def _document(given: filters.Filter, schema: dict[str, Any]) -> None:
    """What the schema says of the filter; the package reads neither bounds nor patterns."""
    told = {"description": given.extra["help_text"]} if "help_text" in given.extra else {}
    set_override(given, "field", {**schema, **told})


class IdFilter(filters.NumberFilter):  # type: ignore[misc]
    """An id, or another whole number up to ``largest``."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, largest: int = BIGGEST_ID, **kwargs: Any) -> None:
        super().__init__(*args, min_value=0, max_value=largest, **kwargs)
        _document(self, {"type": "integer", "minimum": 0, "maximum": largest})


class SizeFilter(IdFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, largest=BIGGEST_NUMBER, **kwargs)


class TextFilter(filters.CharFilter):  # type: ignore[misc]
    def __init__(self, *args: Any, max_length: int = LONGEST_TEXT, **kwargs: Any) -> None:
        super().__init__(*args, max_length=max_length, **kwargs)
        said = {"type": "string", "minLength": 1, "maxLength": max_length, "pattern": NO_NUL}
        _document(self, said)


class DayFilter(filters.DateFilter):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, input_formats=["%Y-%m-%d"], **kwargs)
        _document(self, {"type": "string", "format": "date"})


class ChoiceFilter(filters.ChoiceFilter):  # type: ignore[misc]
    """One of a closed set."""

    def __init__(self, kind: type[TextChoices], **kwargs: Any) -> None:
        super().__init__(choices=kind.choices, **kwargs)
        _document(self, {"type": "string", "enum": list(kind.values)})


class TrueOrFalseFilter(filters.TypedChoiceFilter):  # type: ignore[misc]
    """``true`` or ``false``, and nothing that might mean either."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        choices = [("true", "true"), ("false", "false")]
        super().__init__(*args, choices=choices, coerce=lambda given: given == "true", **kwargs)
        _document(self, {"type": "boolean"})


class UserFilterSet(filters.FilterSet):  # type: ignore[misc]
    """Filters that know who asks: what one may not see is not there to filter by."""

    @property
    def user(self) -> User:
        user = self.request.user
        assert isinstance(user, User)
        return user


class CorpusFilters(UserFilterSet):
    corpus = TextFilter(method="in_corpus", help_text="The corpus's slug.")

    def in_corpus(self, rows: QuerySet[Any], name: str, slug: str) -> QuerySet[Any]:
        return rows.filter(corpus=access_corpus(self.user, slug))


class ThreadFilters(CorpusFilters):
    """Every parameter but ``corpus`` and the last change is a part of one ``ThreadSearch``."""

    updated_since = UpdatedSince(Change.Kind.THREAD)
    q = TextFilter(
        method="in_search", max_length=200, help_text="In the title, or the source's id."
    )
    platform = TextFilter(
        method="in_search", max_length=50, help_text="Where it was said, such as `reddit`."
    )
    language = TextFilter(method="in_search", max_length=8, help_text="That of most comments.")
    min_comments = SizeFilter(method="in_search", help_text="Comments, without the opening.")
    min_depth = SizeFilter(method="in_search", help_text="Replies above the deepest comment.")
    warning = TextFilter(
        method="in_search", max_length=40, help_text="A content category of one of its comments."
    )
    has_labels = TrueOrFalseFilter(
        method="in_search",
        help_text="Whether anything was submitted on it, in campaigns whose labels you may read.",
    )

    @classmethod
    def get_filters(cls) -> dict[str, Any]:
        """With ``from``, which no class can have as the name of an attribute."""
        found: dict[str, Any] = super().get_filters()
        days = {"from": "The day on which it began, or later", "to": "The same, or earlier"}
        for name, meaning in days.items():
            found[name] = DayFilter(
                field_name=name, method="in_search", help_text=f"{meaning} (UTC)."
            )
        return found

    def in_search(self, rows: QuerySet[Thread], name: str, value: Any) -> QuerySet[Thread]:
        return threads_found(rows, _search(name, value), self.user)


def _search(name: str, value: Any) -> ThreadSearch:
    if name == "from":
        return ThreadSearch(begun_from=_midnight(value))
    if name == "to":
        return ThreadSearch(begun_before=_midnight(min(value, LAST_DAY) + timedelta(days=1)))
    return ThreadSearch(**{name: value})


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


class CampaignFilters(UserFilterSet):
    campaign = TextFilter(method="in_campaign", help_text="The campaign's slug.")
    campaign_field = "campaign"

    def in_campaign(self, rows: QuerySet[Any], name: str, slug: str) -> QuerySet[Any]:
        access = access_campaign(self.user, slug, "campaign.view")
        return rows.filter(**{self.campaign_field: access.campaign})


class HistoryFilters(UserFilterSet):
    search = TextFilter(
        method="in_words",
        max_length=200,
        help_text="In the comment's text, the thread's title or your note.",
    )
    state = ChoiceFilter(Annotation.State, help_text="Only those in this state.")
    flagged = TrueOrFalseFilter(help_text="Those that you flagged, or not.")

    def in_words(self, rows: QuerySet[Annotation], name: str, value: str) -> QuerySet[Annotation]:
        return history_found(rows, value)
