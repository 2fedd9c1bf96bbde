"""The first records of a file, as lines for the eye."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from importers.records import CommentRecord, Record, RecordError, ThreadRecord


@dataclass(frozen=True)
class PreviewLine:
    """A comment as it would be stored, or (``refused``) why a row would not be."""

    line: int | None
    thread: str = ""
    id: str = ""
    answers: str = ""
    author: str = ""
    time: str = ""
    text: str = ""
    refused: str = ""


def preview_lines(records: Iterable[Record]) -> list[PreviewLine]:
    """One line for each comment and refusal; a thread shows by its title beside its comments."""
    titles: dict[str, str] = {}
    lines = []
    for record in records:
        if isinstance(record, ThreadRecord):
            titles[record.id] = record.title or record.id
        elif isinstance(record, RecordError):
            lines.append(PreviewLine(line=record.line, refused=record.message))
        else:
            lines.append(_comment(record, titles.get(record.thread_id, record.thread_id)))
    return lines


def _comment(record: CommentRecord, thread: str) -> PreviewLine:
    return PreviewLine(
        line=record.line,
        thread=thread,
        id=record.id,
        answers=record.reply_to or "",
        author=record.author_name or record.author_id,
        time=record.posted_at.isoformat(" ", "minutes") if record.posted_at else "",
        text=record.text,
    )
