"""CSV for programs (RFC 4180, UTF-8): every text as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from annotations.exporters.cells import csv_lines
from annotations.exporters.rows import LabelRow

TITLE = "CSV for programs"
EXTENSION = "csv"
CONTENT_TYPE = "text/csv; charset=utf-8"


def write(rows: Iterable[LabelRow]) -> Iterator[bytes]:
    yield from csv_lines(rows)
