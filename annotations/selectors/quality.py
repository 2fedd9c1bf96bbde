"""The newest agreement and aggregation of a campaign, and what came in since."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from annotations.models import (
    Aggregation,
    AgreementRun,
    Assignment,
    Campaign,
    Consensus,
    Thread,
    Unit,
)


def newest_agreement(campaign: Campaign) -> AgreementRun | None:
    """The newest of all, whatever its state."""
    runs: QuerySet[AgreementRun] = campaign.agreements.defer("result")
    return runs.order_by("-pk").first()


def newest_figures(campaign: Campaign) -> AgreementRun | None:
    """The newest that is done."""
    runs: QuerySet[AgreementRun] = campaign.agreements.filter(state=AgreementRun.State.DONE)
    return runs.order_by("-pk").first()


def newest_aggregation(campaign: Campaign) -> Aggregation | None:
    """The newest that is done."""
    runs: QuerySet[Aggregation] = campaign.aggregations.filter(state=Aggregation.State.DONE)
    return runs.order_by("-pk").first()


def labels_since(campaign: Campaign, moment: datetime | None) -> int:
    """How many labels of the sample were submitted, or changed, since then."""
    slots = Assignment.objects.filter(
        campaign=campaign, state=Assignment.State.SUBMITTED, purpose=Unit.Purpose.STUDY
    )
    return slots.filter(changed_at__gt=moment).count() if moment else slots.count()


def threads_by_id(ids: Iterable[int]) -> dict[int, Thread]:
    return Thread.objects.only("source_id", "title").in_bulk(list(ids))


def consensus_rows(aggregation: Aggregation) -> QuerySet[Consensus]:
    """All answers, question by question in the order of the units, with what they are about."""
    rows = Consensus.objects.filter(aggregation=aggregation)
    rows = rows.order_by("question__position", "unit__order")
    return rows.select_related("question", "unit__comment", "unit__thread").only(
        "value",
        "shares",
        "median",
        "question__key",
        "unit__comment__source_id",
        "unit__thread__source_id",
    )
