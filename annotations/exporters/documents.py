"""Threads as documents: comments one after another in one text, each at a known place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from annotations.exporters.file_names import file_name
from annotations.exporters.rows import AnnotationRow, CommentRow, ThreadRow

MOST_COMMENTS = 200
MOST_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True)
class Place:
    """A comment in a document: its headline is ``start:headline_end``, its text ``text:end``."""

    comment: CommentRow
    start: int
    headline_end: int
    text: int

    @property
    def end(self) -> int:
        return self.text + len(self.comment.text)


@dataclass(frozen=True, slots=True)
class Document:
    """A thread, or the ``part`` of one that has many comments; its first line is the title."""

    thread: ThreadRow
    part: int
    title_end: int
    text: str
    places: tuple[Place, ...]

    @property
    def name(self) -> str:
        return f"{file_name(self.thread.id)}-{self.part:03}"

    def of_thread(self) -> tuple[AnnotationRow, ...]:
        """What was said of the thread as a whole, which stands in its first part."""
        return self.thread.annotations if self.part == 1 else ()


def documents(thread: ThreadRow, comments: Iterable[CommentRow]) -> Iterator[Document]:
    """The thread in parts that fit into memory and on a page, whatever its size."""
    part = 0
    builder = _Builder(thread)
    for comment in comments:
        if builder.is_full(comment):
            part += 1
            yield builder.document(part)
            builder = _Builder(thread)
        builder.add(comment)
    if builder.places or (part == 0 and thread.annotations):
        yield builder.document(part + 1)


class _Builder:
    def __init__(self, thread: ThreadRow) -> None:
        title = _one_line(f"[{thread.id}] {thread.title}")
        self.places: list[Place] = []
        self._thread = thread
        self._title_end = len(title)
        self._pieces = [title, "\n"]
        self._size = len(title) + 1

    def is_full(self, comment: CommentRow) -> bool:
        too_long = self._size + len(comment.text) > MOST_CHARACTERS
        return len(self.places) == MOST_COMMENTS or (bool(self.places) and too_long)

    def add(self, comment: CommentRow) -> None:
        """An empty line, the headline, and the text as it is."""
        headline = _headline(comment)
        start = self._size + 1
        headline_end = start + len(headline)
        self.places.append(Place(comment, start, headline_end, headline_end + 1))
        self._pieces += ["\n", headline, "\n", comment.text, "\n"]
        self._size = headline_end + 1 + len(comment.text) + 1

    def document(self, part: int) -> Document:
        text = "".join(self._pieces)
        return Document(self._thread, part, self._title_end, text, tuple(self.places))


def _headline(comment: CommentRow) -> str:
    answered = f" to [{comment.reply_to}]" if comment.reply_to else ""
    return _one_line(f"[{comment.id}] {comment.author}{answered}")


def _one_line(text: str) -> str:
    return " ".join(text.split())
