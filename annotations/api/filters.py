"""Which query parameters a list takes, and nothing else."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django_filters import rest_framework as filters

from annotations.models import User
from annotations.permissions import access_campaign, access_corpus

BIGGEST_ID = 2**63 - 1


class IdFilter(filters.NumberFilter):  # type: ignore[misc]
    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=0, max_value=BIGGEST_ID, **kwargs)


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


class CampaignFilters(UserFilterSet):
    campaign = filters.CharFilter(method="in_campaign", help_text="The campaign's slug.")
    campaign_field = "campaign"

    def in_campaign(self, rows: QuerySet[Any], name: str, slug: str) -> QuerySet[Any]:
        access = access_campaign(self.user, slug, "campaign.view")
        return rows.filter(**{self.campaign_field: access.campaign})
