"""A dataset as a typed table: one row for each annotation, a column for each question."""

from __future__ import annotations

import pyarrow as pa

from annotations.exporters import fields
from annotations.exporters.answer_columns import AnswerColumns, FigureColumn
from annotations.exporters.arrays import columns_of
from annotations.exporters.dataset import Study
from annotations.exporters.flat import annotation_id
from annotations.exporters.places import place
from annotations.exporters.rows import AGGREGATED, CommentRow, ThreadRow


class AnnotationTable:
    """See table.Table. What is only context has no row."""

    def __init__(self, study: Study) -> None:
        questions = study.codebook.questions
        self._study = (study.campaign, study.codebook.key, study.codebook.version)
        self._answers = AnswerColumns(questions)
        self._shares = FigureColumn(questions, fields.SHARE)
        self._has_shares = AGGREGATED in study.contents.layers and bool(self._shares)
        own = [
            *fields.STUDY,
            *fields.PLACE,
            fields.TEXT,
            fields.ANNOTATION,
            *fields.SAID,
            *self._answers.fields,
        ]
        shares = [pa.field(fields.SHARES, self._shares.type)] if self._has_shares else []
        self.schema = pa.schema(own + shares)
        self._clear()

    @property
    def rows(self) -> int:
        return len(self._said)

    def add(self, thread: ThreadRow, about: ThreadRow | CommentRow) -> None:
        if not about.annotations:
            return
        here = len(self._places)
        self._places.append(place(thread, about))
        text = about.text if isinstance(about, CommentRow) else ""
        for annotation in about.annotations:
            row = len(self._said)
            labeled = text if annotation.text is None else annotation.text
            self.size += len(labeled)
            self._place_of.append(here)
            self._texts.append(labeled)
            self._names.append(annotation_id(about.id, annotation))
            self._said.append(fields.said(annotation))
            self._answers.add(row, annotation.answers)
            if annotation.shares:
                self._shares.add(row, annotation.shares)

    def take(self) -> pa.RecordBatch:
        count = self.rows
        where = pa.array(self._place_of, pa.int64())
        columns = [
            *(pa.repeat(pa.scalar(value), count) for value in self._study),
            *(column.take(where) for column in columns_of(self._places, fields.PLACE)),
            pa.array(self._texts, fields.TEXT.type),
            pa.array(self._names, fields.ANNOTATION.type),
            *columns_of(self._said, fields.SAID),
            *self._answers.take(count),
        ]
        shares = self._shares.take(count)
        if self._has_shares:
            columns.append(shares)
        self._clear()
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def _clear(self) -> None:
        self.size = 0
        self._places: list[fields.Values] = []
        self._place_of: list[int] = []
        self._texts: list[str] = []
        self._names: list[str] = []
        self._said: list[fields.Values] = []
