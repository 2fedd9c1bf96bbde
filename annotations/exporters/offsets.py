"""Where spans stand in the text that a format gives a comment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from annotations.exporters.rows import AnnotationRow, AnswerRow, CommentRow


class Span(NamedTuple):
    """``start:end`` of a text, in code points; a question without labels has the ``label`` ""."""

    question: str
    label: str
    start: int
    end: int
    quote: str

    @property
    def tag(self) -> str:
        """What it is called where the question is known."""
        return self.label or self.question


@dataclass(frozen=True, slots=True)
class Anchored:
    """An annotation's answers, and apart from them its spans in the comment's text as it is now.

    ``left_out`` counts the spans that have no place there.
    """

    answers: tuple[AnswerRow, ...]
    spans: tuple[Span, ...]
    left_out: int = 0

    def about(self, question: str) -> tuple[Span, ...]:
        return tuple(span for span in self.spans if span.question == question)


def anchored(comment: CommentRow, annotation: AnnotationRow) -> Anchored:
    """For formats that have one text for a comment, whenever it was labeled.

    Where the text was changed after it was labeled, a span moves with its quote if that stands
    exactly once in the text of now; else it is left out, as is one whose text is withheld.
    """
    changed = annotation.text is not None and annotation.text != comment.text
    marked = [answer for answer in annotation.answers if answer.kind == "span"]
    placed = [_placed(answer, comment.text, changed) for answer in marked]
    spans = tuple(span for span in placed if span is not None)
    others = tuple(answer for answer in annotation.answers if answer.kind != "span")
    return Anchored(others, spans, len(marked) - len(spans))


def _placed(answer: AnswerRow, text: str, changed: bool) -> Span | None:
    quote = answer.quote
    start = text.find(quote) if changed else answer.start
    if not quote or start is None or start < 0:
        return None
    end = start + len(quote)
    if text[start:end] != quote or (changed and text.find(quote, start + 1) >= 0):
        return None
    return Span(answer.question, str(answer.value), start, end, quote)
