"""A dataset as a table of its comments, the context among them."""

from __future__ import annotations

import pyarrow as pa

from annotations.exporters import fields
from annotations.exporters.arrays import columns_of
from annotations.exporters.places import place
from annotations.exporters.rows import CommentRow, ThreadRow

FIELDS = (*fields.PLACE, fields.TEXT, fields.SAMPLED)


class CommentTable:
    """See table.Table. A thread is told of with its comments alone."""

    schema = pa.schema(FIELDS)

    def __init__(self) -> None:
        self._clear()

    @property
    def rows(self) -> int:
        return len(self._rows)

    def add(self, thread: ThreadRow, about: ThreadRow | CommentRow) -> None:
        if isinstance(about, CommentRow):
            self.size += len(about.text)
            self._rows.append((*place(thread, about), about.text, about.sampled))

    def take(self) -> pa.RecordBatch:
        columns = columns_of(self._rows, FIELDS)
        self._clear()
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def _clear(self) -> None:
        self.size = 0
        self._rows: list[fields.Values] = []
