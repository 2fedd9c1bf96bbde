"""The answers to each question as a column of its own, typed by the kind of question."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter

import pyarrow as pa

from annotations.exporters.arrays import columns_of, listed, scattered
from annotations.exporters.dataset import QuestionFacts
from annotations.exporters.fields import column_name
from annotations.exporters.rows import AnswerRow

SPAN = (
    pa.field("start", pa.int64()),
    pa.field("end", pa.int64()),
    pa.field("quote", pa.string()),
    pa.field("label", pa.string()),
)
RELATION = (pa.field("comment", pa.string()), pa.field("label", pa.string()))
_span = attrgetter("start", "end", "quote", "value")
_relation = attrgetter("related", "value")
_value = attrgetter("value")

# Free texts and relations are neither counted nor made into one.
COUNTED = frozenset({"single_label", "multi_label", "rating", "number", "span"})


class AnswerColumns:
    """Gathers answers row by row."""

    def __init__(self, questions: Iterable[QuestionFacts]) -> None:
        self._kinds = {one.key: one.kind for one in questions}
        self.fields = tuple(
            pa.field(column_name(key), _TYPES[kind]) for key, kind in self._kinds.items()
        )
        self._clear()

    def add(self, row: int, answers: Iterable[AnswerRow]) -> None:
        for answer in answers:
            rows, given = self._given[answer.question]
            rows.append(row)
            given.append(answer)

    def take(self, count: int) -> list[pa.Array]:
        """The columns, of ``count`` rows, and begin anew."""
        given = self._given
        self._clear()
        return [_ARRAYS[self._kinds[key]](*one, count) for key, one in given.items()]

    def _clear(self) -> None:
        self._given: dict[str, tuple[list[int], list[AnswerRow]]] = {
            key: ([], []) for key in self._kinds
        }


class FigureColumn:
    """For each question the figures of its values, such as how many chose each label."""

    def __init__(self, questions: Iterable[QuestionFacts], figure: pa.Field) -> None:
        self._fields = (pa.field("value", pa.string()), figure)
        self._questions = [one.key for one in questions if one.kind in COUNTED]
        items = pa.list_(pa.struct(self._fields))
        self.type = pa.struct([pa.field(key, items) for key in self._questions])
        self._clear()

    def __bool__(self) -> bool:
        """Whether there is a question with figures: Parquet has no struct of nothing."""
        return bool(self._questions)

    def add(self, row: int, figures: Mapping[str, Mapping[str, float]]) -> None:
        for question, told in figures.items():
            rows, given = self._given[question]
            rows.extend([row] * len(told))
            given.extend(sorted(told.items()))

    def take(self, count: int) -> pa.Array:
        """The column, of ``count`` rows, and begin anew."""
        given = self._given
        self._clear()
        columns = [
            listed(_structs(pairs, self._fields), rows, count) for rows, pairs in given.values()
        ]
        return pa.StructArray.from_arrays(columns, fields=list(self.type))

    def _clear(self) -> None:
        self._given: dict[str, tuple[list[int], list[tuple[str, float]]]] = {
            key: ([], []) for key in self._questions
        }


def _structs(rows: Sequence[tuple[object, ...]], fields: Sequence[pa.Field]) -> pa.Array:
    return pa.StructArray.from_arrays(columns_of(rows, fields), fields=list(fields))


def _texts(rows: Sequence[int], answers: Sequence[AnswerRow], count: int) -> pa.Array:
    return scattered(pa.array(list(map(_value, answers)), pa.string()), rows, count)


def _numbers(rows: Sequence[int], answers: Sequence[AnswerRow], count: int) -> pa.Array:
    return scattered(pa.array(list(map(_value, answers)), pa.float64()), rows, count)


def _labels(rows: Sequence[int], answers: Sequence[AnswerRow], count: int) -> pa.Array:
    return listed(pa.array(list(map(_value, answers)), pa.string()), rows, count)


def _spans(rows: Sequence[int], answers: Sequence[AnswerRow], count: int) -> pa.Array:
    return listed(_structs(list(map(_span, answers)), SPAN), rows, count)


def _relations(rows: Sequence[int], answers: Sequence[AnswerRow], count: int) -> pa.Array:
    return listed(_structs(list(map(_relation, answers)), RELATION), rows, count)


_TYPES: Mapping[str, pa.DataType] = {
    "single_label": pa.string(),
    "multi_label": pa.list_(pa.string()),
    "rating": pa.float64(),
    "number": pa.float64(),
    "text": pa.string(),
    "span": pa.list_(pa.struct(SPAN)),
    "relation": pa.list_(pa.struct(RELATION)),
}
_ARRAYS: Mapping[str, Callable[[Sequence[int], Sequence[AnswerRow], int], pa.Array]] = {
    "single_label": _texts,
    "multi_label": _labels,
    "rating": _numbers,
    "number": _numbers,
    "text": _texts,
    "span": _spans,
    "relation": _relations,
}
