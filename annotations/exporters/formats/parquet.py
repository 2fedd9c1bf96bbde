"""Parquet: one row an annotation, typed, a column for each question."""

from __future__ import annotations

from collections.abc import Iterator

from annotations.exporters.annotation_table import AnnotationTable
from annotations.exporters.dataset import Dataset
from annotations.exporters.table import parquet

TITLE = "Parquet, one row an annotation"
EXTENSION = "parquet"
CONTENT_TYPE = "application/vnd.apache.parquet"


def write(dataset: Dataset) -> Iterator[bytes]:
    return parquet(dataset, AnnotationTable(dataset.study))
