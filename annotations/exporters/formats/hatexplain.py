"""HateXplain: the posts as tokens, each annotator's label, and what they marked as their reason."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import IO, Any

import msgspec

from annotations.exporters.dataset import CodebookFacts, Dataset, QuestionFacts
from annotations.exporters.folder import Folder
from annotations.exporters.json_object import JsonObject
from annotations.exporters.rows import HUMAN, AnnotationRow, CommentRow, said_by
from annotations.exporters.softlabels import Task, tasks
from annotations.exporters.splits import TEST, TRAIN, VALIDATION
from annotations.exporters.tokens import Token, aligned, tokens

TITLE = "HateXplain, labels and rationales on tokens"
SPLITS = {"": "train", TRAIN: "train", VALIDATION: "val", TEST: "test"}
NAMES = ("train", "val", "test")
NO_TARGET = ["None"]


def write_files(dataset: Dataset, folder: Folder) -> None:
    codebook = dataset.study.codebook
    chosen = [one for one in tasks(codebook) if one.question.kind == "single_label"]
    targets = _targets(codebook)
    with ExitStack() as open_files:
        files = [
            (task, open_files.enter_context(_Files.opened(folder, task.name)))
            for task in reversed(chosen)
            if task.question.unit == "comment"
        ]
        for row in dataset.rows():
            if isinstance(row, CommentRow):
                for task, file in files:
                    if labeled := _labeled(task, row):
                        file.add(row, _post(targets, row, labeled))


def _targets(codebook: CodebookFacts) -> str:
    """The question whose labels are the targets: the one called so, else the first of many
    labels; "" where there is none."""
    found = [one.key for one in codebook.questions if _is_of_comments(one, "multi_label")]
    called = [key for key in found if key in ("target", "targets")]
    return next(iter([*called, *found]), "")


def _is_of_comments(question: QuestionFacts, kind: str) -> bool:
    return question.kind == kind and question.unit == "comment"


def _labeled(task: Task, comment: CommentRow) -> list[tuple[AnnotationRow, str]]:
    """The people's annotations that answer the question, with their labels."""
    found = ((one, task.choice(one)) for one in said_by(comment.annotations, HUMAN))
    return [(one, label) for one, label in found if label]


def _post(
    targets: str, comment: CommentRow, labeled: list[tuple[AnnotationRow, str]]
) -> dict[str, Any]:
    cut = tokens(comment.text)
    rationales = [_rationale(one, cut) for one, _ in labeled if one.text is None]
    return {
        "post_id": comment.id,
        "annotators": [
            {
                "label": label,
                "annotator_id": int(one.annotator.removeprefix("A")),
                "target": [answer.value for answer in one.about(targets)] or NO_TARGET,
            }
            for one, label in labeled
        ],
        "rationales": [one for one in rationales if any(one)],
        "post_tokens": [comment.text[token.start : token.end] for token in cut],
    }


def _rationale(annotation: AnnotationRow, cut: list[Token]) -> list[int]:
    """1 for each token that a span of the annotation touches."""
    mask = [0] * len(cut)
    for answer in annotation.answers:
        if answer.kind != "span" or answer.start is None or answer.end is None:
            continue
        if place := aligned(cut, answer.start, answer.end):
            mask[place.first : place.last] = [1] * (place.last - place.first)
    return mask


class _Files:
    """The posts of a question, and which of them are in which split."""

    def __init__(self, posts: JsonObject, divisions: Mapping[str, IO[bytes]]) -> None:
        self._posts, self._divisions = posts, divisions

    def add(self, comment: CommentRow, post: dict[str, Any]) -> None:
        self._posts.add(comment.id, post)
        division = self._divisions[SPLITS[comment.split]]
        between = b",\n" if division.tell() else b"\n"
        division.write(between + msgspec.json.encode(comment.id))

    @classmethod
    @contextmanager
    def opened(cls, folder: Folder, name: str) -> Iterator[_Files]:
        with ExitStack() as open_files:
            parts = {one: open_files.enter_context(tempfile.TemporaryFile()) for one in NAMES}
            with folder.open(f"{name}/dataset.json") as file:
                posts = JsonObject(file)
                yield cls(posts, parts)
                posts.close()
            with folder.open(f"{name}/post_id_divisions.json") as file:
                _write_divisions(file, parts)


def _write_divisions(file: IO[bytes], parts: Mapping[str, IO[bytes]]) -> None:
    between = b"{"
    for name, part in parts.items():
        part.seek(0)
        file.write(between + msgspec.json.encode(name) + b": [")
        shutil.copyfileobj(part, file)
        between = b"],\n"
    file.write(b"]}\n")
