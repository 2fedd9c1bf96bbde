"""A small study with all that a format must be able to tell, as the exporters get it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from annotations.exporters.contents import Contents
from annotations.exporters.dataset import (
    Annotator,
    CodebookFacts,
    Dataset,
    LabelFacts,
    QuestionFacts,
    Rows,
    Study,
)
from annotations.exporters.rows import AnnotationRow, AnswerRow, CommentRow, Row, ThreadRow

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 1, 12, 5, 30, 250000, tzinfo=UTC)
TEXT = "😀 =2+2 says:\nשלום, it\u00a0costs 2 million. Ask @ada or mail ada@news.example!"
ARABIC = "الجسر يكلف ٣ ملايين 👩\u200d🔧!"
BEFORE = "It costs 1 million."


def label(question: str, value: str | float, kind: str = "single_label") -> AnswerRow:
    return AnswerRow(question=question, kind=kind, value=value)


def span(text: str, quote: str, value: str = "fact") -> AnswerRow:
    start = text.index(quote)
    return AnswerRow(
        question="part",
        kind="span",
        value=value,
        start=start,
        end=start + len(quote),
        quote=quote,
    )


def said(annotator: str, *answers: AnswerRow, **fields: Any) -> AnnotationRow:
    given: dict[str, Any] = {"saved_at": LATER, "submitted_at": LATER, "seconds": 12.5} | fields
    return AnnotationRow(source="human", annotator=annotator, answers=answers, **given)


CODEBOOK = CodebookFacts(
    key="claims",
    version=3,
    title="Claims in comments",
    description="What is claimed, and how it is said.",
    licence="CC-BY-4.0",
    citations=("Doe, J. (2026). Claims in comments.",),
    guidelines="Read the comment *and* what it answers.",
    source="key: claims\nversion: 3\n",
    questions=(
        QuestionFacts(
            key="claim",
            kind="single_label",
            title="Does it make a claim?",
            labels=(
                LabelFacts(key="yes", title="Yes", definition="It can be checked."),
                LabelFacts(key="no", title="No", definition="It cannot."),
            ),
        ),
        QuestionFacts(
            key="reasons",
            kind="multi_label",
            title="What is wrong with it?",
            required=False,
            depends_on="claim",
            depends_labels=("yes",),
            labels=(
                LabelFacts(key="rude", title="Rude"),
                LabelFacts(key="wrong", title="Wrong"),
            ),
        ),
        QuestionFacts(
            key="tone", kind="rating", title="How friendly?", minimum=1, maximum=5, step=1
        ),
        QuestionFacts(key="count", kind="number", title="How many figures?", required=False),
        QuestionFacts(key="why", kind="text", title="Why?", required=False),
        QuestionFacts(
            key="part",
            kind="span",
            title="Which part?",
            required=False,
            labels=(
                LabelFacts(key="fact", title="Fact"),
                LabelFacts(key="opinion", title="Opinion"),
            ),
        ),
        QuestionFacts(
            key="to",
            kind="relation",
            title="To whom?",
            required=False,
            labels=(LabelFacts(key="disagrees", title="Disagrees"),),
        ),
        QuestionFacts(key="mood", kind="text", title="The mood of the thread?", unit="thread"),
    ),
)
STUDY = Study(
    campaign="bridge-study",
    name="The bridge",
    description="Claims about a bridge.",
    corpus="news",
    corpus_name="News comments",
    corpus_licence="CC-BY-NC-4.0",
    codebook=CODEBOOK,
    contents=Contents(
        layers=("human", "aggregated", "adjudication", "gold", "model"),
        method="majority",
        context="thread",
    ),
    method="majority",
    method_seed=1,
    annotators=(
        Annotator(name="A1", traits={"first_language": "German"}),
        Annotator(name="A2"),
    ),
)
ROWS: tuple[Row, ...] = (
    ThreadRow(
        id="t1",
        title='The "old" bridge, and what it costs',
        url="https://news.example/1",
        platform="news",
        language="en",
        started_at=AT,
        split="train",
        annotations=(said("A1", label("mood", "Calm, mostly.", "text")),),
    ),
    CommentRow(
        id="a1",
        kind="article",
        author="u000",
        posted_at=AT,
        language="en",
        text="The bridge is old.\n\nIt costs a lot.",
        split="train",
    ),
    CommentRow(
        id="c1",
        reply_to="a1",
        position=1,
        depth=1,
        author="u123",
        posted_at=AT,
        language="en",
        score=-2,
        text=TEXT,
        sampled=True,
        split="train",
        annotations=(
            said(
                "A1",
                label("claim", "yes"),
                label("reasons", "rude", "multi_label"),
                label("reasons", "wrong", "multi_label"),
                label("tone", 2, "rating"),
                label("count", 2.5, "number"),
                label("why", "=HYPERLINK(1)", "text"),
                span(TEXT, "it\u00a0costs 2 million"),
                span(TEXT, "😀 =2+2", "opinion"),
                AnswerRow(question="to", kind="relation", value="disagrees", related="a1"),
                confidence=2,
                flagged=True,
                note="=HYPERLINK(1)",
                revision=4,
            ),
            said("A2", label("claim", "no"), label("tone", 3, "rating"), span(TEXT, "costs")),
            AnnotationRow(
                source="adjudication",
                annotator="A2",
                saved_at=LATER,
                submitted_at=LATER,
                reason="It can be checked.",
                answers=(label("claim", "yes"), span(TEXT, "it\u00a0costs 2 million")),
            ),
            AnnotationRow(
                source="gold", saved_at=AT, submitted_at=AT, answers=(label("claim", "yes"),)
            ),
            AnnotationRow(
                source="model",
                model="guesser-1",
                certainty=0.75,
                saved_at=AT,
                submitted_at=AT,
                answers=(label("claim", "no"),),
            ),
            AnnotationRow(
                source="aggregated",
                model="majority",
                answers=(label("tone", 2.5, "rating"), span(TEXT, "costs")),
                shares={"claim": {"no": 0.5, "yes": 0.5}, "tone": {"2": 0.5, "3": 0.5}},
            ),
        ),
    ),
    CommentRow(
        id="c2",
        reply_to="c1",
        position=2,
        depth=2,
        author="u456",
        posted_at=LATER,
        language="de",
        text="Nein. Das kostet 2 Millionen.",
        sampled=True,
        split="train",
        annotations=(
            said("A1", label("claim", "yes"), span(BEFORE, "1 million"), text=BEFORE),
            said("A2", state="skipped", submitted_at=None, skip_reason="Not in English"),
        ),
    ),
    ThreadRow(id="t2", title="Another", platform="news", started_at=AT, split="test"),
    CommentRow(
        id="c3",
        reply_to="gone",
        author="u123",
        posted_at=None,
        text="Says who?",
        sampled=True,
        split="test",
        annotations=(said("A2", label("claim", "no"), label("tone", 5, "rating")),),
    ),
    CommentRow(id="c4", reply_to="c3", position=1, depth=1, text="Nobody.", split="test"),
    ThreadRow(id="p5", title="A link", platform="reddit", started_at=AT, split="validation"),
    CommentRow(
        id="p5",
        kind="post",
        author="u789",
        posted_at=AT,
        language="en",
        score=12,
        sampled=True,
        split="validation",
    ),
    CommentRow(
        id="c6",
        reply_to="p5",
        position=1,
        depth=1,
        author="u123",
        posted_at=LATER,
        language="ar",
        text=ARABIC,
        sampled=True,
        split="validation",
        annotations=(
            said(
                "A1",
                label("claim", "yes"),
                label("reasons", "wrong", "multi_label"),
                label("tone", 4, "rating"),
                span(ARABIC, "٣ ملايين", ""),
            ),
            said("A2", label("claim", "yes"), label("tone", 4, "rating")),
        ),
    ),
    CommentRow(
        id="c7",
        reply_to="p5",
        position=2,
        depth=1,
        author="u456",
        posted_at=LATER,
        language="en",
        text="Both of you:\r\n\tread it \u200dagain.",
        sampled=True,
        split="validation",
        annotations=(said("A1", note="Nothing to label here."),),
    ),
)


def dataset(rows: Iterable[Row] = ROWS, **contents: Any) -> Dataset:
    """The study with these rows, which may be read any number of times."""
    kept = tuple(rows)

    def read() -> Rows:
        yield from kept

    study = STUDY
    if contents:
        chosen = Contents.from_json({**STUDY.contents.to_json(), **contents})
        study = replace(STUDY, contents=chosen)
    return Dataset(study, read)


def one_comment(text: str, *annotations: AnnotationRow, **fields: Any) -> Dataset:
    """A thread with a single comment."""
    comment = CommentRow(id="c1", text=text, sampled=True, annotations=annotations, **fields)
    return dataset([ThreadRow(id="t1"), comment])
