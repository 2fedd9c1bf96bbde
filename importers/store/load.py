"""What the storing of one file knows while it goes on."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Model

from annotations.models import Author, Corpus, Thread
from importers.report import Outcome, Report

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


@dataclass
class Load:
    """One file on its way into one corpus.

    The threads and authors of the file are remembered by their source ids, comments are not:
    what is kept here grows with the number of threads and people, not of messages. A format may
    remember more: ``table`` keeps every id, to refuse the one that comes twice.
    """

    corpus: Corpus
    now: datetime
    report: Report = field(default_factory=Report)
    threads: dict[str, Thread] = field(default_factory=dict)
    authors: dict[str, Author] = field(default_factory=dict)
    thread_outcomes: dict[str, Outcome] = field(default_factory=dict)


def assign(row: Model, values: Mapping[str, Any]) -> bool:
    """Give the row these values; whether any of them was another before."""
    changed = False
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed = True
    return changed


def storable(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The raw record as plain JSON, with U+FFFD for what no database keeps in text.

    That is NUL and halves of surrogates. What JSON has no value for becomes text.
    """
    return {_storable(str(key)): _storable(value) for key, value in raw.items()}


def _storable(value: Any) -> Any:
    match value:
        case str():
            return _UNSTORABLE.sub("\ufffd", value)
        case Mapping():
            return storable(value)
        case list() | tuple():
            return [_storable(part) for part in value]
        case None | bool() | int():
            return value
        case float() if math.isfinite(value):
            return value
        case _:
            return _storable(str(value))
