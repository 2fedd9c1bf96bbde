"""JSON rows that hold other rows: replies nested in the comment that they answer.

Each becomes a row of its own, after the row around it. What it lacks is told in ``derived``: the
id answered, and what the row around it says of the thread. A row with a list of ``comments`` is
the post that they are about. Objects in cells give their values as ``author.name``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from importers.columns import SYNONYMS
from importers.privacy import bare_name
from importers.records import RecordError
from importers.table_rows import Row, row_fault

REPLIES = ("replies", "children", "responses", "answers", "comments")
ABOUT_A_POST = "comments"
IDS = (*SYNONYMS["comment"].split(), "answerid", "questionid", "postid")
OF_THE_THREAD = frozenset(
    name for role in ("thread", "thread_title", "thread_url") for name in SYNONYMS[role].split()
)
TITLES = ("title", "headline")
VALUES_OF_AN_OBJECT = 20


def unnested_rows(rows: Iterable[Row | RecordError]) -> Iterator[Row | RecordError]:
    """The rows, and those in them. Each whose own values cannot be stored is refused."""
    for row in rows:
        for found in _unnested(row) if isinstance(row, Row) else (row,):
            if isinstance(found, Row) and (fault := row_fault(found.cells)):
                place = found.place if found.line is None else "The line"
                yield RecordError(found.line, f"{place} holds {fault}.")
            else:
                yield found


def _unnested(row: Row) -> Iterator[Row]:
    """The row, and those in it, each before its own answers."""
    if not any(isinstance(value, dict | list) for value in row.cells.values()):
        yield row
        return
    is_post = _is_post(row.cells)
    waiting: list[tuple[dict[str, Any], dict[str, Any]]] = [(row.cells, {})]
    while waiting:
        cells, derived = waiting.pop()
        inner = _nested(cells)
        own = {key: value for key, value in cells.items() if not _holds_rows(key, value)}
        if is_post:
            derived = _told_of_post(own, derived)
        derived = {**_values_of_objects(own), **derived}
        yield Row(row.line, own, row.place, derived)
        below = _told_below(own, derived)
        waiting += [(part, below) for part in reversed(inner)]


def _told_of_post(cells: Mapping[str, Any], derived: Mapping[str, Any]) -> dict[str, Any]:
    """The post is a thread of its own; all below it have ids beside its."""
    id = _id_of(cells)
    if "thread.id" in derived:
        return {**derived, "comment.id": id}
    title = {"thread.title": _title(cells), "kind.nested": "post"}
    return {"thread.id": id, "comment.id": id, **title}


def _is_post(cells: Mapping[str, Any]) -> bool:
    """Whether it has a list of comments and is none itself: it has a title, or none of the
    comments has such a list.
    """
    below = next((cells[key] for key in cells if key.lower() == ABOUT_A_POST), None)
    if not isinstance(below, list) or _id_of(cells) is None:
        return False
    plain = not any(isinstance(part, dict) and ABOUT_A_POST in part for part in below)
    return _title(cells) is not None or (bool(below) and plain)


def _nested(cells: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows in a row, under whichever keys."""
    return [part for key, value in cells.items() if _holds_rows(key, value) for part in value]


def _holds_rows(key: str, value: Any) -> bool:
    return (
        key.lower() in REPLIES
        and isinstance(value, list)
        and bool(value)
        and all(isinstance(part, dict) for part in value)
    )


def _told_below(cells: Mapping[str, Any], derived: Mapping[str, Any]) -> dict[str, Any]:
    around = {name: value for name, value in cells.items() if bare_name(name) in OF_THE_THREAD}
    above = {name: derived[name] for name in ("thread.id", "thread.title") if name in derived}
    parent = {} if "kind.nested" in derived else {"parent.id": _id_of(cells)}
    return {**around, **above, **parent}


def _id_of(cells: Mapping[str, Any]) -> Any:
    bare = {bare_name(name): value for name, value in cells.items()}
    found = (bare.get(name) for name in IDS)
    return next((value for value in found if isinstance(value, str | int)), None)


def _title(cells: Mapping[str, Any]) -> Any:
    found = (cells.get(name) for name in TITLES)
    return next((value for value in found if isinstance(value, str)), None)


def _values_of_objects(cells: Mapping[str, Any]) -> dict[str, Any]:
    return {
        f"{name}.{inner}": part
        for name, value in cells.items()
        if isinstance(value, dict) and len(value) <= VALUES_OF_AN_OBJECT
        for inner, part in value.items()
        if isinstance(part, str | int | float)
    }
