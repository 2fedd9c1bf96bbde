"""doccano: JSON Lines to import, a file for each question and whoever answered it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import msgspec

from annotations.exporters.dataset import Dataset, QuestionFacts
from annotations.exporters.drawers import drawers
from annotations.exporters.file_names import layer_name
from annotations.exporters.flat import annotation_id
from annotations.exporters.folder import Folder
from annotations.exporters.rows import HUMAN, AnnotationRow, AnswerRow, CommentRow, ThreadRow
from annotations.exporters.softlabels import was_asked

TITLE = "doccano, JSON Lines for each question"
PROJECTS = {
    "span": "sequence_labeling",
    "text": "sequence_to_sequence",
    "single_label": "text_classification",
    "multi_label": "text_classification",
    "rating": "text_classification",
    "number": "text_classification",
}


def write_files(dataset: Dataset, folder: Folder) -> None:
    """Relations are in no file: doccano relates parts of one text alone. Nor are comments
    without words, which it refuses."""
    questions = [one for one in dataset.study.codebook.questions if one.kind in PROJECTS]
    encoder = msgspec.json.Encoder()
    with drawers(folder) as files:
        for thread, comments in dataset.threads():
            rows: Iterator[ThreadRow | CommentRow] = chain([thread], comments)
            for row in rows:
                for said in row.annotations:
                    for name, line in _lines(thread, row, said, questions):
                        files.put(name, encoder.encode(line) + b"\n")


def _lines(
    thread: ThreadRow,
    row: ThreadRow | CommentRow,
    said: AnnotationRow,
    questions: list[QuestionFacts],
) -> Iterator[tuple[str, dict[str, Any]]]:
    """A line for each question that was put, with no label where a person gave none."""
    now = row.text if isinstance(row, CommentRow) else row.title
    text = now if said.text is None else said.text
    if said.state == "skipped" or not text:
        return
    unit = "comment" if isinstance(row, CommentRow) else "thread"
    for question in questions:
        answers = said.about(question.key)
        silent = said.source == HUMAN and was_asked(question, said)
        if question.unit != unit or not (answers or silent):
            continue
        name = f"{PROJECTS[question.kind]}/{question.key}/{layer_name(said)}.jsonl"
        yield (
            name,
            {
                "id": annotation_id(row.id, said),
                "text": text,
                "label": [_label(answer) for answer in answers],
                **_meta(thread, row, said),
            },
        )


def _label(answer: AnswerRow) -> str | list[int | str | None]:
    if answer.kind == "span":
        return [answer.start, answer.end, str(answer.value or answer.question)]
    return str(answer.value)


def _meta(thread: ThreadRow, row: ThreadRow | CommentRow, said: AnnotationRow) -> dict[str, Any]:
    """What doccano keeps beside the text: the same in all lines, for it reads a table."""
    comment = row if isinstance(row, CommentRow) else None
    return {
        "thread_id": thread.id,
        "thread_title": thread.title,
        "comment_id": comment.id if comment else "",
        "reply_to": comment.reply_to if comment else "",
        "author": comment.author if comment else "",
        "language": comment.language if comment else thread.language,
        "split": row.split,
        "source": said.source,
        "annotator": said.annotator,
        "model": said.model,
    }
