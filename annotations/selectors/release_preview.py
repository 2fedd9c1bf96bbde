"""What a release would hold now, while it is still a draft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from annotations.exporters.contents import Contents
from annotations.exporters.leaks import Leaks, leaks
from annotations.exporters.splits import split
from annotations.models import Release, Unit
from annotations.releases.counts import Counts, count
from annotations.selectors.dataset import dataset_of

MOST_UNITS = 3_000


@dataclass(frozen=True)
class Preview:
    """``leaks`` are None where the dataset is not split."""

    counts: Counts
    leaks: Leaks | None

    def amounts(self) -> dict[str, Any]:
        """As the manifest of a release counts."""
        splits = {name: part.to_json() for name, part in self.counts.splits.items()}
        return {**self.counts.whole.to_json(), "splits": splits}


def release_preview(release: Release) -> Preview | None:
    """Counts and leaks of the draft; None for a campaign that takes too long to be read at once.

    Raises InvalidInput for contents that the campaign does not have any more.
    """
    units = Unit.objects.filter(campaign=release.campaign, purpose=Unit.Purpose.STUDY)
    if units.order_by()[: MOST_UNITS + 1].count() > MOST_UNITS:
        return None
    contents = Contents.from_json(release.contents)
    dataset = split(dataset_of(release.campaign, contents))
    found = leaks(dataset) if contents.split_by != "none" else None
    return Preview(count(dataset), found)
