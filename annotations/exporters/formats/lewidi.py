"""Learning with Disagreements (LeWiDi, SemEval 2023): every vote, soft label and hard label."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import msgspec

from annotations.exporters.dataset import Dataset
from annotations.exporters.folder import Folder
from annotations.exporters.json_object import JsonObject
from annotations.exporters.rows import HUMAN, CommentRow, ThreadRow, said_by
from annotations.exporters.softlabels import Task, decided, tasks, votes
from annotations.exporters.splits import TEST, TRAIN, VALIDATION

TITLE = "Learning with Disagreements (LeWiDi), a dataset a question"
SPLITS = {"": "train", TRAIN: "train", VALIDATION: "dev", TEST: "test"}
TASKS_AT_ONCE = 100
NAMES = ("train", "dev", "test")


def write_files(dataset: Dataset, folder: Folder) -> None:
    """A codebook of more tasks than files can be open is written in several readings."""
    chosen = list(tasks(dataset.study.codebook))
    for first in range(0, len(chosen), TASKS_AT_ONCE):
        _write(dataset, folder, chosen[first : first + TASKS_AT_ONCE])
    people = {one.name: dict(one.traits) for one in dataset.study.annotators if one.traits}
    for task in chosen if people else ():
        name = f"{task.name}_annotators_meta.json"
        folder.add(name, msgspec.json.format(msgspec.json.encode(people)) + b"\n")


def _write(dataset: Dataset, folder: Folder, chosen: list[Task]) -> None:
    with _files(folder, chosen) as files:
        for thread, comments in dataset.threads():
            for task in chosen:
                _add(files, task, thread, thread, None)
            for comment in comments:
                for task in chosen:
                    _add(files, task, comment, thread, comment)


@contextmanager
def _files(folder: Folder, chosen: list[Task]) -> Iterator[dict[tuple[str, str], JsonObject]]:
    with ExitStack() as open_files:
        files = {
            (task.name, name): JsonObject(
                open_files.enter_context(folder.open(f"{task.name}_{name}.json"))
            )
            for task in reversed(chosen)
            for name in reversed(NAMES)
        }
        yield files
        for file in files.values():
            file.close()


def _add(
    files: dict[tuple[str, str], JsonObject],
    task: Task,
    about: ThreadRow | CommentRow,
    thread: ThreadRow,
    comment: CommentRow | None,
) -> None:
    """The item, if it is of the task's kind and people labeled it."""
    if task.question.unit != ("comment" if comment else "thread"):
        return
    given = votes(task, about.annotations)
    if given.by_annotator:
        split = SPLITS[about.split]
        files[task.name, split].add(
            about.id,
            {
                "text": thread.title if comment is None else comment.text,
                "annotation task": task.question.title,
                "number of annotations": len(given.by_annotator),
                "annotations": ",".join(given.by_annotator.values()),
                "annotators": ",".join(given.by_annotator),
                "lang": about.language,
                "hard_label": given.winner or decided(task, about.annotations),
                "soft_label": given.shares,
                "split": split,
                "other_info": _other_info(task, thread, comment),
            },
        )


def _other_info(task: Task, thread: ThreadRow, comment: CommentRow | None) -> dict[str, Any]:
    told: dict[str, Any] = {"thread": thread.id, "title": thread.title, "platform": thread.platform}
    if task.label:
        told["label"] = task.label
    if comment is not None:
        told |= {"reply_to": comment.reply_to, "depth": comment.depth, "kind": comment.kind}
        earlier = {
            one.annotator: one.text for one in said_by(comment.annotations, HUMAN) if one.text
        }
        told |= {"earlier_texts": earlier} if earlier else {}
    return told
