"""Writing in bulk: lines go out in chunks, and each has its answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from threadmark.connection import NDJSON, Connection, Query, Row, read_line
from threadmark.errors import Interrupted

CHUNK_BYTES = 8_000_000
REFUSALS_KEPT = 1_000
TRIES = 3
OUTCOMES = frozenset({"created", "updated", "unchanged", "refused"})


@dataclass(frozen=True)
class Result:
    """What became of one line. ``line`` counts from 1 over all that was sent, ``outcome`` is
    `created`, `updated`, `unchanged` or `refused`; ``message`` and ``fields`` say why."""

    line: int
    outcome: str
    id: Any = None
    message: str = ""
    fields: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass
class Sent:
    """What became of all lines, counted. ``refusals`` are the first thousand that were refused."""

    lines: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    refusals: list[Result] = field(default_factory=list)

    def count(self, result: Result) -> None:
        self.lines += 1
        setattr(self, result.outcome, getattr(self, result.outcome) + 1)
        if result.outcome == "refused" and len(self.refusals) < REFUSALS_KEPT:
            self.refusals.append(result)


Told = Callable[[Result], None]


def send(
    connection: Connection,
    path: str,
    rows: Iterable[Mapping[str, Any]],
    query: Query | None = None,
    *,
    chunk_lines: int,
    told: Told | None = None,
) -> Sent:
    """Sends the rows, so many lines at a time, each again if its answer is lost.

    Raises ThreadmarkError where a whole chunk cannot be sent; those before it are stored.
    """
    sent = Sent()
    for chunk in _chunks(rows, chunk_lines):
        before = sent.lines
        for answer in _answers(connection, path, query, chunk):
            result = Result(
                line=before + answer["line"],
                outcome=answer["outcome"],
                id=answer.get("id"),
                message=answer.get("message") or "",
                fields=answer.get("fields") or {},
            )
            sent.count(result)
            if told:
                told(result)
    return sent


def _chunks(rows: Iterable[Mapping[str, Any]], most: int) -> Iterator[list[bytes]]:
    chunk: list[bytes] = []
    size = 0
    for row in rows:
        line = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()
        if chunk and (len(chunk) == most or size + len(line) > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(line)
        size += len(line) + 1
    if chunk:
        yield chunk


def _answers(
    connection: Connection, path: str, query: Query | None, chunk: list[bytes]
) -> list[Row]:
    """One answer a line; the last line of them is a summary, which says that all came."""
    for tries_left in reversed(range(TRIES)):
        answer = connection.ask(
            "POST",
            path,
            query,
            body=b"\n".join(chunk) + b"\n",
            headers={"Content-Type": NDJSON, "Accept": NDJSON},
            repeatable=True,
        )
        try:
            *answers, summary = [read_line(line) for line in answer.data.splitlines()]
            if len(answers) == summary["lines"] == len(chunk) and all(map(_is_answer, answers)):
                return answers
        except (Interrupted, ValueError, KeyError):
            pass
        if not tries_left:
            break
    message = "The server's answer to a chunk of lines is not whole. Sending them again is safe."
    raise Interrupted(message, code="cut_off")


def _is_answer(said: Row) -> bool:
    line, outcome = said.get("line"), said.get("outcome")
    is_line = type(line) is int and 0 < line < 2**31
    return is_line and isinstance(outcome, str) and outcome in OUTCOMES
