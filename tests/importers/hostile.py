"""Made-up damage for readers of JSON: any value may stand anywhere in a valid document."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from annotations.errors import UnreadableFile
from importers.records import Record
from importers.registry import Read
from importers.source import Source

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "0", "root", "\x00", "\ud800", "9" * 600, "1e999", "2024-13-45", "<b>&"]),
    st.text(max_size=5),
)
json_values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["id", "text", "type", "x"]), inner, max_size=3),
    ),
    max_leaves=4,
)
Step = str | int


def damaged(document: Any) -> st.SearchStrategy[Any]:
    """The document with up to three of its values replaced by others."""
    places = list(_paths(document))
    change = st.tuples(st.sampled_from(places), json_values)
    return st.lists(change, min_size=1, max_size=3).map(lambda changes: _changed(document, changes))


def taken(read: Read, path: Path, options: Mapping[str, Any]) -> list[Record]:
    """The records of a file or folder, none where it is refused; anything else is an error."""
    try:
        records = list(read(Source(path), options))
    except UnreadableFile:
        return []
    assert all(isinstance(r, Record) for r in records)
    return records


def taken_bytes(read: Read, data: bytes, options: Mapping[str, Any]) -> list[Record]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input"
        path.write_bytes(data)
        return taken(read, path, options)


def _paths(value: Any, path: tuple[Step, ...] = ()) -> list[tuple[Step, ...]]:
    found = [path]
    steps: list[Step] = []
    if isinstance(value, dict):
        steps = list(value)
    elif isinstance(value, list):
        steps = list(range(len(value)))
    for step in steps:
        found += _paths(value[step], (*path, step))
    return found


def _changed(document: Any, changes: list[tuple[tuple[Step, ...], Any]]) -> Any:
    changed = [copy.deepcopy(document)]
    for path, value in changes:
        steps: tuple[Step, ...] = (0, *path)
        holder: Any = changed
        for step in steps[:-1]:
            if not _has(holder, step):
                break
            holder = holder[step]
        else:
            if _has(holder, steps[-1]):
                holder[steps[-1]] = value
    return changed[0]


def _has(holder: Any, step: Step) -> bool:
    if isinstance(holder, dict):
        return step in holder
    return isinstance(holder, list) and isinstance(step, int) and step < len(holder)
