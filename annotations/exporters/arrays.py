"""Values that only some rows have, as Arrow arrays with one element for each row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa


def columns_of(rows: Sequence[tuple[Any, ...]], fields: Sequence[pa.Field]) -> list[pa.Array]:
    """One array for each field, of rows that are tuples."""
    columns: Iterable[Sequence[Any]] = zip(*rows, strict=True) if rows else [()] * len(fields)
    return [pa.array(one, field.type) for one, field in zip(columns, fields, strict=True)]


def scattered(values: pa.Array, rows: Sequence[int], count: int) -> pa.Array:
    """``values[i]`` in row ``rows[i]``, null in the others."""
    places = np.full(count, -1, dtype=np.int64)
    places[list(rows)] = np.arange(len(rows))
    return values.take(pa.array(places, mask=places < 0))


def listed(values: pa.Array, rows: Sequence[int], count: int) -> pa.Array:
    """For each row the list of its values, which stand together; null where it has none."""
    lengths = np.bincount(np.array(rows, dtype=np.int64), minlength=count)
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=pa.array(lengths == 0))
