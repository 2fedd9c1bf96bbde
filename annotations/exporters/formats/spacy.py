"""spaCy: DocBin files of each layer, a doc for each comment."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from annotations.exporters.annotation_lines import answers_by_question
from annotations.exporters.dataset import Dataset, QuestionFacts
from annotations.exporters.file_names import layer_name
from annotations.exporters.folder import Folder
from annotations.exporters.offsets import anchored
from annotations.exporters.rows import HUMAN, AnnotationRow, CommentRow, ThreadRow
from annotations.exporters.softlabels import was_asked
from annotations.exporters.stored import stored

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Span

TITLE = "spaCy, DocBin files"
REQUIRES = "spacy"
MOST_DOCS = 1_000
MOST_CHARACTERS = 500_000
# Their tokenizers are libraries that are not there everywhere.
NEEDS_MORE = ("ja", "ko", "th", "vi")
ANY_LANGUAGE = "xx"
NOT_SPLIT = "all"


def write_files(dataset: Dataset, folder: Folder) -> None:
    questions = dataset.study.codebook.questions
    shards: dict[str, _Shard] = {}
    pipelines = _Pipelines()
    for thread, comments in dataset.threads():
        for comment in comments:
            for layer, said in _by_layer(comment.annotations).items():
                doc = _doc(pipelines.of(comment.language), thread, comment, said, questions)
                name = f"{layer}/{comment.split or NOT_SPLIT}"
                shards.setdefault(name, _Shard(name)).add(doc, folder)
    for name in sorted(shards):
        shards[name].close(folder)


class _Pipelines:
    """Blank pipelines by language. Each remembers every word that it met, so they are made anew
    from time to time."""

    def __init__(self) -> None:
        self._known: dict[str, Language] = {}
        self._docs = 0

    def of(self, language: str) -> Language:
        if self._docs >= 20 * MOST_DOCS:
            self._known.clear()
            self._docs = 0
        self._docs += 1
        if language not in self._known:
            self._known[language] = _blank(language)
        return self._known[language]


class _Shard:
    """The DocBin that is being filled of one layer and split."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._number = 0
        self._begin()

    def add(self, doc: Doc, folder: Folder) -> None:
        self._bin.add(doc)
        self._characters += len(doc.text)
        if len(self._bin) >= MOST_DOCS or self._characters >= MOST_CHARACTERS:
            self.close(folder)

    def close(self, folder: Folder) -> None:
        if len(self._bin):
            content = stored(zlib.decompress(self._bin.to_bytes()))
            folder.add(f"{self._name}-{self._number:05}.spacy", content)
            self._number += 1
            self._begin()

    def _begin(self) -> None:
        from spacy.tokens import DocBin

        self._bin = DocBin(attrs=["ORTH"], store_user_data=True)
        self._characters = 0


def _blank(language: str) -> Language:
    import spacy

    code = language.partition("-")[0].lower()
    try:
        pipeline = spacy.blank(ANY_LANGUAGE if code in ("", *NEEDS_MORE) else code)
    except ImportError:
        pipeline = spacy.blank(ANY_LANGUAGE)
    pipeline.max_length = sys.maxsize
    return pipeline


def _by_layer(annotations: Sequence[AnnotationRow]) -> dict[str, list[AnnotationRow]]:
    """What was submitted: of all people together, of each model and other layer apart."""
    found: dict[str, list[AnnotationRow]] = {}
    for one in annotations:
        if one.state == "submitted":
            layer = HUMAN if one.source == HUMAN else layer_name(one)
            found.setdefault(layer, []).append(one)
    return found


def _doc(
    pipeline: Language,
    thread: ThreadRow,
    comment: CommentRow,
    said: Sequence[AnnotationRow],
    questions: Sequence[QuestionFacts],
) -> Doc:
    doc = pipeline.make_doc(comment.text)
    asked = [question for question in questions if question.unit == "comment"]
    found: dict[str, list[Span]] = {one.key: [] for one in asked if one.kind == "span"}
    grown = left_out = 0
    for one in said:
        placed = anchored(comment, one)
        left_out += placed.left_out
        for mark in placed.spans:
            span = doc.char_span(mark.start, mark.end, mark.tag, 0, None, "expand", one.who)
            if span is None:
                left_out += 1
            else:
                grown += (span.start_char, span.end_char) != (mark.start, mark.end)
                found.setdefault(mark.question, []).append(span)
    for question, spans in found.items():
        doc.spans[question] = spans
    doc.cats = dict(_cats(said, asked))
    changes = {"spans_grown": grown, "spans_left_out": left_out}
    doc.user_data |= {**_user_data(thread, comment, said), **changes}
    return doc


def _cats(
    said: Sequence[AnnotationRow], questions: Sequence[QuestionFacts]
) -> Iterator[tuple[str, float]]:
    """Of each label the share of those who gave it among those who were asked, or the share
    that the aggregation gives it."""
    for question in questions:
        if question.kind not in ("single_label", "multi_label"):
            continue
        opinions = [one for one in (_opinion(one, question) for one in said) if one is not None]
        for label in question.labels if opinions else ():
            share = sum(opinion.get(label.key, 0.0) for opinion in opinions) / len(opinions)
            yield f"{question.key}={label.key}", share


def _opinion(said: AnnotationRow, question: QuestionFacts) -> dict[str, float] | None:
    """None where the question was not put, or one that asks for a label has none."""
    if question.key in said.shares:
        return dict(said.shares[question.key])
    given = {str(answer.value): 1.0 for answer in said.about(question.key)}
    if given:
        return given
    several = question.kind == "multi_label" and said.source == HUMAN
    return {} if several and was_asked(question, said) else None


def _user_data(
    thread: ThreadRow, comment: CommentRow, said: Sequence[AnnotationRow]
) -> dict[str, Any]:
    return {
        "thread_id": thread.id,
        "comment_id": comment.id,
        "reply_to": comment.reply_to,
        "author": comment.author,
        "language": comment.language,
        "split": comment.split,
        "answers": {one.who: answers_by_question(one.answers) for one in said},
    }
