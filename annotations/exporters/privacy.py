"""What of people leaves with a dataset: everything, pseudonyms, less, or ids and labels alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace

from msgspec import structs

from annotations.exporters.dataset import Dataset, Rows
from annotations.exporters.identifiers import handles, identifiers
from annotations.exporters.names import Names
from annotations.exporters.pseudonyms import Pseudonyms
from annotations.exporters.replaced import Replaced, Stretch
from annotations.exporters.rows import (
    AnnotationRow,
    AnswerRow,
    CommentRow,
    NamedRow,
    Row,
    ThreadRow,
)
from annotations.exporters.spool import Spool

IDENTIFIED, MENTIONED, CALLED, NAMED = range(4)
AT = ("@", "＠")


def protected(dataset: Dataset, key: str) -> Dataset:
    """The dataset by its contents' privacy; pseudonyms are hashed with ``key``.

    A thread is put aside until the names of its authors are known.
    """
    privacy = dataset.study.contents.privacy
    if privacy == "full":
        return dataset
    if privacy == "dehydrated":
        return dataset.through(_dehydrated)
    pseudonyms = Pseudonyms(key)
    redacts = privacy == "redacted"

    def read() -> Rows:
        with closing(dataset.read()) as rows, closing(Spool()) as spool:
            names = Names()
            for row in rows:
                if isinstance(row, ThreadRow):
                    yield from _Protection(pseudonyms, names, redacts).rows(spool.take())
                    names = Names()
                _learn(names, row)
                spool.put(structs.replace(row, named=()) if isinstance(row, ThreadRow) else row)
            yield from _Protection(pseudonyms, names, redacts).rows(spool.take())

    return replace(dataset, read=read)


def _learn(names: Names, row: Row) -> None:
    if isinstance(row, CommentRow) and row.author:
        names.learn(row.author, row.author)
    for person in row.named:
        for name in person.names:
            names.learn(person.author, name)


class _Protection:
    """Rows of a thread whose people are known."""

    def __init__(self, pseudonyms: Pseudonyms, names: Names, redacts: bool) -> None:
        self._pseudonyms, self._names, self._redacts = pseudonyms, names, redacts

    def rows(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            yield self._thread(row) if isinstance(row, ThreadRow) else self._comment(row)

    def _thread(self, thread: ThreadRow) -> ThreadRow:
        return structs.replace(
            thread,
            id=self._pseudonyms.thread(thread.id),
            title=self._text(thread.title),
            url="",
            annotations=tuple(self._annotation(one, None) for one in thread.annotations),
        )

    def _comment(self, comment: CommentRow) -> CommentRow:
        text = self._replaced(comment.text, comment.named)
        return structs.replace(
            comment,
            id=self._pseudonyms.comment(comment.id),
            reply_to=self._pseudonyms.comment(comment.reply_to),
            author=self._pseudonyms.author(comment.author),
            text=text.text,
            annotations=tuple(self._annotation(one, text) for one in comment.annotations),
            named=(),
        )

    def _annotation(self, annotation: AnnotationRow, text: Replaced | None) -> AnnotationRow:
        if annotation.text is not None:
            text = self._replaced(annotation.text)
        return structs.replace(
            annotation,
            note=self._text(annotation.note),
            skip_reason=self._text(annotation.skip_reason),
            reason=self._text(annotation.reason),
            text=None if annotation.text is None or text is None else text.text,
            answers=tuple(self._answer(one, text) for one in annotation.answers),
        )

    def _answer(self, answer: AnswerRow, text: Replaced | None) -> AnswerRow:
        value, start, end, quote = answer.value, answer.start, answer.end, answer.quote
        if answer.kind == "text" and isinstance(value, str):
            value = self._text(value)
        if text is not None and start is not None and end is not None:
            start, end = text.place(start, end)
            quote = text.text[start:end]
        elif quote:
            quote = self._text(quote)
        related = self._pseudonyms.comment(answer.related)
        return structs.replace(
            answer, value=value, start=start, end=end, quote=quote, related=related
        )

    def _text(self, text: str) -> str:
        return self._replaced(text).text if text else ""

    def _replaced(self, text: str, named: Iterable[NamedRow] = ()) -> Replaced:
        return Replaced(text, self._stretches(text, named))

    def _stretches(self, text: str, named: Iterable[NamedRow]) -> Iterator[Stretch]:
        if self._redacts:
            for found in identifiers(text):
                yield Stretch(found.start, found.end, IDENTIFIED, f"[{found.sort}]")
        for person in named:
            if person.start is not None and person.end is not None and person.start < len(text):
                mark = text[person.start] if text[person.start] in AT else ""
                instead = mark + self._pseudonyms.author(person.author)
                yield Stretch(person.start, person.end, MENTIONED, instead)
        for handle in handles(text) if not self._redacts else ():
            if known := self._names.called(handle.name):
                end = handle.start + len(handle.mark) + known[1]
                instead = handle.mark + self._pseudonyms.author(known[0])
                yield Stretch(handle.start, end, CALLED, instead)
            else:
                instead = handle.mark + self._pseudonyms.handle(handle.name)
                yield Stretch(handle.start, handle.end, CALLED, instead)
        for name in self._names.within(text):
            yield Stretch(name.start, name.end, NAMED, self._pseudonyms.author(name.author))


def _dehydrated(row: Row) -> Row:
    """What the source gave is left to the source: others fetch it by the ids."""
    annotations = tuple(map(_without_words, row.annotations))
    if isinstance(row, ThreadRow):
        return structs.replace(row, title="", url="", named=(), annotations=annotations)
    return structs.replace(row, text="", author="", named=(), annotations=annotations)


def _without_words(annotation: AnnotationRow) -> AnnotationRow:
    answers = (one for one in annotation.answers if one.kind != "text")
    return structs.replace(
        annotation,
        note="",
        skip_reason="",
        reason="",
        text=None if annotation.text is None else "",
        answers=tuple(structs.replace(one, quote="") for one in answers),
    )
