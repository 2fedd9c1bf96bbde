"""Reddit's own answers as JSON: pages of comments, listings, and the answers to "more".

One answer a file (``/comments/ID.json``, ``/api/morechildren``), a list of them, or one a line.
Replies nest in their comments, and stubs (``more``) stand for those that were not sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from importers.json_fields import Notes, id_in, list_in, number_in, object_in, text_in
from importers.json_stream import JsonText
from importers.json_text import REPLACED, decode_json
from importers.options import refuse_options
from importers.records import CommentRecord, Record, RecordError, ThreadRecord
from importers.reddit import comment_record, linked_thread, submission_records
from importers.source import Source

TITLE = "Reddit listing (JSON of a page of comments)"
THINGS = frozenset({"t1", "t3", "more"})
LOOKED_AT = 20


def detect(source: Source) -> float:
    """0.97 for listings with comments or submissions."""
    return 0.97 if any(map(_is_answer, source.outline.values[:LOOKED_AT])) else 0.0


def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    """Yield threads, openings and comments, each comment before its replies.

    The file is read twice: first to count what it lacks. Raises InvalidInput for options,
    UnreadableFile for JSON that is broken.
    """
    refuse_options(options, TITLE)
    survey = _Survey()
    for answer in _answers(source, Notes()):
        if isinstance(answer, _Answer):
            survey.take(answer.value)
    reader = _Reader(survey)
    for answer in _answers(source, reader.notes):
        if isinstance(answer, RecordError):
            yield answer
        else:
            yield from reader.records(answer)
    yield from reader.notes.records()


@dataclass(frozen=True, slots=True)
class _Answer:
    """What Reddit answered to one question; ``line`` is known only of JSON Lines."""

    value: Any
    line: int | None = None


def _answers(source: Source, notes: Notes) -> Iterator[_Answer | RecordError]:
    if source.outline.shape != "lines":
        text = JsonText(source)
        if source.outline.shape == "array":
            yield from map(_Answer, text.elements())
        else:
            yield _Answer(dict(text.members()))
        notes[REPLACED] += text.replaced
        return
    for line in source.lines():
        if isinstance(line, RecordError):
            yield line
        elif not line.text.isspace():
            try:
                decoded = decode_json(line.text)
            except ValueError as error:
                yield RecordError(line.number, f"The line was left out. {error}")
                continue
            notes[REPLACED] += decoded.replaced
            yield _Answer(decoded.value, line.number)


def _things(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The things of an answer by kind, in reading order, without their replies; "" for no thing."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += reversed(value)
            continue
        thing = object_in(value)
        data = object_in(thing.get("data"))
        if thing.get("kind") == "Listing":
            waiting += reversed(list_in(data.get("children")))
        elif "json" in thing:
            waiting += reversed(
                list_in(object_in(object_in(thing["json"]).get("data")).get("things"))
            )
        elif "kind" in thing and data:
            if data.get("replies"):
                waiting.append(data["replies"])
            yield text_in(thing["kind"]), {k: v for k, v in data.items() if k != "replies"}
        else:
            yield "", {}


@dataclass(frozen=True, slots=True)
class _Stub:
    """``count`` comments that were not sent, among them ``children``, the ids of the first."""

    thread: str
    parent: str
    count: int
    children: tuple[str, ...]


@dataclass
class _Survey:
    """The threads of a file, the ids of its comments, and what its stubs say that it lacks."""

    thread: str = ""
    threads: dict[str, ThreadRecord] = field(default_factory=dict)
    comments: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    stubs: list[_Stub] = field(default_factory=list)

    def take(self, value: Any) -> None:
        for kind, data in _things(value):
            try:
                if kind == "t3":
                    record = submission_records(data, Notes())[0]
                    self.thread = record.id
                    self.threads[record.id] = record
                elif kind == "t1":
                    self._comment(data)
                elif kind == "more":
                    self._stub(data)
            except ValueError:
                continue  # the reader says so when it comes to it

    def _comment(self, data: dict[str, Any]) -> None:
        self.comments.add(id_in(data.get("id")).removeprefix("t1_"))
        self.answered.add(text_in(data.get("parent_id")))
        self.thread = text_in(data.get("link_id")) or self.thread
        if (record := linked_thread(data)) is not None:
            self.threads.setdefault(record.id, record)

    def _stub(self, data: dict[str, Any]) -> None:
        parent = text_in(data.get("parent_id"))
        thread = parent if parent.startswith("t3_") else self.thread
        children = tuple(map(id_in, list_in(data.get("children"))))
        count = number_in(data.get("count")) or 0
        self.stubs.append(_Stub(thread, parent, max(count, 0), children))

    def missing(self) -> Counter[str]:
        """How many comments each thread lacks.

        A stub counts all that are below its children, and is taken at its word as long as none
        of these is in the file; else only those count that no later stub names again. A stub
        without children, "continue this thread", stands for at least one comment.
        """
        missing: Counter[str] = Counter()
        named: set[str] = set()
        for stub in reversed(self.stubs):
            absent = [id for id in stub.children if id not in self.comments and id not in named]
            named.update(absent)
            if not stub.children:
                missing[stub.thread] += 0 if stub.parent in self.answered else max(stub.count, 1)
            elif len(absent) == len(stub.children):
                missing[stub.thread] += max(stub.count, len(absent))
            else:
                missing[stub.thread] += len(absent)
        return missing


class _Reader:
    """Gives every thread before its first comment."""

    def __init__(self, survey: _Survey) -> None:
        missing = survey.missing()
        self.notes = Notes()
        self.threads = {
            id: replace(record, missing=missing.pop(id, 0)) for id, record in survey.threads.items()
        }
        self.notes["missing comments of threads whose submission is not in the file"] = (
            missing.total()
        )

    def records(self, answer: _Answer) -> Iterator[Record]:
        for kind, data in _things(answer.value):
            try:
                if kind == "t3":
                    yield from self._told(submission_records(data, self.notes, answer.line)[1])
                elif kind == "t1":
                    yield from self._told(comment_record(data, self.notes, answer.line))
                elif kind != "more":
                    self.notes["things left out that are neither comments nor submissions"] += 1
            except ValueError as error:
                id = id_in(data.get("id"))[:60]
                name = f"{'Comment' if kind == 't1' else 'Submission'} {id or 'without an id'}"
                yield RecordError(answer.line, f"{name} was left out. {error}")

    def _told(self, comment: CommentRecord) -> Iterator[Record]:
        if (thread := self.threads.pop(comment.thread_id, None)) is not None:
            yield thread
        yield comment


def _is_answer(value: Any) -> bool:
    """Whether the first things of an answer are comments, submissions or stubs."""
    return any(kind in THINGS for kind, _ in islice(_things(value), LOOKED_AT))
