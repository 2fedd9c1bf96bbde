"""A table with one comment a row: CSV, TSV, semicolons, or JSON Lines, with a column mapping.

Options: ``dialect`` (csv, tsv, semicolon, jsonl), ``columns`` (the column for each role) and
``keep_private`` (true keeps columns of e-mail and IP addresses in the raw record; they are
left out otherwise). What is not given is guessed. Only the text is required: without a thread
column the file is one thread, named by its digest; without a comment column a comment's id is
its thread's id, a colon, and its ordinal among the thread's rows, where rows that name the
thread but are refused count, too. Text stays as it is: HTML tags and entities are not decoded.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Literal

import msgspec

from annotations.errors import InvalidInput, UnreadableFile
from importers.columns import PRIVATE, Role, bare_name, guess_columns, names_text
from importers.lines import Line, numbered_lines
from importers.records import CommentRecord, Record, RecordError, ThreadRecord
from importers.source import HEAD_BYTES, Source
from importers.table_rows import DELIMITERS, Row, read_rows
from importers.values import identifier, kind_of, moment, parent_identifier, plain, whole_number

TITLE = "Table (CSV, TSV or JSON Lines)"
SAMPLE_ROWS = 100
MAX_COLUMN_NAME = 100


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be told; empty means guessed."""

    dialect: Literal["csv", "tsv", "semicolon", "jsonl"] | None = None
    columns: dict[Role, str] = {}
    keep_private: bool = False


def detect(source: Source) -> float:
    """0.9 for objects or a header with a known name for text, 0.3 for a mere table, else 0."""
    dialect = _guess_dialect(source)
    if dialect is None:
        return 0.0
    rows = _sample(source, dialect)
    if not guess_columns(rows):
        return 0.0
    return 0.9 if names_text([name for row in rows for name in row]) else 0.3


def propose(source: Source) -> dict[str, Any]:
    """The dialect and the columns as guessed: to be shown, corrected and given to `read`."""
    dialect = _guess_dialect(source)
    if dialect is None:
        return {}
    return {"dialect": dialect, "columns": guess_columns(_sample(source, dialect))}


def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    """Yield each thread before its first comment, and the comments in the file's order.

    Raises InvalidInput for options that make no sense, UnreadableFile where the file is no
    table, lacks a column that was named, or no column for the text can be found.
    """
    told = _options(options)
    dialect = told.dialect or _guess_dialect(source)
    if dialect is None:
        raise UnreadableFile(
            f"{source.name} is neither CSV with a header nor JSON Lines with one object a line. "
            "A JSON list becomes JSON Lines with: jq -c '.[]' FILE"
        )
    sample = _sample(source, dialect)
    columns = {str(role): name for role, name in told.columns.items()} or guess_columns(sample)
    _check_columns(source, columns, sample, dialect)
    reader = _Reader(source, columns, keep_private=told.keep_private)
    with source.open() as file:
        for row in read_rows(numbered_lines(file), dialect):
            if isinstance(row, RecordError):
                yield row
            else:
                yield from reader.records(row)


class _Reader:
    """Turns rows into records and remembers the threads and comments that were seen."""

    def __init__(self, source: Source, columns: Mapping[str, str], *, keep_private: bool) -> None:
        self.source = source
        self.columns = columns
        self.keep_private = keep_private
        self.threads: set[str] = set()
        self.comments: set[str] = set()
        self.ordinals: Counter[str] = Counter()

    def records(self, row: Row) -> Iterator[Record]:
        """The comment of a row, after its thread if that is new, or why it was refused."""
        try:
            thread = self._thread(row)
            self.ordinals[thread.id] += 1
            comment = self._comment(row, thread.id)
            if comment.id in self.comments:
                raise ValueError(f"The comment id {comment.id!r} stands in an earlier row, too")
        except ValueError as error:
            yield RecordError(row.line, f"The row was left out. {str(error).rstrip('.')}.")
            return
        if thread.id not in self.threads:
            self.threads.add(thread.id)
            yield thread
        self.comments.add(comment.id)
        yield comment

    def _value(self, row: Row, role: Role) -> Any:
        return row.cells.get(self.columns[role]) if role in self.columns else None

    def _thread(self, row: Row) -> ThreadRecord:
        title = plain(self._value(row, "thread_title"))
        url = plain(self._value(row, "thread_url"))
        if "thread" not in self.columns:
            title = title or self.source.name
            return ThreadRecord(id=self.source.sha256[:32], title=title, url=url)
        thread = identifier(self._value(row, "thread"))
        if thread is None:
            raise ValueError(f"Its column {self.columns['thread']!r} names no thread")
        return ThreadRecord(id=thread, title=title, url=url)

    def _comment(self, row: Row, thread_id: str) -> CommentRecord:
        name, author_id = self._author(row)
        posted_at, is_estimated = moment(self._value(row, "time"))
        parent = parent_identifier(self._value(row, "parent"))
        return CommentRecord(
            id=self._comment_id(row, thread_id),
            thread_id=thread_id,
            text=self._text(row),
            kind=kind_of(self._value(row, "kind")),
            author_id=author_id,
            author_name=name,
            reply_to=None if parent == thread_id else parent,
            posted_at=posted_at,
            posted_at_estimated=is_estimated,
            score=whole_number(self._value(row, "score")),
            raw=row.cells if self.keep_private else _without_private(row.cells),
            line=row.line,
        )

    def _comment_id(self, row: Row, thread_id: str) -> str:
        if "comment" not in self.columns:
            return f"{thread_id}:{self.ordinals[thread_id]}"
        comment = identifier(self._value(row, "comment"))
        if comment is None:
            raise ValueError(f"Its column {self.columns['comment']!r} holds no comment id")
        return comment

    def _author(self, row: Row) -> tuple[str, str]:
        name = plain(self._value(row, "author"))
        return name, identifier(self._value(row, "author_id")) or name

    def _text(self, row: Row) -> str:
        text = self._value(row, "text")
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"Its column {self.columns['text']!r} holds no text")
        return text


def _without_private(cells: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in cells.items() if bare_name(name) not in PRIVATE}


def _options(options: Mapping[str, Any]) -> Options:
    try:
        return msgspec.convert(dict(options), Options)
    except msgspec.ValidationError as error:
        message = f"The options of the table make no sense: {error}."
        raise InvalidInput(message, fields={"options": [message]}) from None


def _check_columns(
    source: Source, columns: Mapping[str, str], sample: Sequence[Mapping[str, Any]], dialect: str
) -> None:
    known = list(dict.fromkeys(name for row in sample for name in row))
    shown = ", ".join(known[:50])
    if not sample and not columns:
        raise UnreadableFile(f"None of the first rows of {source.name} can be read as {dialect}.")
    if "text" not in columns:
        raise UnreadableFile(
            f"No column of {source.name} is known to hold the text of comments. "
            f"Say which with columns.text; its columns are: {shown}."
        )
    for role, name in columns.items():
        if sample and dialect in DELIMITERS and name not in known:
            raise UnreadableFile(
                f"{source.name} has no column {name!r} for {role}; its columns are: {shown}."
            )


def _guess_dialect(source: Source) -> str | None:
    """JSON Lines by its first sign, else the delimiter under which the rows agree best."""
    if source.head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return "jsonl"
    fits = {dialect: _fit(source, dialect) for dialect in DELIMITERS}
    best = max(fits, key=lambda dialect: fits[dialect])
    return best if fits[best] > (0, 0.0, 0) else None


def _fit(source: Source, dialect: str) -> tuple[int, float, int]:
    """Whether the text is named, the share of rows with all cells, the number of columns."""
    rows = _first_rows(source, dialect)
    whole = [row.cells for row in rows if isinstance(row, Row)]
    names = list(whole[0]) if whole else []
    is_named = names_text(names)
    if any(len(name) > MAX_COLUMN_NAME for name in names) or (len(names) < 2 and not is_named):
        return 0, 0.0, 0
    share = len(whole) / len(rows)
    return (int(is_named), share, len(names)) if is_named or share > 0.5 else (0, 0.0, 0)


def _sample(source: Source, dialect: str) -> list[dict[str, Any]]:
    return [row.cells for row in _first_rows(source, dialect) if isinstance(row, Row)]


def _first_rows(source: Source, dialect: str) -> list[Row | RecordError]:
    try:
        return list(islice(read_rows(_head_lines(source), dialect), SAMPLE_ROWS))
    except UnreadableFile:
        return []


def _head_lines(source: Source) -> Iterator[Line | RecordError]:
    """The lines of the first MiB, without the last one where that is cut."""
    head = source.head
    if len(head) == HEAD_BYTES and b"\n" in head:
        head = head[: head.rindex(b"\n") + 1]
    return numbered_lines(io.BytesIO(head))
