"""Label Studio: the tasks with their annotations and predictions, and the labeling interface."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import msgspec

from annotations.exporters.cells import cell
from annotations.exporters.context import with_context
from annotations.exporters.dataset import Dataset, QuestionFacts
from annotations.exporters.folder import Folder
from annotations.exporters.markup import for_xml
from annotations.exporters.offsets import Anchored, anchored
from annotations.exporters.rows import (
    ADJUDICATION,
    AGGREGATED,
    GOLD,
    MODEL,
    AnnotationRow,
    AnswerRow,
    CommentRow,
    ThreadRow,
)

TITLE = "Label Studio, tasks and labeling interface"

Item = dict[str, Any]


def write_files(dataset: Dataset, folder: Folder) -> None:
    questions = dataset.study.codebook.questions
    folder.add("config.xml", _interface(questions))
    encoder = msgspec.json.Encoder()
    with folder.open("tasks.json") as file:
        between = b"[\n"
        for task in _tasks(dataset):
            file.write(between + encoder.encode(task))
            between = b",\n"
        file.write(b"\n]\n" if between == b",\n" else b"[]\n")


def _tasks(dataset: Dataset) -> Iterator[Item]:
    """One for each comment, or thread as a whole, that somebody said something of."""
    shown = {question.key: question for question in dataset.study.codebook.questions}
    for thread, comments in dataset.threads():
        where = {
            "thread_id": thread.id,
            "thread_title": thread.title,
            "thread_url": thread.url,
            "platform": thread.platform,
        }
        if thread.annotations:
            whole = CommentRow(id="", text=thread.title, split=thread.split)
            about = {**where, **_thread_part(thread)}
            yield _task(about, whole, thread.annotations, shown)
        for comment, above in with_context(comments):
            if comment.annotations:
                about = {**where, **_comment_part(comment, above)}
                yield _task(about, comment, comment.annotations, shown)


def _task(
    data: Item,
    comment: CommentRow,
    said: Sequence[AnnotationRow],
    questions: dict[str, QuestionFacts],
) -> Item:
    annotations, predictions = [], []
    left_out = 0
    for one in said:
        placed = anchored(comment, one)
        left_out += placed.left_out
        result = _result(placed, questions)
        if one.source in (MODEL, AGGREGATED):
            predictions.append(_prediction(one, result))
        else:
            annotations.append(_annotation(one, result))
    return {
        "data": {**data, "spans_left_out": left_out},
        "annotations": annotations,
        "predictions": predictions,
    }


def _annotation(said: AnnotationRow, result: list[Item]) -> Item:
    """Who it is by, Label Studio knows by the address of an account. It takes every annotation
    for the truth that does not say that it is none."""
    name = said.annotator.lower() or said.source
    return {
        "completed_by": {"email": f"{name}@annotators.invalid"},
        "ground_truth": said.source in (GOLD, ADJUDICATION),
        "was_cancelled": said.state == "skipped",
        "lead_time": said.seconds,
        "created_at": _time(said.submitted_at or said.saved_at),
        "updated_at": _time(said.saved_at),
        "result": result,
    }


def _prediction(said: AnnotationRow, result: list[Item]) -> Item:
    version = said.model if said.source == MODEL else said.who
    return {"model_version": version, "score": said.certainty, "result": result}


def _result(placed: Anchored, questions: dict[str, QuestionFacts]) -> list[Item]:
    by_question: dict[str, list[AnswerRow]] = {}
    for answer in placed.answers:
        by_question.setdefault(answer.question, []).append(answer)
    items = [
        {"id": key, "from_name": key, "to_name": "text", **_value(answers, questions.get(key))}
        for key, answers in by_question.items()
        if not _is_between_stars(answers[0], questions.get(key))
    ]
    for number, span in enumerate(placed.spans, start=1):
        place = {"start": span.start, "end": span.end, "text": span.quote, "labels": [span.tag]}
        named = {"id": f"span_{number}", "from_name": span.question, "to_name": "text"}
        items.append({**named, "type": "labels", "value": place})
    return items


def _value(answers: list[AnswerRow], question: QuestionFacts | None) -> Item:
    first = answers[0]
    match first.kind:
        case "single_label" | "multi_label":
            chosen = [str(answer.value) for answer in answers]
            return {"type": "choices", "value": {"choices": chosen}}
        case "rating" if question is not None and _has_stars(question):
            return {"type": "rating", "value": {"rating": first.value}}
        case "rating" | "number":
            return {"type": "number", "value": {"number": first.value}}
        case _:
            told = [f"{answer.value} {answer.related}".strip() for answer in answers]
            return {"type": "textarea", "value": {"text": told}}


def _comment_part(comment: CommentRow, above: Sequence[CommentRow]) -> Item:
    return {
        "unit": "comment",
        "comment_id": comment.id,
        "comment_kind": comment.kind,
        "reply_to": comment.reply_to,
        "author": comment.author,
        "posted_at": _time(comment.posted_at),
        "language": comment.language,
        "split": comment.split,
        "text": comment.text,
        "context": [{"id": one.id, "author": one.author or "?", "text": one.text} for one in above],
    }


def _thread_part(thread: ThreadRow) -> Item:
    return {
        "unit": "thread",
        "comment_id": "",
        "language": thread.language,
        "split": thread.split,
        "text": thread.title,
        "context": [],
    }


def _time(value: datetime | None) -> str | None:
    return cell(value) or None


def _has_stars(question: QuestionFacts) -> bool:
    """Label Studio's stars count from 1 by 1."""
    return question.minimum == 1 and question.step == 1 and bool(question.maximum)


def _is_between_stars(answer: AnswerRow, question: QuestionFacts | None) -> bool:
    """As a median may be; Label Studio takes whole stars alone."""
    between = isinstance(answer.value, float) and not answer.value.is_integer()
    return between and question is not None and _has_stars(question)


def _interface(questions: Sequence[QuestionFacts]) -> bytes:
    view = ElementTree.Element("View")
    context = ElementTree.SubElement(view, "Paragraphs", name="context", value="$context")
    context.attrib |= {"layout": "dialogue", "nameKey": "author", "textKey": "text"}
    ElementTree.SubElement(view, "Text", name="text", value="$text", granularity="symbol")
    for question in questions:
        _add_control(view, question)
    ElementTree.indent(view)
    told: bytes = ElementTree.tostring(view, encoding="utf-8")
    return told + b"\n"


def _add_control(view: ElementTree.Element, question: QuestionFacts) -> None:
    asked = question.title if question.unit == "comment" else f"{question.title} ({question.unit})"
    ElementTree.SubElement(view, "Header", value=for_xml(asked))
    tag, fields = _control(question)
    named = {"name": question.key, "toName": "text", **fields}
    control = ElementTree.SubElement(view, tag, named)
    option = {"Choices": "Choice", "Labels": "Label"}.get(tag)
    if option is None:
        return
    for label in question.labels:
        hint = ". ".join(filter(None, (label.title, label.definition)))
        ElementTree.SubElement(control, option, value=label.key, hint=for_xml(hint))
    if question.kind == "span":
        ElementTree.SubElement(control, option, value=question.key, hint="Without a label")


def _control(question: QuestionFacts) -> tuple[str, dict[str, str]]:
    match question.kind:
        case "span":
            return "Labels", {}
        case "single_label" | "multi_label":
            several = question.kind == "multi_label"
            return "Choices", {"choice": "multiple" if several else "single"}
        case "rating" if _has_stars(question):
            return "Rating", {"maxRating": f"{question.maximum:g}"}
        case "rating" | "number":
            limits = {"min": question.minimum, "max": question.maximum, "step": question.step}
            given = {name: limit for name, limit in limits.items() if limit is not None}
            return "Number", {name: f"{limit:g}" for name, limit in given.items()}
        case _:
            return "TextArea", {"maxSubmissions": "20"}
