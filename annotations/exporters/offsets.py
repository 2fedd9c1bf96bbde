"""Where spans stand in the text that a format gives a comment."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from annotations.exporters.rows import AnnotationRow, AnswerRow, CommentRow


@dataclass(frozen=True, slots=True)
class Anchored:
    """An annotation's answers with their spans in the comment's text as it is now.

    ``left_out`` counts the spans that have no place there.
    """

    answers: tuple[AnswerRow, ...]
    left_out: int = 0

    @property
    def spans(self) -> tuple[AnswerRow, ...]:
        return tuple(answer for answer in self.answers if answer.kind == "span")


def anchored(comment: CommentRow, annotation: AnnotationRow) -> Anchored:
    """For formats that have one text for a comment, whenever it was labeled.

    Where the text was changed after it was labeled, a span moves with its quote if that stands
    exactly once in the text of now; else it is left out, as is one whose text is withheld.
    """
    changed = annotation.text is not None and annotation.text != comment.text
    kept = []
    left_out = 0
    for answer in annotation.answers:
        placed = _placed(answer, comment.text, changed) if answer.kind == "span" else answer
        if placed is None:
            left_out += 1
        else:
            kept.append(placed)
    return Anchored(tuple(kept), left_out)


def _placed(span: AnswerRow, text: str, changed: bool) -> AnswerRow | None:
    if not span.quote:
        return None
    if not changed:
        return span if text[span.start : span.end] == span.quote else None
    start = text.find(span.quote)
    if start < 0 or text.find(span.quote, start + 1) >= 0:
        return None
    return replace(span, start=start, end=start + len(span.quote))
