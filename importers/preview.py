"""The first records of a file as the threads that they will be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from django.utils.translation import gettext_lazy as _

from annotations.models import Corpus
from annotations.pages.comment_lines import (
    CommentLine,
    Link,
    Relation,
    gone_words,
    indent,
    label_of,
    mentions,
    quotes,
    words_for,
)
from annotations.pages.marked_text import parts_of
from importers.records import (
    CommentRecord,
    GoldRecord,
    Note,
    Record,
    RecordError,
    RelationRecord,
    ThreadRecord,
)
from importers.store.authors import pseudonym
from importers.tree import NOBODY, cut_cycles, reading_order

RECORDS = 400
THREADS = 3
COMMENTS = 25
REFUSALS = 20
UNREAD = _("quotes a comment that is not among these")
ORPHAN = _("answers a comment that is not among these")


@dataclass(frozen=True)
class PreviewThread:
    """A thread with its first comments in reading order; ``unshown`` more were read of it."""

    title: str
    platform: str
    url: str
    missing: int
    lines: list[CommentLine]
    unshown: int


@dataclass(frozen=True)
class Preview:
    """What the first records of a file will be. ``notes`` counts what is left out of them."""

    threads: list[PreviewThread]
    refused: list[RecordError]
    notes: dict[str, int]
    gold: int
    comments: int


@dataclass
class _Sorted:
    threads: dict[str, ThreadRecord] = field(default_factory=dict)
    comments: dict[str, list[CommentRecord]] = field(default_factory=dict)
    refused: list[RecordError] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    gold: int = 0


def preview_of(records: Iterable[Record], corpus: Corpus) -> Preview:
    """The threads, trees and names as the corpus would show them. Nothing is stored."""
    read = _sorted_out(records)
    names = _names(read.comments, corpus)
    shown = list(dict.fromkeys([*read.comments, *read.threads]))[:THREADS]
    return Preview(
        threads=[
            _thread(n, read.threads.get(id, ThreadRecord(id=id)), read.comments.get(id, []), names)
            for n, id in enumerate(shown)
        ],
        refused=read.refused[:REFUSALS],
        notes=dict(read.notes),
        gold=read.gold,
        comments=sum(map(len, read.comments.values())),
    )


def _sorted_out(records: Iterable[Record]) -> _Sorted:
    read = _Sorted()
    seen: set[str] = set()
    for record in records:
        if isinstance(record, ThreadRecord):
            read.threads.setdefault(record.id, record)
        elif isinstance(record, RecordError):
            read.refused.append(record)
        elif isinstance(record, Note):
            read.notes[record.what] += record.count
        elif isinstance(record, GoldRecord):
            read.gold += 1
        elif record.id not in seen:
            seen.add(record.id)
            read.comments.setdefault(record.thread_id, []).append(record)
    return read


class _Names(dict[str, str]):
    """Authors by their source's id, as the corpus will show them."""

    def __init__(self, corpus: Corpus) -> None:
        super().__init__()
        self._corpus = corpus

    def __missing__(self, author_id: str) -> str:
        name = pseudonym(self._corpus, author_id) if author_id else ""
        return self.setdefault(author_id, name)


def _names(comments: Mapping[str, list[CommentRecord]], corpus: Corpus) -> _Names:
    names = _Names(corpus)
    if corpus.author_names == Corpus.AuthorNames.SHOWN:
        records = (record for thread in comments.values() for record in thread)
        names.update({r.author_id: r.author_name for r in records if r.author_id and r.author_name})
    return names


def _thread(
    number: int, thread: ThreadRecord, records: list[CommentRecord], names: _Names
) -> PreviewThread:
    return PreviewThread(
        title=thread.title or thread.id,
        platform=thread.platform,
        url=thread.url,
        missing=thread.missing,
        lines=_Tree(records, names, prefix=f"t{number}").lines(COMMENTS),
        unshown=max(len(records) - COMMENTS, 0),
    )


class _Tree:
    """The comments of one thread, each with its place as the store would compute it."""

    def __init__(self, records: list[CommentRecord], names: _Names, *, prefix: str) -> None:
        self._prefix = prefix
        self._records = sorted(records, key=lambda record: record.kind == "comment")
        self._names = names
        self._numbers = {record.id: number for number, record in enumerate(self._records)}
        self._parents = [self._parent(record) for record in self._records]
        for number in cut_cycles(self._parents):
            self._parents[number] = NOBODY
        inferred = [int(record.basis == "inferred") for record in self._records]
        self._places = reading_order(self._parents, inferred)

    def lines(self, limit: int) -> list[CommentLine]:
        """The first comments in reading order."""
        positions = self._places.positions
        order = sorted(range(len(self._records)), key=positions.__getitem__)
        return [self._line(number) for number in order[:limit]]

    def _parent(self, record: CommentRecord) -> int:
        return self._numbers.get(record.reply_to, NOBODY) if record.reply_to else NOBODY

    def _line(self, number: int) -> CommentLine:
        record, parent = self._records[number], self._parents[number]
        is_answer = parent != NOBODY
        inferred = record.basis == "inferred"
        return CommentLine(
            anchor=self._anchor(number),
            label=label_of(record.kind, self._places.positions[number]),
            is_opening=record.kind != "comment",
            name=self._names[record.author_id],
            depth=indent(self._places.depths[number], inferred=inferred),
            posted_at=record.posted_at,
            posted_at_estimated=record.posted_at_estimated,
            is_edited=record.edited_at is not None,
            score=record.score,
            parts=parts_of(
                record.text,
                [asdict(block) for block in record.blocks],
                [asdict(link) for link in record.links],
            ),
            gone=gone_words(record.status),
            answers=self._link(parent) if is_answer else None,
            orphan=str(ORPHAN) if record.reply_to and not is_answer else "",
            evidence=record.evidence if inferred and is_answer else None,
            relations=[self._relation(relation, record) for relation in record.relations],
        )

    def _anchor(self, number: int) -> str:
        return f"{self._prefix}-{number}"

    def _link(self, number: int) -> Link:
        record = self._records[number]
        position, name = self._places.positions[number], self._names[record.author_id]
        return Link(f"#{self._anchor(number)}", words_for(record.kind, position, name))

    def _relation(self, relation: RelationRecord, record: CommentRecord) -> Relation:
        quote = record.text[relation.start : relation.end]
        inferred = relation.basis == "inferred"
        if relation.kind == "mention":
            name = self._names[relation.target_author_id or ""]
            return Relation(mentions(name), quote, inferred, None)
        target = self._numbers.get(relation.target_id or "")
        if target is None:
            return Relation(str(UNREAD), quote, inferred, None)
        link = self._link(target)
        return Relation(quotes(link), quote, inferred, link)
