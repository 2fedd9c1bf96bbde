"""How a table is read: what was told of it, and what is guessed where nothing was told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from annotations.errors import InvalidInput, UnreadableFile
from importers.columns import (
    ROLES,
    Role,
    Rows,
    guess_columns,
    ids_repeat_across_threads,
    is_constant,
    names_of,
)
from importers.dates import DateOrder, order_of
from importers.presets import Preset, get_preset, preset_of
from importers.privacy import bare_name
from importers.source import Source
from importers.tables import Dialect, guess_dialect, rows_of, sample

SAME_THROUGHOUT: tuple[Role, ...] = ("thread_title", "thread_url", "missing")
NO_PRESET = Preset(name="", title="", marks=frozenset(), columns={})


class TableOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be told. Nothing is guessed of the columns and ids if ``columns`` are told."""

    dialect: Dialect | None = None
    sheet: str | None = None
    preset: str | None = None
    columns: dict[Role, str] = {}
    html: bool | None = None
    ids: Literal["corpus", "thread"] | None = None
    thread: str | None = None
    dates: DateOrder | None = None
    keep_private: bool = False


@dataclass(frozen=True, kw_only=True)
class Layout:
    """``columns`` names for each role its column, and then those that stand in for it.

    ``scoped``: ids of comments are unique only within their thread. ``thread``: the id of the
    thread where no column says it; if it is empty, the file's digest is. ``dates``: which number of
    `3/4/2024` is the day. ``alone``: each line stands for itself.
    """

    dialect: Dialect
    sheet: str | None
    preset: Preset
    columns: Mapping[str, tuple[str, ...]]
    html: bool
    scoped: bool
    thread: str
    dates: DateOrder | None
    keep_private: bool
    alone: bool

    def proposal(self) -> dict[str, Any]:
        """The options that lead to this layout, without those that say nothing new."""
        options: dict[str, Any] = {
            "dialect": self.dialect,
            "columns": {role: names[0] for role, names in self.columns.items()},
        }
        told = {
            "sheet": self.sheet,
            "preset": self.preset.name,
            "html": self.html,
            "ids": "thread" if self.scoped else None,
            "thread": self.thread,
            "dates": self.dates,
        }
        return options | {name: value for name, value in told.items() if value}


def layout_of(source: Source, told: TableOptions) -> Layout:
    """Raises InvalidInput for an unknown preset, UnreadableFile where the file is no table,
    lacks a column that was named, or has none that is known to hold the text.
    """
    dialect = told.dialect or guess_dialect(source)
    if dialect is None:
        raise UnreadableFile(
            f"{source.name} is no table: neither CSV with a header, nor JSON Lines or a JSON list "
            "with one object a comment, nor an Excel workbook or Parquet."
        )
    rows = sample(source, dialect, told.sheet)
    if not rows:
        next(rows_of(source, dialect, told.sheet), None)  # says why, if it cannot be opened
    preset = _preset(told, rows)
    columns = _columns(told, preset, rows)
    _check_columns(source, dialect, columns, rows)
    is_scoped = not told.columns and ids_repeat_across_threads(columns, rows)
    return Layout(
        dialect=dialect,
        sheet=told.sheet,
        preset=preset,
        columns={role: (name, *_stand_ins(preset, name, rows)) for role, name in columns.items()},
        html=preset.html if told.html is None else told.html,
        scoped=is_scoped if told.ids is None else told.ids == "thread",
        thread=told.thread or ("" if "thread" in columns else _thread_in_name(preset, source.name)),
        dates=told.dates or order_of(row.get(columns.get("time", "")) for row in rows),
        keep_private=told.keep_private,
        alone=dialect == "jsonl" and _stand_alone(columns, rows),
    )


def _preset(told: TableOptions, rows: Rows) -> Preset:
    if not told.preset:
        return (None if told.columns else preset_of(names_of(rows))) or NO_PRESET
    try:
        return get_preset(told.preset)
    except ValueError as error:
        raise InvalidInput(f"{error}.", fields={"options": [f"{error}."]}) from None


def _columns(told: TableOptions, preset: Preset, rows: Rows) -> dict[str, str]:
    if told.columns:
        return {str(role): name for role, name in told.columns.items()}
    if not preset.columns:
        return guess_columns(rows)
    named = {bare_name(name): name for name in reversed(names_of(rows))}
    found = {
        role: [named[bare] for bare in preset.columns.get(role, ()) if bare in named]
        for role in ROLES
    }
    return {role: names[0] for role, names in found.items() if names}


def _stand_ins(preset: Preset, name: str, rows: Rows) -> list[str]:
    """The preset's other columns of the role for which this one was chosen."""
    chosen = bare_name(name)
    others = next((bare for bare in preset.columns.values() if chosen in bare[:-1]), ())
    named = {bare_name(name): name for name in reversed(names_of(rows))}
    return [named[bare] for bare in others if bare in named and bare != chosen]


def _thread_in_name(preset: Preset, file_name: str) -> str:
    found = preset.thread_in_name.search(file_name) if preset.thread_in_name else None
    return found[1] if found else ""


def _stand_alone(columns: Mapping[str, str], rows: Rows) -> bool:
    """Whether a row needs no other to be read, nor to know what its thread is called."""
    if "thread" not in columns or "comment" not in columns:
        return False
    said = [columns[role] for role in SAME_THROUGHOUT if role in columns]
    return all(is_constant(name, columns["thread"], rows) for name in said)


def _check_columns(
    source: Source, dialect: Dialect, columns: Mapping[str, str], rows: Rows
) -> None:
    known = names_of(rows)
    shown = ", ".join(known[:50])
    if not rows and not columns:
        raise UnreadableFile(f"None of the first rows of {source.name} can be read as {dialect}.")
    if "text" not in columns:
        raise UnreadableFile(
            f"No column of {source.name} is known to hold the text of comments. "
            f"Say which with columns.text; its columns are: {shown}."
        )
    if dialect in ("json", "jsonl"):
        return
    for role, name in columns.items():
        if rows and name not in known:
            raise UnreadableFile(
                f"{source.name} has no column {name!r} for {role}; its columns are: {shown}."
            )
