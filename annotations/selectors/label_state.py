"""What stands for a campaign's labels as they are: a name that changes when their bytes do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Count, Max, QuerySet, Sum
from django.db.models.expressions import RawSQL

from annotations.exporters.contents import KEEPS_NAMES_OUT, Contents
from annotations.models import Campaign, Change, Job, Membership, Sample, TextScan, Unit
from annotations.selectors.dataset_consensus import chosen_aggregation
from annotations.selectors.recipe_conditions import require_known
from annotations.selectors.traits import leaving_traits

MAKES_THE_BYTES = ("exporters", "selectors")
SECONDS = {
    "postgresql": "floor(extract(epoch FROM changed_at))",
    "sqlite": "unixepoch(changed_at)",
}
MICROSECONDS = {
    "postgresql": "mod(extract(microseconds FROM changed_at), 1000000)",
    "sqlite": "CAST(substr(changed_at || '000000', 21, 6) AS INTEGER)",
}


def label_state(campaign: Campaign, contents: Contents, format: str) -> str | None:
    """The name (64 hexadecimal digits) of what a stream of the labels says now; None where it
    says something else each time, because pseudonyms are new each time.

    No label is read for it: of annotations, threads and comments it knows what the feeds of
    changes know. Raises InvalidInput for contents that the campaign does not have.
    """
    require_known(campaign.corpus, contents.filters)
    fresh = Campaign.objects.select_related("corpus", "codebook").get(pk=campaign.pk)
    aggregation = chosen_aggregation(fresh, fresh.codebook, contents)
    if contents.privacy in KEEPS_NAMES_OUT:
        return None
    told = {
        "made by": _programs(),
        "format": format,
        "contents": contents.to_json(),
        "study": _study(fresh),
        "members": _members(fresh, contents),
        "aggregation": aggregation and aggregation.pk,
        "labels": _feed(Change.objects.filter(campaign=fresh)),
        "texts": _feed(Change.objects.filter(corpus=fresh.corpus)),
        "units": _units([fresh.slug, *contents.filters.not_in]),
        "copies": _scan(fresh) if contents.filters.without_copies else None,
    }
    return hashlib.sha256(json.dumps(told, default=_iso).encode()).hexdigest()


def _study(campaign: Campaign) -> list[Any]:
    """A codebook's version never changes: its id says all of it."""
    corpus = campaign.corpus
    of_campaign = [campaign.pk, campaign.slug, campaign.name, campaign.description]
    of_corpus = [corpus.slug, corpus.name, corpus.licence, corpus.author_names]
    return [*of_campaign, campaign.codebook_id, campaign.traits, *of_corpus]


def _members(campaign: Campaign, contents: Contents) -> list[Any]:
    """Nobody's name: what they are called by does not leave."""
    members = Membership.objects.filter(campaign=campaign).order_by("number")
    traits = contents.traits
    return [
        [one.number, one.role, leaving_traits(campaign, one) if traits else {}] for one in members
    ]


def _feed(changes: QuerySet[Change]) -> list[Any]:
    """Where a feed stands. Times alone would not do: what began earlier may be committed later.

    What has a number is told by the greatest one. What waits for its number is counted, and its
    times are summed up, which move on with every further change.
    """
    numbered = changes.filter(number__isnull=False).aggregate(last=Max("number"))
    waiting = changes.filter(pending=True)
    told = waiting.aggregate(
        rows=Count("id"), seconds=Sum(_part(SECONDS)), microseconds=Sum(_part(MICROSECONDS))
    )
    return [numbered["last"], *map(str, told.values())]


def _part(of: dict[str, str]) -> RawSQL:
    """A part of the time at which a row changed, as a whole number: sums of it are exact."""
    return RawSQL(of[connection.vendor], (), output_field=BigIntegerField())  # noqa: S611


def _units(campaigns: Iterable[str]) -> list[Any]:
    """Of these campaigns, by their slugs: a sample that is done is told by its row."""
    samples = Sample.objects.filter(campaign__slug__in=campaigns).order_by("pk")
    columns = ("pk", "state", "attempt", "units", "drawn_at")
    unfinished = samples.exclude(state=Job.State.DONE).values("pk")
    return [*samples.values_list(*columns), Unit.objects.filter(sample__in=unfinished).count()]


def _scan(campaign: Campaign) -> int | None:
    """Which look at the corpus's texts found the near-duplicates."""
    done = TextScan.objects.filter(corpus=campaign.corpus_id, state=Job.State.DONE)
    newest: int | None = done.aggregate(newest=Max("pk"))["newest"]
    return newest


@cache
def _programs() -> str:
    """The programs that make rows and bytes: others may make other bytes of the same labels."""
    digest = hashlib.sha256(version("pyarrow").encode())
    for folder in MAKES_THE_BYTES:
        for path in sorted((Path(__file__).parents[1] / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _iso(time: datetime) -> str:
    return time.isoformat()
