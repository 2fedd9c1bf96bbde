"""What an exporter gets: a study, and its rows in order, as often as it reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace

from msgspec import structs

from annotations.exporters.contents import KEEPS_NAMES_OUT, Contents
from annotations.exporters.rows import CommentRow, Row, ThreadRow

Rows = Generator[Row, None, None]


@dataclass(frozen=True, kw_only=True)
class LabelFacts:
    """One option of a question; ``value`` places it on an ordinal scale, unless ``off_scale``."""

    key: str
    title: str
    definition: str = ""
    example: str = ""
    value: float | None = None
    off_scale: bool = False


@dataclass(frozen=True, kw_only=True)
class QuestionFacts:
    """One question about a ``unit``: comment or thread."""

    key: str
    kind: str
    title: str
    unit: str = "comment"
    help: str = ""
    required: bool = True
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    depends_on: str = ""
    depends_labels: tuple[str, ...] = ()
    labels: tuple[LabelFacts, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CodebookFacts:
    """The version that the labels are of; ``source`` is the YAML that it was loaded from."""

    key: str
    version: int
    title: str
    description: str = ""
    language: str = "en"
    licence: str = ""
    citations: tuple[str, ...] = ()
    guidelines: str = ""
    source: str = ""
    questions: tuple[QuestionFacts, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Annotator:
    """A person as the dataset knows them; ``traits`` are those they agreed to give away."""

    name: str
    role: str = "annotator"
    traits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Study:
    """What all rows share.

    ``method`` is the name of the aggregation that the layer ``aggregated`` is of, with its
    ``method_seed``; "" without that layer.
    """

    campaign: str
    name: str
    description: str = ""
    corpus: str = ""
    corpus_name: str = ""
    corpus_licence: str = ""
    codebook: CodebookFacts
    contents: Contents
    method: str = ""
    method_seed: int | None = None
    annotators: tuple[Annotator, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """``read`` begins anew each time: threads by their source's id, each before its comments,
    those in reading order. Where names must not leave it tells them as well, for privacy to know;
    ``rows`` and ``threads`` never do. Close what they give if you stop early. In ``told`` a format
    counts what whoever uses its file should know, by name."""

    study: Study
    read: Callable[[], Rows]
    told: Counter[str] = field(default_factory=Counter)

    def rows(self) -> Rows:
        if self.study.contents.privacy not in KEEPS_NAMES_OUT:
            return self.read()
        return self._without_names()

    def _without_names(self) -> Rows:
        rows = self.read()
        try:
            for row in rows:
                yield structs.replace(row, named=()) if row.named else row
        finally:
            rows.close()

    def threads(self) -> Iterator[tuple[ThreadRow, Iterator[CommentRow]]]:
        """Each thread with its comments, which are there until the next thread is asked for."""
        rows = self.rows()
        try:
            held = next(rows, None)
            while held is not None:
                assert isinstance(held, ThreadRow)
                following = _Following(rows)
                yield held, following
                for _ in following:
                    pass
                held = following.next_thread
        finally:
            rows.close()

    def through(self, change: Callable[[Row], Row]) -> Dataset:
        """The same dataset with every row changed."""

        def read() -> Rows:
            rows = self.read()
            try:
                for row in rows:
                    yield change(row)
            finally:
                rows.close()

        return replace(self, read=read)


class _Following(Iterator[CommentRow]):
    """The comments up to the next thread, which stays at hand."""

    def __init__(self, rows: Rows) -> None:
        self.next_thread: ThreadRow | None = None
        self._rows: Rows | None = rows

    def __next__(self) -> CommentRow:
        row = next(self._rows, None) if self._rows else None
        if isinstance(row, CommentRow):
            return row
        self._rows, self.next_thread = None, row or self.next_thread
        raise StopIteration
