"""What a release would hold, and tell of itself, were it frozen now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from annotations.exporters.contents import Contents
from annotations.exporters.leaks import Leaks, leaks
from annotations.exporters.splits import split
from annotations.models import Release, Unit
from annotations.releases.card import Card
from annotations.releases.counts import Counts, count
from annotations.releases.facts import Edition, Facts
from annotations.releases.known import known_answers
from annotations.selectors.dataset import dataset_of
from annotations.selectors.release_facts import circumstances
from annotations.version import VERSION

MOST_UNITS = 3_000


@dataclass(frozen=True)
class Preview:
    """``leaks`` are None where the dataset is not split; ``known`` is what the card tells by
    itself, by question."""

    counts: Counts
    leaks: Leaks | None
    known: Mapping[str, str]

    def amounts(self) -> dict[str, Any]:
        """As the manifest of a release counts."""
        splits = {name: part.to_json() for name, part in self.counts.splits.items()}
        return {**self.counts.whole.to_json(), "splits": splits}


def release_preview(release: Release, *, now: datetime) -> Preview | None:
    """None for a campaign that takes too long to be read while somebody waits.

    Raises InvalidInput for contents that the campaign does not have any more.
    """
    units = Unit.objects.filter(campaign=release.campaign, purpose=Unit.Purpose.STUDY)
    if units.order_by()[: MOST_UNITS + 1].count() > MOST_UNITS:
        return None
    contents = Contents.from_json(release.contents)
    dataset = split(dataset_of(release.campaign, contents))
    found = leaks(dataset) if contents.split_by != "none" else None
    facts = Facts(
        edition=_edition(release, now),
        study=dataset.study,
        circumstances=circumstances(release.campaign, contents),
        counts=count(dataset),
        leaks=found.to_json() if found else {},
    )
    return Preview(facts.counts, found, known_answers(facts))


def _edition(release: Release, now: datetime) -> Edition:
    return Edition(
        title=release.title,
        version=release.version,
        formats=tuple(release.formats),
        card=Card.from_json(release.card),
        frozen_at=now,
        made_with=VERSION,
    )
