"""PHEME and RumourEval 2019: a folder for each thread of tweets, and the keys of its subtasks."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import IO

import msgspec

from annotations.exporters.dataset import CodebookFacts, Dataset
from annotations.exporters.folder import Folder
from annotations.exporters.json_object import JsonObject
from annotations.exporters.reply_tree import ReplyTree
from annotations.exporters.rows import CommentRow, ThreadRow
from annotations.exporters.softlabels import Task, decided, tasks
from annotations.exporters.splits import TEST, TRAIN, VALIDATION
from annotations.exporters.tweets import opening_tweet, tweet, tweet_number

TITLE = "RumourEval, a folder a thread"
MANY_FILES = True
SPLITS = {"": "train", TRAIN: "train", VALIDATION: "dev", TEST: "test"}
NAMES = ("train", "dev", "test")
STANCES = frozenset({"support", "deny", "query", "comment"})
VERACITIES = frozenset({"true", "false", "unverified"})
A, B = "subtaskaenglish", "subtaskbenglish"


def write_files(dataset: Dataset, folder: Folder) -> None:
    subtasks = _Subtasks.of(dataset.study.codebook)
    with closing(ReplyTree()) as tree, _Keys.opened(folder, subtasks) as keys:
        for thread, comments in dataset.threads():
            writer = _Thread(folder, tree, keys, dataset.study.campaign, thread)
            for comment in comments:
                writer.add(comment)
            writer.close()


@dataclass(frozen=True)
class _Subtasks:
    """Every question of one label, by the name of its key: about stances and veracity first."""

    comments: dict[str, Task]
    threads: dict[str, Task]

    @classmethod
    def of(cls, codebook: CodebookFacts) -> _Subtasks:
        single = [task for task in tasks(codebook) if task.question.kind == "single_label"]
        of_comments = [task for task in single if task.question.unit == "comment"]
        of_threads = [task for task in single if task.question.unit == "thread"]
        return cls(_named(of_comments, A, STANCES), _named(of_threads, B, VERACITIES))


def _named(found: list[Task], name: str, usual: frozenset[str]) -> dict[str, Task]:
    """The tasks by their names; the one with the usual labels, else the first, is the subtask."""
    first = next((task for task in found if usual.issuperset(task.categories)), None)
    chosen = first or next(iter(found), None)
    return {name if task is chosen else task.name: task for task in found}


class _Keys:
    """The labels by the number of what they are of, an object for each subtask and split."""

    def __init__(self, subtasks: _Subtasks, objects: dict[tuple[str, str], JsonObject]) -> None:
        self.subtasks = subtasks
        self._objects = objects

    def add(self, name: str, number: str, label: str, split: str) -> None:
        self._objects[name, SPLITS[split]].add(number, label)

    @classmethod
    @contextmanager
    def opened(cls, folder: Folder, subtasks: _Subtasks) -> Iterator[_Keys]:
        names = list(dict.fromkeys([A, B, *subtasks.comments, *subtasks.threads]))
        with ExitStack() as open_files:
            files: dict[tuple[str, str], IO[bytes]] = {
                (name, split): open_files.enter_context(tempfile.TemporaryFile())
                for name in names
                for split in NAMES
            }
            objects = {place: JsonObject(file) for place, file in files.items()}
            yield cls(subtasks, objects)
            for one in objects.values():
                one.close()
            for split in NAMES:
                _write_key(folder, split, {name: files[name, split] for name in (A, B)})
                for name in names[2:]:
                    with folder.open(f"{name}-{split}.json") as target:
                        _copy(files[name, split], target)


def _write_key(folder: Folder, split: str, parts: dict[str, IO[bytes]]) -> None:
    with folder.open(f"{split}-key.json") as target:
        between = b"{"
        for name, part in parts.items():
            target.write(between + msgspec.json.encode(name) + b": ")
            _copy(part, target)
            between = b", "
        target.write(b"}\n")


def _copy(file: IO[bytes], target: IO[bytes]) -> None:
    file.seek(0)
    shutil.copyfileobj(file, target)


class _Thread:
    """The files of one thread, whose folder is called by its source."""

    def __init__(
        self, folder: Folder, tree: ReplyTree, keys: _Keys, event: str, thread: ThreadRow
    ) -> None:
        self._folder, self._tree, self._keys, self._event = folder, tree, keys, event
        self._row = thread
        self._source = ""

    def add(self, comment: CommentRow) -> None:
        number = tweet_number(comment.id)
        encoded = msgspec.json.encode(tweet(comment, self._row))
        if not self._source and comment.position == 0 and not comment.reply_to:
            self._open(number, encoded)
        else:
            self._require_source()
            parent = tweet_number(comment.reply_to) if comment.reply_to else self._source
            self._tree.add(number, parent)
            self._folder.add(self._path(f"replies/{number}.json"), encoded)
        for name, task in self._keys.subtasks.comments.items():
            if label := decided(task, comment.annotations):
                self._keys.add(name, number, label, comment.split)

    def close(self) -> None:
        self._require_source()
        with self._folder.open(self._path("structure.json")) as file:
            file.writelines(self._tree.written())
        found = {}
        for name, task in self._keys.subtasks.threads.items():
            if label := decided(task, self._row.annotations):
                found[task.name] = label
                self._keys.add(name, self._source, label, self._row.split)
        if found:
            self._folder.add(self._path("annotation.json"), msgspec.json.encode(found))

    def _require_source(self) -> None:
        """A thread whose opening is not in the dataset is opened by its title."""
        if not self._source:
            opening = opening_tweet(self._row)
            self._open(opening["id_str"], msgspec.json.encode(opening))

    def _open(self, number: str, encoded: bytes) -> None:
        self._source = number
        self._tree.begin(number)
        self._folder.add(self._path(f"source-tweet/{number}.json"), encoded)

    def _path(self, name: str) -> str:
        return f"{self._event}/{self._source}/{name}"
