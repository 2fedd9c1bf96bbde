"""The columns of a table, for the files that describe them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from annotations.exporters.flat import LabelRow

if TYPE_CHECKING:  # loaded by those alone who make a release
    import pyarrow as pa

TEXT, INTEGER, NUMBER, BOOLEAN, TIME = "string", "integer", "number", "boolean", "datetime"
TYPES = {
    "bool": BOOLEAN,
    "int": INTEGER,
    "int | None": INTEGER,
    "float": NUMBER,
    "float | None": NUMBER,
    "datetime | None": TIME,
}
OF_ONE_VALUE = frozenset(
    {
        *("question", "kind", "value", "span_start", "span_end", "span_quote"),
        *("related_comment", "share"),
    }
)


@dataclass(frozen=True, slots=True)
class Column:
    """``type`` is one of those above."""

    name: str
    type: str


VALUES = tuple(
    Column(name, TYPES.get(str(LabelRow.__annotations__[name]), TEXT))
    for name in LabelRow.__struct_fields__
)
"""Of a table with one row for each value that was given."""

ANNOTATIONS = tuple(column for column in VALUES if column.name not in OF_ONE_VALUE)
"""What each object has that is made of one annotation, beside its answers."""


def plain_columns(schema: pa.Schema) -> tuple[Column, ...]:
    """Those of a Parquet file that hold one plain value; lists and structs are left out."""
    found = ((field.name, _type(field.type)) for field in schema)
    return tuple(Column(name, type) for name, type in found if type)


def _type(kind: pa.DataType) -> str:
    from pyarrow import types

    if types.is_string(kind) or types.is_large_string(kind):
        return TEXT
    if types.is_boolean(kind):
        return BOOLEAN
    if types.is_integer(kind):
        return INTEGER
    if types.is_floating(kind):
        return NUMBER
    return TIME if types.is_timestamp(kind) else ""
