"""brat standoff: a folder for each annotator and layer, a document for each part of a thread."""

from __future__ import annotations

import re
from collections.abc import Iterator

from annotations.exporters.dataset import CodebookFacts, Dataset, QuestionFacts
from annotations.exporters.documents import Document, Place, documents
from annotations.exporters.file_names import layer_name
from annotations.exporters.folder import Folder
from annotations.exporters.offsets import Span, anchored
from annotations.exporters.rows import AnnotationRow, AnswerRow

TITLE = "brat standoff, a document for each thread"
MANY_FILES = True
# brat's own reader ends a line at any of these, others end a field at a tab.
OTHER_BREAKS = str.maketrans(dict.fromkeys("\t\r\v\f\x1c\x1d\x1e\x85\u2028\u2029", " "))
COMMENT, THREAD = "Comment", "Thread"
SPANS_MAY_OVERLAP = "<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>"


def write_files(dataset: Dataset, folder: Folder) -> None:
    codebook = dataset.study.codebook
    folder.add("annotation.conf", _configuration(codebook).encode())
    flags = {question.key for question in codebook.questions if question.kind == "multi_label"}
    for thread, comments in dataset.threads():
        for document in documents(thread, comments):
            text = document.text.translate(OTHER_BREAKS)
            for layer, lines in _by_layer(document, text, flags).items():
                name = f"{layer}/{document.name}"
                folder.add(f"{name}.txt", text.encode())
                folder.add(f"{name}.ann", "".join(lines).encode())


def pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """``start:end`` without its line breaks, for brat's annotations do not go over them."""
    return [
        (start + found.start(), start + found.end())
        for found in re.finditer(r"[^\n]+", text[start:end])
    ]


def _by_layer(document: Document, text: str, flags: set[str]) -> dict[str, list[str]]:
    """The lines of each annotation file, in the order in which the layers come up."""
    notes: dict[str, _Notebook] = {}
    for said in document.of_thread():
        notebook = notes.setdefault(layer_name(said), _Notebook(document, text, flags))
        notebook.add(said, None)
    for place in document.places:
        for said in place.comment.annotations:
            notebook = notes.setdefault(layer_name(said), _Notebook(document, text, flags))
            notebook.add(said, place)
    return {layer: notes[layer].lines for layer in sorted(notes)}


class _Notebook:
    """The annotation file of one annotator or layer in one document."""

    def __init__(self, document: Document, text: str, flags: set[str]) -> None:
        self.lines: list[str] = []
        self._text = text
        self._flags = flags
        self._title_end = document.title_end
        self._places = {place.comment.id: place for place in document.places}
        self._marks: dict[str, str] = {}
        self._numbers: dict[str, int] = {}

    def add(self, said: AnnotationRow, place: Place | None) -> None:
        """The headline stands for the comment, the document's first line for the thread."""
        if place is None:
            mark = self._mark(THREAD, [(0, self._title_end)])
            answers, left_out = said.answers, 0
        else:
            mark = self._comment(place)
            found = anchored(place.comment, said)
            answers, left_out = found.answers, found.left_out
            left_out += sum(not self._span(span, place) for span in found.spans)
        for answer in answers:
            if answer.kind == "relation":
                self._relation(answer, mark)
            else:
                self._label(answer, mark)
        for note in _notes(said, left_out):
            self._note(mark, note)

    def _comment(self, place: Place) -> str:
        known = self._marks.get(place.comment.id)
        if known is None:
            known = self._mark(COMMENT, [(place.start, place.headline_end)])
            self._marks[place.comment.id] = known
        return known

    def _span(self, span: Span, place: Place) -> bool:
        """Whether it stands there: one of nothing but line breaks does not."""
        found = pieces(self._text, place.text + span.start, place.text + span.end)
        if found:
            self._mark(_type_of(span.question, span.label), found)
        return bool(found)

    def _mark(self, name: str, found: list[tuple[int, int]]) -> str:
        where = ";".join(f"{start} {end}" for start, end in found)
        quote = " ".join(self._text[start:end] for start, end in found)
        return self._line("T", f"{name} {where}\t{quote}")

    def _label(self, answer: AnswerRow, mark: str) -> None:
        if answer.question in self._flags:
            self._line("A", f"{_type_of(answer.question, answer.value)} {mark}")
        elif answer.kind in ("single_label", "rating"):
            self._line("A", f"{answer.question} {mark} {answer.value}")
        else:
            self._note(mark, f"{answer.question}: {answer.value}")

    def _relation(self, answer: AnswerRow, mark: str) -> None:
        """A relation that leaves the document is a note."""
        other = self._places.get(answer.related)
        if other is None:
            self._note(mark, f"{answer.question}: {answer.value} {answer.related}")
        else:
            name = _type_of(answer.question, answer.value)
            self._line("R", f"{name} Arg1:{mark} Arg2:{self._comment(other)}")

    def _note(self, mark: str, text: str) -> None:
        self._line("#", f"AnnotatorNotes {mark}\t{' '.join(text.split())}")

    def _line(self, kind: str, content: str) -> str:
        number = self._numbers[kind] = self._numbers.get(kind, 0) + 1
        self.lines.append(f"{kind}{number}\t{content}\n")
        return f"{kind}{number}"


def _notes(said: AnnotationRow, left_out: int) -> Iterator[str]:
    if said.state == "skipped":
        yield f"skipped: {said.skip_reason}"
    if said.note:
        yield f"note: {said.note}"
    if said.reason:
        yield f"reason: {said.reason}"
    if left_out:
        yield f"spans_left_out: {left_out}"


def _type_of(question: str, label: str | float) -> str:
    return f"{question}-{label}" if label != "" else question


def _configuration(codebook: CodebookFacts) -> str:
    """What brat must know to show and edit the annotations."""
    entities, relations, attributes = [COMMENT, THREAD], [SPANS_MAY_OVERLAP], []
    for question in codebook.questions:
        types = [_type_of(question.key, label.key) for label in question.labels]
        with_or_without = [*types, question.key]
        match question.kind:
            case "span":
                entities += with_or_without
            case "relation":
                arguments = f"Arg1:{COMMENT}, Arg2:{COMMENT}"
                relations += [f"{name}\t{arguments}" for name in with_or_without]
            case "multi_label":
                attributes += [f"{name}\tArg:{_about(question)}" for name in types]
            case "single_label" | "rating":
                values = "|".join(_values(question))
                attributes.append(f"{question.key}\tArg:{_about(question)}, Value:{values}")
    parts = {"entities": entities, "relations": relations, "events": [], "attributes": attributes}
    return "\n".join("\n".join([f"[{name}]", *lines, ""]) for name, lines in parts.items())


def _about(question: QuestionFacts) -> str:
    return COMMENT if question.unit == "comment" else THREAD


def _values(question: QuestionFacts) -> list[str]:
    if question.labels:
        return [label.key for label in question.labels]
    low, high, step = question.minimum or 0, question.maximum or 0, question.step or 1
    return [f"{low + step * number:g}" for number in range(int((high - low) / step) + 1)]
