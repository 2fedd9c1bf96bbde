"""Which query parameters a list takes, and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django_filters import rest_framework as filters

from annotations.models import Annotation, Thread, User
from annotations.permissions import access_campaign, access_corpus
from annotations.selectors.history import history_found
from annotations.selectors.threads import LAST_DAY, ThreadSearch, threads_found

BIGGEST_ID = 2**63 - 1
BIGGEST_NUMBER = 2**31 - 1


class IdFilter(filters.NumberFilter):  # type: ignore[misc]
    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=0, max_value=BIGGEST_ID, **kwargs)


class TrueOrFalseFilter(filters.TypedChoiceFilter):  # type: ignore[misc]
    """``true`` or ``false``, and nothing that might mean either."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        choices = [("true", "true"), ("false", "false")]
        super().__init__(*args, choices=choices, coerce=lambda given: given == "true", **kwargs)


class UserFilterSet(filters.FilterSet):  # type: ignore[misc]
    """Filters that know who asks: what one may not see is not there to filter by."""

    @property
    def user(self) -> User:
        user = self.request.user
        assert isinstance(user, User)
        return user


class CorpusFilters(UserFilterSet):
    corpus = filters.CharFilter(method="in_corpus", help_text="The corpus's slug.")

    def in_corpus(self, rows: QuerySet[Any], name: str, slug: str) -> QuerySet[Any]:
        return rows.filter(corpus=access_corpus(self.user, slug))


class SizeFilter(filters.NumberFilter):  # type: ignore[misc]
    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=0, max_value=BIGGEST_NUMBER, **kwargs)


class ThreadFilters(CorpusFilters):
    """Every parameter but ``corpus`` is a part of one ``ThreadSearch``."""

    q = filters.CharFilter(
        method="in_search", max_length=200, help_text="In the title, or the source's id."
    )
    platform = filters.CharFilter(method="in_search", max_length=50)
    language = filters.CharFilter(
        method="in_search", max_length=8, help_text="That of most comments."
    )
    min_comments = SizeFilter(method="in_search", help_text="Comments, without the opening.")
    min_depth = SizeFilter(method="in_search", help_text="Replies above the deepest comment.")
    warning = filters.CharFilter(
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
            found[name] = filters.DateFilter(
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
    campaign = filters.CharFilter(method="in_campaign", help_text="The campaign's slug.")
    campaign_field = "campaign"

    def in_campaign(self, rows: QuerySet[Any], name: str, slug: str) -> QuerySet[Any]:
        access = access_campaign(self.user, slug, "campaign.view")
        return rows.filter(**{self.campaign_field: access.campaign})


class HistoryFilters(UserFilterSet):
    search = filters.CharFilter(
        method="in_words",
        max_length=200,
        help_text="In the comment's text, the thread's title or your note.",
    )
    state = filters.ChoiceFilter(choices=Annotation.State.choices)
    flagged = TrueOrFalseFilter()

    def in_words(self, rows: QuerySet[Annotation], name: str, value: str) -> QuerySet[Annotation]:
        return history_found(rows, value)
