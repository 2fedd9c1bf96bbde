"""Texts with spans in them, for Hypothesis."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

from annotations.exporters.rows import AnswerRow

# Each example writes a file, which takes as long as the disk does.
FEW = settings(max_examples=50, deadline=None)
# Letters, a pair in UTF-16, a mark that joins the letter before it, what ends a line, and what
# XML and JSON must escape.
HARD = "ab1 😀\u0301\r\n\t\u2028<&\"\\'אし"


def span_of(text: str, start: int, end: int, value: str = "fact") -> AnswerRow:
    return AnswerRow(
        question="part", kind="span", value=value, start=start, end=end, quote=text[start:end]
    )


@st.composite
def marked(
    draw: st.DrawFn, alphabet: str = HARD, largest: int = 40
) -> tuple[str, tuple[AnswerRow, ...]]:
    """A text that is not empty, and one to three spans of it."""
    text = draw(st.text(alphabet=alphabet, min_size=1, max_size=largest))
    spans = []
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text) - 1))
        spans.append(span_of(text, start, draw(st.integers(start + 1, len(text)))))
    return text, tuple(spans)
