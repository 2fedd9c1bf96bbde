"""How much there is of what in a dataset, counted in one reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from annotations.exporters.dataset import Dataset
from annotations.exporters.rows import HUMAN, LAYERS, AnnotationRow, CommentRow, Row, ThreadRow


@dataclass
class Layer:
    """``skipped`` are among the annotations, and have no answers."""

    annotations: int = 0
    answers: int = 0
    skipped: int = 0

    def add(self, annotation: AnnotationRow) -> None:
        self.annotations += 1
        self.answers += len(annotation.answers)
        self.skipped += annotation.state == "skipped"


@dataclass
class Part:
    """The whole, or one split. ``labeled`` are the comments that were to be labeled; the others
    are context."""

    threads: int = 0
    comments: int = 0
    labeled: int = 0
    layers: dict[str, Layer] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        self.threads += isinstance(row, ThreadRow)
        if isinstance(row, CommentRow):
            self.comments += 1
            self.labeled += row.sampled
        for annotation in row.annotations:
            self.layers.setdefault(annotation.source, Layer()).add(annotation)

    @property
    def annotations(self) -> int:
        return sum(layer.annotations for layer in self.layers.values())

    @property
    def answers(self) -> int:
        return sum(layer.answers for layer in self.layers.values())

    def to_json(self) -> dict[str, Any]:
        return {
            "threads": self.threads,
            "comments": self.comments,
            "labeled_comments": self.labeled,
            "annotations": self.annotations,
            "answers": self.answers,
            "layers": {name: vars(self.layers[name]) for name in LAYERS if name in self.layers},
        }


@dataclass
class Counts:
    """``by_annotator`` is by the An, ``per_comment`` how many labeled comments have so many
    submitted annotations of people. A thread that is split by author is in no split itself."""

    whole: Part = field(default_factory=Part)
    splits: dict[str, Part] = field(default_factory=dict)
    by_annotator: dict[str, Layer] = field(default_factory=dict)
    per_comment: Counter[int] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    platforms: Counter[str] = field(default_factory=Counter)
    first_at: datetime | None = None
    last_at: datetime | None = None

    @property
    def languages_by_count(self) -> tuple[str, ...]:
        """The most frequent first."""
        counted = sorted(self.languages.items(), key=lambda one: (-one[1], one[0]))
        return tuple(language for language, _ in counted)

    def add(self, row: Row) -> None:
        self.whole.add(row)
        if row.split:
            self.splits.setdefault(row.split, Part()).add(row)
        for annotation in row.annotations:
            if annotation.source == HUMAN:
                self.by_annotator.setdefault(annotation.annotator, Layer()).add(annotation)
        if isinstance(row, ThreadRow):
            self.platforms[row.platform] += bool(row.platform)
        else:
            self._add_comment(row)

    def _add_comment(self, row: CommentRow) -> None:
        if row.language:
            self.languages[row.language] += 1
        if row.sampled:
            self.per_comment[_submitted_by_people(row.annotations)] += 1
        if row.posted_at is not None:
            self.first_at = min(self.first_at or row.posted_at, row.posted_at)
            self.last_at = max(self.last_at or row.posted_at, row.posted_at)


def count(dataset: Dataset) -> Counts:
    """Of all rows of the dataset."""
    counts = Counts()
    for row in dataset.rows():
        counts.add(row)
    return counts


def _submitted_by_people(annotations: Iterable[AnnotationRow]) -> int:
    return sum(one.source == HUMAN and one.state == "submitted" for one in annotations)
