"""CoNLL-U Plus: a token a line, BIO tags of each question and annotator in a column."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import pairwise
from typing import IO

import msgspec
from msgspec import Struct

from annotations.exporters.bio import tagged
from annotations.exporters.dataset import Dataset, QuestionFacts
from annotations.exporters.file_names import layer_name
from annotations.exporters.folder import Folder
from annotations.exporters.offsets import anchored
from annotations.exporters.rows import HUMAN, CommentRow, ThreadRow
from annotations.exporters.softlabels import was_asked
from annotations.exporters.tokens import Token, tokens

TITLE = "CoNLL, a token a line with BIO tags"
NOT_LABELED = "_"
NOT_SPLIT = "all"


class _Comment(Struct, array_like=True):
    """A comment until the columns of its file are known: its sentences, and tags by column."""

    lines: list[list[str]]
    words: list[list[str]]
    tags: dict[str, list[str]]


def write_files(dataset: Dataset, folder: Folder) -> None:
    """A file for each split. Who labeled is known at the end alone, so comments wait on the
    disk until then."""
    questions = [one for one in dataset.study.codebook.questions if one.kind == "span"]
    order = [question.key for question in questions]
    encoder = msgspec.json.Encoder()
    files: dict[str, _Waiting] = {}
    with ExitStack() as stack:
        for thread, comments in dataset.threads():
            for comment in comments:
                said = any(one.state == "submitted" for one in comment.annotations)
                if not said or not comment.text.strip():
                    continue
                split = comment.split or NOT_SPLIT
                if split not in files:
                    aside = stack.enter_context(tempfile.TemporaryFile(dir=folder.beside))
                    files[split] = _Waiting(aside)
                waiting = files[split]
                told = _told(thread, comment, questions, waiting.columns)
                waiting.file.write(encoder.encode(told) + b"\n")
        for split in sorted(files) or [NOT_SPLIT]:
            with folder.open(f"{split}.conllup") as target:
                if split in files:
                    files[split].write_to(target, order)


class _Waiting:
    """The comments of one file, and the columns that they have come to need."""

    def __init__(self, file: IO[bytes]) -> None:
        self.columns: set[tuple[str, str]] = set()
        self.file = file

    def write_to(self, target: IO[bytes], order: list[str]) -> None:
        """``order`` is that of the questions."""
        ordered = sorted(self.columns, key=lambda one: (order.index(one[0]), one[1]))
        columns = [_column(*one) for one in ordered]
        head = " ".join(["ID", "FORM", *columns, "MISC"])
        target.write(f"# global.columns = {head}\n".encode())
        decoder = msgspec.json.Decoder(_Comment)
        self.file.seek(0)
        for line in self.file:
            target.write("".join(_lines(decoder.decode(line), columns)).encode())


def _lines(comment: _Comment, columns: Sequence[str]) -> Iterator[str]:
    number = 0
    for lines, words in zip(comment.lines, comment.words, strict=True):
        yield from lines
        for place, word in enumerate(words, start=1):
            form, misc = word.split("\t")
            tags = [
                comment.tags[one][number] if one in comment.tags else NOT_LABELED for one in columns
            ]
            yield "\t".join([str(place), form, *tags, misc]) + "\n"
            number += 1
        yield "\n"


def _told(
    thread: ThreadRow,
    comment: CommentRow,
    questions: Sequence[QuestionFacts],
    columns: set[tuple[str, str]],
) -> _Comment:
    """A person who marked nothing has a column all the same; a model or layer that never marks
    anything has none."""
    cut = tokens(comment.text)
    starts = _sentences(comment.text, cut)
    counts: Counter[str] = Counter()
    tags = {}
    for said in comment.annotations:
        if said.state != "submitted":
            continue
        placed = anchored(comment, said)
        counts["spans_left_out"] += placed.left_out
        for question in questions:
            spans = placed.about(question.key)
            if not spans and not was_asked(question, said):
                continue
            column = (question.key, layer_name(said))
            if spans or said.source == HUMAN:
                columns.add(column)
            found = tagged(cut, spans, starts)
            tags[_column(*column)] = found.tags
            counts["spans_grown"] += found.grown
            counts["spans_overlapping"] += found.overlapping
            counts["spans_left_out"] += found.empty
    sentences = [cut[start:end] for start, end in pairwise([*starts, len(cut)])]
    lines = [
        _head(thread, comment, sentence, number, counts)
        for number, sentence in enumerate(sentences, start=1)
    ]
    return _Comment(lines, [_words(comment.text, one) for one in sentences], tags)


def _sentences(text: str, cut: Sequence[Token]) -> list[int]:
    """The numbers of the tokens that begin a line: a paragraph is a sentence here."""
    gaps = [text[left.end : right.start] for left, right in pairwise(cut)]
    breaks = [number for number, gap in enumerate(gaps, start=1) if _ends_a_line(gap)]
    return [0, *breaks] if cut else []


def _ends_a_line(gap: str) -> bool:
    return gap != "" and gap.splitlines() != [gap]


def _head(
    thread: ThreadRow,
    comment: CommentRow,
    sentence: Sequence[Token],
    number: int,
    counts: Counter[str],
) -> list[str]:
    told = {
        "sent_id": f"{comment.id}/{number}",
        "comment_id": comment.id,
        "thread_id": thread.id,
        "reply_to": comment.reply_to,
        "author": comment.author,
        "language": comment.language,
    }
    told = {name: " ".join(value.split()) for name, value in told.items()}
    told["text"] = comment.text[sentence[0].start : sentence[-1].end]
    if number == 1:
        told |= {name: str(count) for name, count in sorted(counts.items()) if count}
    return [f"# {name} = {value}\n" for name, value in told.items() if value]


def _words(text: str, sentence: Sequence[Token]) -> list[str]:
    """Each word, and where it stands in the comment."""
    words = []
    for token, following in zip(sentence, [*sentence[1:], None], strict=True):
        joined = "|SpaceAfter=No" if following and following.start == token.end else ""
        place = f"TokenRange={token.start}:{token.end}{joined}"
        words.append(f"{text[token.start : token.end]}\t{place}")
    return words


def _column(question: str, layer: str) -> str:
    return f"{question}:{layer}"
