"""CSV (RFC 4180, UTF-8): one row a value."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from annotations.exporters.cells import cell, harmless_cell
from annotations.exporters.dataset import Dataset
from annotations.exporters.flat import COLUMNS, label_rows

TITLE = "CSV, one row a value"
EXTENSION = "csv"
CONTENT_TYPE = "text/csv; charset=utf-8"


def write(dataset: Dataset) -> Iterator[bytes]:
    """Where formulas are escaped it is for a spreadsheet, so Excel is told that it is UTF-8."""
    escape = dataset.study.contents.formulas == "escape"
    to_cell = harmless_cell if escape else cell
    buffer = io.StringIO("\ufeff" if escape else "", newline="")
    buffer.seek(0, io.SEEK_END)
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    yield buffer.getvalue().encode()
    for row in label_rows(dataset):
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([to_cell(getattr(row, name)) for name in COLUMNS])
        yield buffer.getvalue().encode()
