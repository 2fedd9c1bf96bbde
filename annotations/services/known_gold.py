"""Known units taken at random from the gold labels that came with the corpus."""

from __future__ import annotations

import random
from datetime import datetime

from annotations.errors import InvalidInput, NotFound
from annotations.models import Annotation, Campaign
from annotations.selectors.answers import WITH_ANSWERS, answers_of
from annotations.selectors.known import gold_beside
from annotations.services.known import MOST, Known, KnownAdded, add_known_units


def take_known_from_gold(
    *, campaign: Campaign, purpose: str, count: int, seed: int, now: datetime
) -> KnownAdded:
    """So many known units of this purpose, drawn at random: the same for the same labels and seed.

    Only comments whose unit is free, or that have none, are drawn. Raises NotFound where the
    corpus came without gold labels of the campaign's codebook, InvalidInput where too few are
    free, and what ``add_known_units`` raises.
    """
    if not 1 <= count <= MOST:
        raise InvalidInput(f"From 1 to {MOST:,} are taken at once.")
    gold = gold_beside(campaign)
    candidates = list(gold.order_by("unit__order", "pk").values_list("pk", flat=True))
    if not candidates:
        raise NotFound(
            "The corpus came without gold labels of this codebook, or all of them are in use."
        )
    if len(candidates) < count:
        raise InvalidInput(f"Only {len(candidates):,} gold labels are free: take fewer.")
    chosen = random.Random(seed).sample(candidates, count)  # noqa: S311 (a sample, no secret)
    found = Annotation.objects.filter(pk__in=chosen).select_related("unit")
    known = [
        Known(one.unit.comment_id, answers_of(one), one.reason)
        for one in found.prefetch_related(*WITH_ANSWERS).order_by("unit__order", "pk")
        if one.unit.comment_id is not None
    ]
    return add_known_units(campaign=campaign, purpose=purpose, known=known, now=now)
