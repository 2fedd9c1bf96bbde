"""A table with one comment a row: CSV, JSON Lines, a JSON list, an Excel workbook or Parquet.

What is not told is guessed: how the file is written, whether its layout is a known one
(``importers.presets``), and the column for each role. Only the text is required: without a
thread column the file is one thread, named by its digest; without a comment column a comment's
id is its thread's id, a colon, and its ordinal among the thread's rows, where rows that name the
thread but are refused count, too. Text stays as it is unless ``html`` says that it is HTML.

Where each line of JSON Lines stands for itself, nothing is remembered but the last threads: a
second row with the same id counts as a newer version. Elsewhere it is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

from annotations.errors import UnreadableFile
from importers.columns import Role, guess_columns, names_of, names_text
from importers.layout import Layout, TableOptions, layout_of
from importers.markup import Marked, html_to_text
from importers.options import read_options
from importers.presets import preset_of
from importers.privacy import without_private
from importers.records import (
    MAX_TITLE,
    CommentRecord,
    Kind,
    Note,
    Record,
    RecordError,
    RelationRecord,
    Status,
    ThreadRecord,
)
from importers.seen import Recent, Seen
from importers.source import Source
from importers.table_rows import Row
from importers.tables import guess_dialect, rows_of, sample
from importers.values import (
    identifier,
    is_null,
    is_yes,
    kind_of,
    moment,
    parent_identifier,
    placeholder_status,
    plain,
    status_of,
    whole_number,
)

TITLE = "Table (CSV, TSV, JSON, Excel or Parquet)"
SUREST = 0.96
DOCUMENT_ROLES = frozenset({"text", "time", "thread", "thread_title", "thread_url"})
UNKNOWN_STATUS = "unknown words for a status, taken as visible"

_QUOTED_POST = re.compile(r"(?<!>)>>(\d{1,20})\b")


def detect(source: Source) -> float:
    """0.96 for a known layout, up to 0.9 for a known name for text, 0.3 for a mere table, else 0.

    Texts that nothing shows to be comments may be documents: 0.5.
    """
    dialect = guess_dialect(source)
    rows = sample(source, dialect) if dialect else []
    names = names_of(rows)
    if preset_of(names):
        return SUREST
    columns = guess_columns(rows)
    if not columns:
        return 0.0
    if not names_text(names):
        return 0.3
    if source.outline.shape == "object":
        return 0.4
    if columns.keys() <= DOCUMENT_ROLES:
        return 0.5
    return 0.8 if dialect == "json" else 0.9


def propose(source: Source) -> dict[str, Any]:
    """The options as guessed: to be shown, corrected and given to `read`."""
    dialect = guess_dialect(source)
    if dialect is None:
        return {}
    try:
        return layout_of(source, TableOptions(dialect=dialect)).proposal()
    except UnreadableFile:
        return {"dialect": dialect, "columns": {}}


def by_line(source: Source, options: Mapping[str, Any]) -> bool:
    """Whether the file is JSON Lines with ids for threads and comments.

    Its threads must each have one title and address, where these are told. Raises as `read` does.
    """
    return layout_of(source, read_options(options, TableOptions, "the table")).alone


def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    """Yield each thread before its first comment, and the comments in the file's order.

    Raises InvalidInput for options that make no sense, UnreadableFile where the file is no
    table, lacks a column that was named, or no column for the text can be found.
    """
    layout = layout_of(source, read_options(options, TableOptions, "the table"))
    with ExitStack() as stack:
        reader = _Reader(source, layout, stack)
        for row in rows_of(source, layout.dialect, layout.sheet):
            if isinstance(row, Row):
                yield from reader.records(row)
            else:
                yield row
        yield from reader.notes()


class _Reader:
    """Turns rows into records and remembers the threads and comments that were seen."""

    def __init__(self, source: Source, layout: Layout, stack: ExitStack) -> None:
        self.source = source
        self.layout = layout
        self.preset = layout.preset
        self.threads = Recent() if layout.alone else stack.enter_context(Seen())
        self.comments = None if layout.alone else stack.enter_context(Seen())
        self.ordinals = stack.enter_context(Seen())
        self.counts: Counter[str] = Counter()

    def records(self, row: Row) -> Iterator[Record]:
        """The comment of a row, after its thread if that is new, or why it was refused."""
        try:
            thread = self._thread(row)
            comment = self._comment(row, thread.id)
            if self.comments is not None and not self.comments.add(comment.id):
                raise ValueError(f"The comment id {comment.id!r} stands in an earlier row, too")
        except ValueError as error:
            reason = str(error).rstrip(".")
            yield RecordError(row.line, f"{row.place} was left out. {reason}.")
            return
        if self.threads.add(thread.id):
            yield thread
        yield comment

    def notes(self) -> Iterator[Note]:
        """What was counted by now."""
        for what, count in self.counts.items():
            yield Note(what, count)

    def _value(self, row: Row, role: Role) -> Any:
        """The value of the role's column, or of the first that stands in and says something."""
        names = self.layout.columns.get(role)
        if names is None:
            return None
        value = row.value(names[0])
        if len(names) == 1 or not is_null(value):
            return value
        others = (row.value(name) for name in names[1:])
        return next((other for other in others if not is_null(other)), value)

    def _thread(self, row: Row) -> ThreadRecord:
        title = plain(self._value(row, "thread_title"))
        thread = identifier(self._value(row, "thread"))
        if "thread" not in self.layout.columns:
            title = title or self.source.name
            thread = self.layout.thread or self.source.sha256[:32]
        if thread is None:
            raise ValueError(f"Its column {self.layout.columns['thread'][0]!r} names no thread")
        return ThreadRecord(
            id=thread,
            title=title if len(title) <= MAX_TITLE else f"{title[: MAX_TITLE - 1]}…",
            url=plain(self._value(row, "thread_url")),
            platform=self.preset.platform,
            missing=max(whole_number(self._value(row, "missing")) or 0, 0),
        )

    def _comment(self, row: Row, thread_id: str) -> CommentRecord:
        own_id, comment_id = self._ids(row, thread_id)
        name, author_id = self._author(row)
        posted_at, is_estimated = moment(self._value(row, "time"), self.layout.dates)
        kind = self._kind(row, thread_id, own_id)
        written, status = self._written(row, kind)
        raw, notes = without_private(row.cells, keep=self.layout.keep_private)
        relations = tuple(self._quotes(written.text))
        comment = CommentRecord(
            id=comment_id,
            thread_id=thread_id,
            text=written.text,
            kind=kind,
            author_id=author_id,
            author_name=name,
            reply_to=self._parent(row, thread_id, comment_id, relations),
            status=status,
            html=str(self._value(row, "text") or "") if self.layout.html else "",
            posted_at=posted_at,
            posted_at_estimated=is_estimated and not self.preset.utc,
            score=whole_number(self._value(row, "score")),
            blocks=written.blocks,
            links=written.links,
            relations=relations,
            raw=raw,
            line=row.line,
        )
        self.counts.update({note.what: note.count for note in notes})
        return comment

    def _ids(self, row: Row, thread_id: str) -> tuple[str, str]:
        """The comment's id as the file has it, and as it is unique."""
        if "comment" not in self.layout.columns:
            made = f"{thread_id}:{self.ordinals.count(thread_id)}"
            return made, made
        comment = identifier(self._value(row, "comment"))
        if comment is None:
            name = self.layout.columns["comment"][0]
            raise ValueError(f"Its column {name!r} holds no comment id")
        return comment, self._scoped(comment, thread_id)

    def _scoped(self, comment: str, thread_id: str) -> str:
        return f"{thread_id}:{comment}" if self.layout.scoped else comment

    def _parent(
        self, row: Row, thread_id: str, comment_id: str, quotes: tuple[RelationRecord, ...]
    ) -> str | None:
        if self.preset.quotes and "parent" not in self.layout.columns:
            return quotes[0].target_id if quotes else None
        if self.preset.parent_in_id and "parent" not in self.layout.columns:
            found = self.preset.parent_in_id.fullmatch(comment_id)
            return found[1] if found else None
        parent = parent_identifier(self._value(row, "parent"))
        if parent is None or (parent == thread_id and not self.layout.scoped):
            return None
        return self._scoped(parent, thread_id)

    def _quotes(self, text: str) -> Iterator[RelationRecord]:
        for found in _QUOTED_POST.finditer(text) if self.preset.quotes else ():
            yield RelationRecord(
                kind="quote",
                basis="given",
                start=found.start(),
                end=found.end(),
                target_id=found[1],
            )

    def _author(self, row: Row) -> tuple[str, str]:
        name = plain(self._value(row, "author"))
        if placeholder_status(name) or name.lower() in self.preset.nobody:
            return "", ""
        return name, identifier(self._value(row, "author_id")) or name

    def _kind(self, row: Row, thread_id: str, own_id: str) -> Kind:
        if "kind" in self.layout.columns:
            return kind_of(self._value(row, "kind"))
        return "post" if self.preset.opens and own_id == thread_id else self.preset.kind

    def _written(self, row: Row, kind: Kind) -> tuple[Marked, Status]:
        """The text and the status. Openings, and what was deleted, may have no text."""
        text = self._value(row, "text")
        if self.layout.dialect == "xlsx" and isinstance(text, int | float):
            text = str(text)
        status = self._status(row)
        if isinstance(text, str):
            written = html_to_text(text) if self.layout.html else Marked(text)
            if placeholder := placeholder_status(written.text):
                return Marked(""), placeholder if status == "visible" else status
            if written.text.strip():
                return written, status
        if is_null(text) and (status != "visible" or kind != "comment"):
            return Marked(""), status
        raise ValueError(f"Its column {self.layout.columns['text'][0]!r} holds no text")

    def _status(self, row: Row) -> Status:
        """A word for the status says more than that something was deleted."""
        is_deleted = is_yes(self._value(row, "deleted"))
        try:
            status = status_of(self._value(row, "status")) or "visible"
        except ValueError:
            self.counts[UNKNOWN_STATUS] += 1
            status = "visible"
        return "deleted_by_author" if is_deleted and status == "visible" else status
