"""Queries whose SQL is made once in a process, for what every click of an annotator asks.

Django makes the SQL of a queryset anew each time, which takes longer than a small database takes
to answer. A prepared query is written as a queryset like any other, of plain arguments; at its
first use it is compiled, and from then on it is sent with other values. What it gives are the same
rows: models with what ``select_related`` names, or the values of ``values_list``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    get_related_populators,
)

from annotations.statements import Statement, adapted

Row = TypeVar("Row")
FIRST_NUMBER = 2_147_400_000
LARGEST = 2**63 - 1
FIRST_MOMENT = datetime(1801, 1, 1, tzinfo=UTC)
_LOCK = Lock()


class Prepared(Generic[Row]):
    """A query of some arguments: numbers, texts, times, uuids, and lists of numbers for ``IN``.

    ``build`` is called once and must use each argument as a value alone, never to decide
    anything: no argument is None. A list is filled up with its last number to the next power of
    two, so that few statements serve all lengths; one of none finds nothing.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        self._compiled: dict[tuple[Any, ...], _Compiled] = {}

    def __call__(self, *given: Any) -> list[Row]:
        """The rows, read at once."""
        arguments: list[Any] = []
        lengths: list[int] = []
        for one in given:
            if isinstance(one, list):
                if not one:
                    return []
                arguments.append(_filled(one))
                lengths.append(len(arguments[-1]))
            elif isinstance(one, int) and not -LARGEST <= one <= LARGEST:
                return []  # a number that no column can hold
            else:
                arguments.append(one)
        kind = (connection.vendor, *lengths)
        compiled = self._compiled.get(kind)
        if compiled is None:
            with _LOCK:
                compiled = self._compiled[kind] = _Compiled(self._build, arguments)
        return cast("list[Row]", compiled.rows(arguments))

    def first(self, *given: Any) -> Row | None:
        return next(iter(self(*given)), None)


@dataclass
class _Place:
    """Where a value goes: the number of the argument, and, of a list, of its item."""

    argument: int
    item: int | None

    def value(self, arguments: Sequence[Any]) -> Any:
        given = arguments[self.argument]
        return given if self.item is None else given[self.item]


class _Compiled:
    """The SQL for arguments of some lengths on one kind of database."""

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], arguments: Sequence[Any]) -> None:
        marks, places = _marks(arguments)
        queryset = build(*marks)
        compiler = queryset.query.get_compiler(connection=connection)
        sql, found = compiler.as_sql()
        stands = [places.get(_key(one)) for one in found]
        known = [
            place is None and isinstance(one, str | int)
            for place, one in zip(stands, found, strict=True)
        ]
        self.statement = Statement(_with_known(sql, found, known))
        self.params = [
            (place, one)
            for place, one, is_known in zip(stands, found, known, strict=True)
            if not is_known
        ]
        fields = [one[0] for one in compiler.select[: compiler.col_count]]
        self.converters = compiler.get_converters(fields)
        self.compiler = compiler
        self.rows_as = queryset._iterable_class
        if self.rows_as is ModelIterable:
            self._read_model(compiler)
        used = {place.argument for place in stands if place}
        assert used == set(range(len(arguments))), "Each argument must stand in the query."

    def _read_model(self, compiler: Any) -> None:
        info, select = compiler.klass_info, compiler.select
        chosen = info["select_fields"]
        self.model: type[Model] = info["model"]
        self.begin, self.end = chosen[0], chosen[-1] + 1
        self.names = [one[0].target.attname for one in select[self.begin : self.end]]
        self.populators = get_related_populators(  # type: ignore[call-arg]  # typed as in Django 6
            info, select, connection.alias
        )

    def rows(self, arguments: Sequence[Any]) -> list[Any]:
        rows: list[Any] = self.statement(
            [place.value(arguments) if place else fixed for place, fixed in self.params]
        )
        if self.converters and rows:
            rows = list(self.compiler.apply_converters(rows, self.converters))
        if self.rows_as is ModelIterable:
            return [self._object(row) for row in rows]
        if self.rows_as is FlatValuesListIterable:
            return [row[0] for row in rows]
        return [tuple(row) for row in rows]

    def _object(self, row: Sequence[Any]) -> Model:
        one = _made(self.model, self.names, row[self.begin : self.end])
        for populator in self.populators:
            _populate(populator, row, one)
        return one


def _made(model: type[Model], names: Sequence[str], values: Sequence[Any]) -> Model:
    """As ``Model.from_db``, for models that do nothing of their own when they are made: their
    columns are what their instances hold, and what is left out is asked for when it is needed."""
    one = model.__new__(model)
    state = ModelState()
    state.adding, state.db = False, connection.alias
    one.__dict__.update(zip(names, values, strict=True), _state=state)
    return one


def _populate(populator: Any, row: Sequence[Any], one: Model) -> None:
    """As ``RelatedPopulator.populate``."""
    reorder = populator.reorder_for_init
    values = reorder(row) if reorder else row[populator.cols_start : populator.cols_end]
    if values[populator.pk_idx] is None:
        populator.local_setter(one, None)
        return
    related = _made(populator.model_cls, populator.init_list, values)
    for further in populator.related_populators:
        _populate(further, row, related)
    populator.local_setter(one, related)
    populator.remote_setter(related, one)


def _filled(numbers: list[int]) -> list[int]:
    if not numbers:
        return []
    length = 1 << (len(numbers) - 1).bit_length()
    return numbers + numbers[-1:] * (length - len(numbers))


def _marks(arguments: Sequence[Any]) -> tuple[list[Any], dict[Any, _Place]]:
    """A value for each argument that stands nowhere else, and what it stands for."""
    marks: list[Any] = []
    places: dict[Any, _Place] = {}
    for number, given in enumerate(arguments):
        items = given if isinstance(given, list) else [given]
        made = [_mark(one, len(places) + place) for place, one in enumerate(items)]
        for item, mark in enumerate(made):
            whole = _Place(number, item if isinstance(given, list) else None)
            places[_key(adapted(connection, mark))] = whole
        marks.append(made if isinstance(given, list) else made[0])
    return marks, places


def _mark(like: Any, number: int) -> Any:
    if isinstance(like, datetime):
        return FIRST_MOMENT + timedelta(days=number)
    if isinstance(like, UUID):
        return UUID(int=FIRST_NUMBER + number)
    if isinstance(like, str):
        return f"\x02argument {number}\x03"
    assert isinstance(like, int), f"{like!r} cannot be an argument."
    return FIRST_NUMBER + number


def _with_known(sql: str, params: Sequence[Any], known: Sequence[bool]) -> str:
    """The SQL with what is the same at every use in it: it is planned for that, and PostgreSQL
    takes it for what it is, not for the widest number."""
    first, *rest = sql.split("%s")
    marks = [
        _literal(one) if is_known else "%s" for one, is_known in zip(params, known, strict=True)
    ]
    return first + "".join(mark + part for mark, part in zip(marks, rest, strict=True))


def _literal(value: str | int) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int):
        return str(int(value))
    return "'" + str(value).replace("'", "''").replace("%", "%%") + "'"


def _key(value: Any) -> Any:
    """What a parameter is known by; PostgreSQL's numbers are of types that say their size."""
    kind = "number" if isinstance(value, int) else type(value).__name__
    return kind, int(value) if isinstance(value, int) else str(value)
