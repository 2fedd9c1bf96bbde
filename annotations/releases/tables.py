"""The tables of a release whose columns are known, for the files that describe them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from annotations.releases.annotators import ANNOTATORS, COLUMNS, columns
from annotations.releases.bundle import BundledFile
from annotations.releases.columns import ANNOTATIONS, INTEGER, TEXT, VALUES, Column
from annotations.releases.facts import Facts


@dataclass(frozen=True, slots=True)
class Table:
    """A file with its columns. ``key`` names it among the tables of the release. ``is_whole``
    says that it has no other columns."""

    key: str
    title: str
    file: BundledFile
    columns: tuple[Column, ...]
    is_whole: bool = True


def tables(facts: Facts, files: Iterable[BundledFile]) -> Iterator[Table]:
    """Those among the files whose columns are known."""
    for file in files:
        if file.name == ANNOTATORS:
            yield Table("annotators", "Who labeled", file, _of_annotators(facts))
        elif file.format == "csv":
            yield Table("csv", "One row for each value that was given", file, VALUES)
        elif file.format == "jsonl":
            yield Table("jsonl", "One object for each annotation", file, ANNOTATIONS, False)
        elif file.columns:
            key = file.name.removesuffix(".parquet")
            yield Table(key, f"The rows of {file.name}", file, file.columns, False)


def _of_annotators(facts: Facts) -> tuple[Column, ...]:
    counted = COLUMNS[2:]
    return tuple(Column(name, INTEGER if name in counted else TEXT) for name in columns(facts))
