"""A dataset as a typed table: one row for each comment that was labeled, with its final answers."""

from __future__ import annotations

import pyarrow as pa

from annotations.exporters import fields
from annotations.exporters.answer_columns import COUNTED, AnswerColumns, FigureColumn
from annotations.exporters.arrays import columns_of
from annotations.exporters.dataset import Study
from annotations.exporters.final import final_answers
from annotations.exporters.places import place
from annotations.exporters.rows import HUMAN, CommentRow, ThreadRow, said_by


class ItemTable:
    """See table.Table. A thread that was labeled as a whole has a row, too."""

    def __init__(self, study: Study) -> None:
        self._questions = study.codebook.questions
        self._answers = AnswerColumns(self._questions)
        self._counts = FigureColumn(self._questions, fields.COUNT)
        self._shares = FigureColumn(self._questions, fields.SHARE)
        self._deciders = tuple(pa.field(one.key, pa.string()) for one in self._questions)
        figures = {fields.DECIDED_BY: pa.struct(self._deciders)} if self._questions else {}
        if self._counts:
            figures[fields.COUNTS] = self._counts.type
            figures[fields.SHARES] = self._shares.type
        self.schema = pa.schema(
            [*fields.PLACE, fields.TEXT, fields.ANNOTATORS, *self._answers.fields, *figures.items()]
        )
        self._clear()

    @property
    def rows(self) -> int:
        return len(self._places)

    def add(self, thread: ThreadRow, about: ThreadRow | CommentRow) -> None:
        if all(one.state != "submitted" for one in about.annotations):
            return
        row = len(self._places)
        text = about.text if isinstance(about, CommentRow) else ""
        self.size += len(text)
        people = len(said_by(about.annotations, HUMAN))
        self._places.append((*place(thread, about), text, people))
        unit = "comment" if isinstance(about, CommentRow) else "thread"
        mine = [one for one in self._questions if one.unit == unit]
        deciders = dict.fromkeys((one.key for one in self._questions), "")
        for question, final in zip(mine, final_answers(about, mine), strict=True):
            deciders[question.key] = final.decided_by
            self._answers.add(row, final.answers)
            if question.kind in COUNTED:
                self._counts.add(row, {question.key: final.counts})
                self._shares.add(row, {question.key: final.shares})
        self._decided_by.append(tuple(one or None for one in deciders.values()))

    def take(self) -> pa.RecordBatch:
        count = self.rows
        own = (*fields.PLACE, fields.TEXT, fields.ANNOTATORS)
        columns = [*columns_of(self._places, own), *self._answers.take(count)]
        if self._questions:
            told = columns_of(self._decided_by, self._deciders)
            columns.append(pa.StructArray.from_arrays(told, fields=list(self._deciders)))
        if self._counts:
            columns += [self._counts.take(count), self._shares.take(count)]
        self._clear()
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def _clear(self) -> None:
        self.size = 0
        self._places: list[fields.Values] = []
        self._decided_by: list[tuple[str | None, ...]] = []
