"""CSV (RFC 4180, UTF-8): one row a value."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator

from annotations.exporters.cells import FORMULAS, Cell, cell, formulas_in, harmless_cell
from annotations.exporters.dataset import Dataset
from annotations.exporters.flat import COLUMNS, flat_annotations

TITLE = "CSV, one row a value"
EXTENSION = "csv"
CONTENT_TYPE = "text/csv; charset=utf-8"
BYTE_ORDER_MARK, END = "\ufeff", "\r\n"


def write(dataset: Dataset) -> Iterator[bytes]:
    """Where formulas are escaped it is for a spreadsheet, so Excel is told that it is UTF-8;
    where they are kept it is told how many cells are formulas."""
    escape = dataset.study.contents.formulas == "escape"
    line = _Line(harmless_cell if escape else cell)
    yield f"{BYTE_ORDER_MARK if escape else ''}{line.part(COLUMNS)}{END}".encode()
    for before, answers, after in flat_annotations(dataset):
        first, last = line.part(before), line.part(after)
        for answer in answers:
            yield f"{first},{line.part(answer)},{last}{END}".encode()
        if not escape:
            shared = formulas_in(before) + formulas_in(after)
            dataset.told[FORMULAS] += shared * len(answers) + sum(map(formulas_in, answers))


class _Line:
    """Writes parts of lines, each of several cells: what many lines share is quoted once."""

    def __init__(self, to_cell: Callable[[Cell], str]) -> None:
        self._to_cell = to_cell
        self._buffer = io.StringIO(newline="")
        self._writer = csv.writer(self._buffer, lineterminator=END)

    def part(self, values: Iterable[Cell]) -> str:
        self._buffer.seek(0)
        self._buffer.truncate()
        self._writer.writerow(map(self._to_cell, values))
        return self._buffer.getvalue().removesuffix(END)
