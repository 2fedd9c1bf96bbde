"""UIMA CAS XMI for INCEpTION and WebAnno: a file for each part of a thread and annotator."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from annotations.exporters.dataset import Dataset, QuestionFacts
from annotations.exporters.documents import Document, Place, documents
from annotations.exporters.file_names import layer_name
from annotations.exporters.folder import Folder
from annotations.exporters.markup import for_xml
from annotations.exporters.offsets import anchored
from annotations.exporters.rows import AnnotationRow, AnswerRow

if TYPE_CHECKING:  # loaded by those alone who write the format
    from cassis import TypeSystem

TITLE = "UIMA CAS XMI, for INCEpTION"
MANY_FILES = True
# INCEpTION's own prefix: a layer made there by hand under this name has the same type.
PREFIX = "webanno.custom."
COMMENT, THREAD = f"{PREFIX}LabeledComment", f"{PREFIX}LabeledThread"
ANNOTATION = "uima.tcas.Annotation"
STRING, STRINGS = "uima.cas.String", "uima.cas.StringArray"
INTEGER, FLOAT = "uima.cas.Integer", "uima.cas.Float"
FACTS = {
    COMMENT: ("comment_id", "kind", "author", "reply_to"),
    THREAD: ("thread_id", "url"),
}
SAID = ("state", "note", "reason", "skip_reason")
RANGES = {
    "single_label": STRING,
    "text": STRING,
    "rating": FLOAT,
    "number": FLOAT,
    "multi_label": STRINGS,
    "relation": STRINGS,
}


def write_files(dataset: Dataset, folder: Folder) -> None:
    types = _types(dataset.study.codebook.questions)
    folder.add("TypeSystem.xml", types.to_xml().encode())
    for thread, comments in dataset.threads():
        for document in documents(thread, comments):
            for layer in _layers(document):
                content = _Page(types, document, layer).xmi()
                folder.add(f"{layer}/{document.name}.xmi", content.encode())


def layer_type(question: str) -> str:
    """The type of a question's spans or relations: ``part`` is ``webanno.custom.Part``."""
    return f"{PREFIX}{question[:1].upper()}{question[1:]}"


def feature(question: str) -> str:
    """Where a comment's answer stands; without the q, a question could be called ``begin``."""
    return f"q_{question}"


def _types(questions: Sequence[QuestionFacts]) -> TypeSystem:
    from cassis import TypeSystem

    types = TypeSystem()
    for name, facts in FACTS.items():
        types.create_type(name, ANNOTATION)
        for fact in (*facts, *SAID):
            types.create_feature(name, fact, STRING)
        types.create_feature(name, "confidence", INTEGER)
        types.create_feature(name, "spans_left_out", INTEGER)
    for question in questions:
        name = layer_type(question.key)
        about = COMMENT if question.unit == "comment" else THREAD
        if question.kind in RANGES:
            types.create_feature(about, feature(question.key), RANGES[question.kind])
        if question.kind in ("span", "relation"):
            types.create_type(name, ANNOTATION)
            types.create_feature(name, "label", STRING)
        if question.kind == "relation":
            types.create_feature(name, "Governor", COMMENT)
            types.create_feature(name, "Dependent", COMMENT)
    return types


def _layers(document: Document) -> list[str]:
    """Those that say something of it."""
    said = [one for place in document.places for one in place.comment.annotations]
    return sorted({layer_name(one) for one in (*document.of_thread(), *said)})


class _Page:
    """A document with what one annotator, model or layer says in it.

    The ids of its parts are given out in reading order.
    """

    def __init__(self, types: TypeSystem, document: Document, layer: str) -> None:
        self._types = types
        self._document = document
        self._layer = layer
        from cassis import Cas

        self._cas = Cas(types)
        self._cas.sofa_string = for_xml(document.text)
        self._cas.sofa_mime = "text/plain"
        self._marks: dict[str, Any] = {}

    def xmi(self) -> str:
        thread = self._document.thread
        self._cas.document_language = thread.language or "x-unspecified"
        self._cas.get_document_annotation().end = len(self._document.text)
        mark = self._add(THREAD, 0, self._document.title_end, thread_id=thread.id, url=thread.url)
        for said in self._of_layer(self._document.of_thread()):
            self._say(mark, said, said.answers)
        for place in self._document.places:
            self._marks[place.comment.id] = self._comment(place)
        for place in self._document.places:
            for said in self._of_layer(place.comment.annotations):
                self._label(place, said)
        told: str = self._cas.to_xmi()
        return told

    def _of_layer(self, annotations: Sequence[AnnotationRow]) -> list[AnnotationRow]:
        return [one for one in annotations if layer_name(one) == self._layer]

    def _comment(self, place: Place) -> Any:
        comment = place.comment
        return self._add(
            COMMENT,
            place.text,
            place.end,
            comment_id=comment.id,
            kind=comment.kind,
            author=comment.author,
            reply_to=comment.reply_to,
        )

    def _label(self, place: Place, said: AnnotationRow) -> None:
        mark = self._marks[place.comment.id]
        found = anchored(place.comment, said)
        self._say(mark, said, found.answers)
        mark.spans_left_out = found.left_out
        for span in found.spans:
            start, end = place.text + span.start, place.text + span.end
            self._add(layer_type(span.question), start, end, label=span.label)
        for answer in found.answers:
            if answer.kind == "relation":
                self._relate(mark, answer)

    def _say(self, mark: Any, said: AnnotationRow, answers: Sequence[AnswerRow]) -> None:
        for name in SAID:
            mark[name] = for_xml(getattr(said, name)) or None
        mark.confidence = said.confidence
        by_question: dict[str, list[AnswerRow]] = defaultdict(list)
        for answer in answers:
            by_question[answer.question].append(answer)
        for question, given in by_question.items():
            mark[feature(question)] = self._value(given)

    def _value(self, answers: Sequence[AnswerRow]) -> Any:
        told = [for_xml(f"{answer.value} {answer.related}".strip()) for answer in answers]
        match RANGES[answers[0].kind]:
            case "uima.cas.StringArray":
                return self._types.get_type(STRINGS)(elements=told)
            case "uima.cas.Float":
                return float(answers[0].value)
        return told[0]

    def _relate(self, mark: Any, answer: AnswerRow) -> None:
        """Where the other comment stands in the document, which otherwise the feature names."""
        other = self._marks.get(answer.related)
        if other is not None:
            ends = {"Governor": mark, "Dependent": other}
            name = layer_type(answer.question)
            self._add(name, other.begin, other.end, label=str(answer.value), **ends)

    def _add(self, name: str, begin: int, end: int, **features: Any) -> Any:
        told = {
            key: (for_xml(value) or None) if isinstance(value, str) else value
            for key, value in features.items()
        }
        made = self._types.get_type(name)(begin=begin, end=end, **told)
        self._cas.add(made)
        return made
