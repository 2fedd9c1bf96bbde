"""Known units of a study, as a manager adds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotations.models import Campaign, Comment, Unit
from annotations.services.known import Known, add_known_units
from tests.builders import NOON


def make_known(
    campaign: Campaign,
    purpose: str,
    comments: Sequence[Comment],
    answers: Mapping[str, Any] | None = None,
    reason: str = "",
) -> list[Unit]:
    """Units of this purpose about the comments; ``{"claim": "yes"}`` is right of each."""
    right = {"claim": "yes"} if answers is None else answers
    known = [Known(comment.pk, right, reason) for comment in comments]
    told = add_known_units(campaign=campaign, purpose=purpose, known=known, now=NOON)
    assert told.refused == []
    units = Unit.objects.filter(campaign=campaign, comment__in=comments, repeat_of__isnull=True)
    return list(units.order_by("order"))
