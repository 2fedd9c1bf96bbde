"""What an export of a campaign says, as rows of a table."""

from __future__ import annotations

from typing import Any

from annotations.exporters import flat
from annotations.exporters.contents import Contents
from annotations.exporters.flat import LabelRow
from annotations.models import Campaign
from annotations.selectors.dataset import dataset_of


def label_rows(campaign: Campaign, **contents: Any) -> list[LabelRow]:
    """One for each value, by the usual contents but for those named."""
    return list(flat.label_rows(dataset_of(campaign, Contents(**contents))))
