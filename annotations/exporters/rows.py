"""What a dataset is made of: threads, their comments, and what was said of each.

    ThreadRow            comes first, then its comments in reading order
    └── CommentRow
        └── AnnotationRow    one annotator's, model's or method's answers; a thread has them, too
            └── AnswerRow    one value: a label, a number, a text, a span, a related comment

Times are UTC, offsets count Unicode code points and exclude their end. A missing text is "".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct

HUMAN, AGGREGATED, ADJUDICATION, GOLD, MODEL = LAYERS = (
    "human",
    "aggregated",
    "adjudication",
    "gold",
    "model",
)


class AnswerRow(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One value that was given; a question with three labels or spans has three.

    ``value`` is the label's key, the number, or the text. A span is ``start:end`` of the text
    that was labeled, and reads ``quote`` there.
    """

    question: str
    kind: str
    value: str | int | float = ""
    start: int | None = None
    end: int | None = None
    quote: str = ""
    related: str = ""


class AnnotationRow(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What one annotator, model or method says of one comment, or of a thread as a whole.

    ``source`` is the layer. ``annotator`` is the An of a person, ``model`` the name of a model, or
    the method of an aggregation. ``text`` is what was labeled, where the comment's source changed
    it later; None where it is the comment's text. ``shares`` are the soft labels of an
    aggregation (0 to 1), by question and key; a question whose answers are tied has shares and no
    answer.
    """

    source: str
    annotator: str = ""
    model: str = ""
    state: str = "submitted"
    revision: int = 1
    saved_at: datetime | None = None
    submitted_at: datetime | None = None
    seconds: float = 0.0
    confidence: int | None = None
    certainty: float | None = None
    flagged: bool = False
    note: str = ""
    skip_reason: str = ""
    reason: str = ""
    rule: str = ""
    text: str | None = None
    answers: tuple[AnswerRow, ...] = ()
    shares: Mapping[str, Mapping[str, float]] = {}

    @property
    def who(self) -> str:
        """Who says it, unique among the annotations of a comment."""
        if self.source == HUMAN:
            return self.annotator
        if self.source in (MODEL, AGGREGATED):
            return f"{self.source}:{self.model}"
        return self.source

    def about(self, question: str) -> tuple[AnswerRow, ...]:
        """The answers to ``question``, in their order."""
        return tuple(answer for answer in self.answers if answer.question == question)


class NamedRow(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A person by the names that the source knows them by; ``author`` as the dataset calls them.

    Where a comment has one with ``start:end``, it is they who are named there in its text, by
    whatever word.
    """

    author: str
    names: tuple[str, ...] = ()
    start: int | None = None
    end: int | None = None


class CommentRow(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="comment"):
    """One comment where it was said. ``sampled`` says that it was to be labeled, and is not only
    here for the context. ``reply_to`` is the id of what it answers, in the dataset or not.
    ``named`` are those mentioned, for privacy; no exporter sees it."""

    id: str
    kind: str = "comment"
    reply_to: str = ""
    position: int = 0
    depth: int = 0
    author: str = ""
    posted_at: datetime | None = None
    language: str = ""
    score: int | None = None
    text: str = ""
    sampled: bool = False
    split: str = ""
    annotations: tuple[AnnotationRow, ...] = ()
    named: tuple[NamedRow, ...] = ()


class ThreadRow(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="thread"):
    """One conversation; ``annotations`` are those of the thread as a whole. ``named`` are its
    authors for privacy, those of comments outside the dataset as well; no exporter sees it."""

    id: str
    title: str = ""
    url: str = ""
    platform: str = ""
    language: str = ""
    started_at: datetime | None = None
    split: str = ""
    annotations: tuple[AnnotationRow, ...] = ()
    named: tuple[NamedRow, ...] = ()


Row = ThreadRow | CommentRow


def said_by(annotations: Iterable[AnnotationRow], source: str) -> list[AnnotationRow]:
    """The submitted ones of one layer."""
    return [one for one in annotations if one.source == source and one.state == "submitted"]
