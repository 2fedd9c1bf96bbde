"""Parquet: one row an annotation, typed, a column for each question."""

from __future__ import annotations

from collections.abc import Iterator

from annotations.exporters.dataset import Dataset

TITLE = "Parquet, one row an annotation"
EXTENSION = "parquet"
CONTENT_TYPE = "application/vnd.apache.parquet"


def write(dataset: Dataset) -> Iterator[bytes]:
    """What stands on pyarrow is loaded here: it costs every process that never writes any."""
    from annotations.exporters.annotation_table import AnnotationTable
    from annotations.exporters.table import parquet

    return parquet(dataset, AnnotationTable(dataset.study))
