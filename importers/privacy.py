"""E-mail and IP addresses in a source's own fields: dropped unless asked for, and counted.

Only fields are looked at, by their names; what people write in their comments stays.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from importers.records import Note

EMAIL = frozenset(
    {"email", "emailaddress", "emailhash", "authoremail", "useremail", "commentauthoremail"}
)
IP = frozenset({"ip", "ipaddress", "authorip", "userip", "commentauthorip"})
PRIVATE = EMAIL | IP
EMAILS_DROPPED = "e-mail addresses dropped"
IPS_DROPPED = "IP addresses dropped"
DEPTH_LIMIT = 64
TOO_DEEP = f"values nested deeper than {DEPTH_LIMIT} levels dropped from raw records"


@lru_cache(maxsize=10_000)
def bare_name(name: str) -> str:
    """A field's name without case, spaces and punctuation."""
    return re.sub(r"[\W_]", "", name).lower()


def without_private(
    raw: Mapping[str, Any], *, keep: bool = False
) -> tuple[dict[str, Any], tuple[Note, ...]]:
    """The record without such fields at any depth, and a note for each sort that was dropped.

    An empty field is dropped, too, but not counted. With ``keep`` they stay. Either way what
    nests deeper than can be shown later becomes null, and is counted.
    """
    counts: Counter[str] = Counter()
    kept: dict[str, Any] = {}
    waiting: list[tuple[Any, Any, int]] = [(raw, kept, 1)]
    while waiting:
        value, copy, depth = waiting.pop()
        if isinstance(copy, list):
            copy += [_below(part, depth, waiting, counts) for part in value]
            continue
        for name, part in value.items():
            if not keep and (bare := bare_name(name)) in PRIVATE:
                counts[EMAILS_DROPPED if bare in EMAIL else IPS_DROPPED] += bool(part)
            else:
                copy[name] = _below(part, depth, waiting, counts)
    return kept, tuple(Note(what, count) for what, count in counts.items() if count)


def _below(part: Any, depth: int, waiting: list[tuple[Any, Any, int]], counts: Counter[str]) -> Any:
    """The part itself, or an empty copy of a container, to be filled when its turn comes."""
    if not isinstance(part, dict | list):
        return part
    if depth >= DEPTH_LIMIT:
        counts[TOO_DEEP] += 1
        return None
    copy: dict[str, Any] | list[Any] = {} if isinstance(part, dict) else []
    waiting.append((part, copy, depth + 1))
    return copy
