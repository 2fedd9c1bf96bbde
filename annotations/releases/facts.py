"""All that is known of a release, of which its papers are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from annotations.exporters.dataset import Study
from annotations.releases.card import Card
from annotations.releases.counts import Counts


@dataclass(frozen=True, kw_only=True)
class Edition:
    """What its makers chose, and when its rows were frozen. ``made_with`` is the version of
    Threadmark that wrote the files."""

    title: str
    version: str
    formats: tuple[str, ...]
    card: Card
    frozen_at: datetime
    made_with: str


@dataclass(frozen=True, kw_only=True)
class ContentWarned:
    """A kind of content with the number of labeled comments that are warned of it. ``everywhere``
    says that the whole corpus is."""

    key: str
    title: str
    comments: int
    everywhere: bool = False


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """How units were chosen: ``units`` drawn of ``candidates`` that fitted, or more labels for
    units that were there."""

    kind: str
    recipe: Mapping[str, Any]
    candidates: int
    units: int


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What is true of the campaign beside its rows when they are frozen.

    ``labels_each`` is how many labels were wanted for each unit, ``context`` what annotators saw
    of a thread. ``known`` counts the units beside the dataset whose answers are known, by whether
    they train, test or check annotators. ``agreement`` has the figures of the newest agreement
    run, {} where none was made; ``newer_than_agreement`` and ``newer_than_aggregation`` count the
    labels of people that were saved after these were computed. ``withheld`` counts sampled
    comments that their source took back, ``rulings_kept_back`` those that are not told because
    they may quote and name what privacy keeps in.
    """

    labels_each: int = 1
    context: str = ""
    order: str = ""
    withheld: int = 0
    warnings: tuple[ContentWarned, ...] = ()
    samples: tuple[Drawn, ...] = ()
    rulings: tuple[str, ...] = ()
    rulings_kept_back: int = 0
    agreement: Mapping[str, Any] = field(default_factory=dict)
    newer_than_agreement: int = 0
    newer_than_aggregation: int = 0
    known: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.to_builtins(self)
        return told

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Circumstances:
        return msgspec.convert(stored, cls)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """``leaks`` says what stands in more than one split, as JSON. ``formulas`` counts the cells of
    CSV files that a spreadsheet would calculate, known when they are written; none where formulas
    are escaped."""

    edition: Edition
    study: Study
    circumstances: Circumstances
    counts: Counts
    leaks: Mapping[str, Any]
    formulas: int = 0

    @property
    def name(self) -> str:
        """The dataset's name in file names and catalogues."""
        return f"{self.study.campaign}-{self.edition.version}"

    @property
    def description(self) -> str:
        return self.edition.card.description or self.study.description or self.edition.title

    @property
    def languages(self) -> tuple[str, ...]:
        """Those that the card names; else those that were detected, the most frequent first."""
        return self.edition.card.languages or self.counts.languages_by_count

    @property
    def day(self) -> str:
        """The day on which the rows were frozen, in UTC."""
        return self.edition.frozen_at.date().isoformat()
