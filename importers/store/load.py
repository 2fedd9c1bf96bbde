"""What the storing of one piece of a file knows while it goes on."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from django.utils import timezone

from annotations.models import Corpus
from importers.models import ImportRun
from importers.records import CommentRecord, GoldRecord, RelationRecord
from importers.report import Report

REMEMBERED = 150_000
RAW_LIMIT = 256 * 1024
RAW_TOO_LARGE = "raw records of more than 256 KiB that were not kept"

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class Remembered(dict[str, int]):
    """Row ids by source ids, so that they are not asked for again."""

    def make_room(self) -> None:
        """Forget the older half if there are too many; between batches, which count on them."""
        if len(self) >= REMEMBERED:
            for oldest in list(self)[: REMEMBERED // 2]:
                del self[oldest]


class LateRelation(NamedTuple):
    """A quote of a comment that is not stored yet."""

    comment_id: str
    line: int | None
    relation: RelationRecord


@dataclass
class Load:
    """One piece of a file on its way into a corpus. What it keeps in memory is bounded.

    ``base`` is where the ordinals of this import begin, ``by_line`` whether they are the numbers
    of lines: so they are the same whether a file is read in one piece or in several.
    """

    run: ImportRun
    now: datetime
    base: int
    by_line: bool = False
    report: Report = field(default_factory=Report)
    threads: Remembered = field(default_factory=Remembered)
    authors: Remembered = field(default_factory=Remembered)
    gold: list[GoldRecord] = field(default_factory=list)
    later: list[LateRelation] = field(default_factory=list)
    met: int = 0

    @property
    def corpus(self) -> Corpus:
        return self.run.corpus

    @property
    def noted_at(self) -> datetime:
        """When what is stored at this moment changes for mirrors: an import may go on for long."""
        return timezone.now()

    def meet(self, record: CommentRecord) -> int:
        """Count a comment of the file; gives its ordinal, where it stands in the source."""
        self.met += 1
        return self.base + (record.line if self.by_line and record.line else self.met)

    def raw(self, record: Mapping[str, Any], text: str = "") -> str:
        """The raw record as the JSON to store; ``{}``, and counted, where it is too large."""
        text = text or raw_text(record)
        if len(text) > RAW_LIMIT:
            self.report.note(RAW_TOO_LARGE)
            return "{}"
        return text


def raw_text(record: Mapping[str, Any]) -> str:
    """The raw record as JSON, with U+FFFD for what no database keeps in text.

    That is NUL and halves of surrogates. What JSON has no value for becomes text.
    """
    try:
        text = msgspec.json.encode(record).decode()
    except (TypeError, ValueError, OverflowError, RecursionError):
        text = msgspec.json.encode(storable(record)).decode()
    if "\\u0000" in text:
        text = msgspec.json.encode(storable(record)).decode()
    return text


def storable(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The record with nothing in it that JSON, or a database, would refuse."""
    return {_storable(str(key)): _storable(value) for key, value in raw.items()}


def _storable(value: Any) -> Any:
    match value:
        case str():
            return _UNSTORABLE.sub("\ufffd", value)
        case Mapping():
            return storable(value)
        case list() | tuple():
            return [_storable(part) for part in value]
        case None | bool():
            return value
        case int() if abs(value) < 2**63:
            return value
        case float() if math.isfinite(value):
            return value
        case _:
            return _storable(str(value))
