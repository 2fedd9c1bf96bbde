"""A change of a codebook as somebody reads it: which part, which field, which words."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from annotations.codebooks.changes import Change
from annotations.codebooks.wording import Piece, excerpt, pieces


@dataclasses.dataclass(frozen=True)
class Told:
    """A change with its values in words; ``pieces`` where both values are text.

    ``question`` and ``label`` are the keys of the part, empty for the codebook itself;
    ``language`` is the tag of a translation, empty for the codebook's own words.
    """

    kind: str
    question: str
    label: str
    field: str
    language: str = ""
    before: str = ""
    after: str = ""
    pieces: list[Piece] = dataclasses.field(default_factory=list)

    @property
    def excerpt(self) -> list[Piece]:
        """The pieces without the middle of long stretches that did not change."""
        return excerpt(self.pieces)


def told(changes: Sequence[Change]) -> list[Told]:
    """The same changes in the same order."""
    return [_told(change) for change in changes]


def _told(change: Change) -> Told:
    question, label = (*change.place, "", "")[:2]
    name, _, language = change.field.partition("@")
    if change.kind in ("added", "removed") and change.part:
        title = in_words(change.part.fields.get("title"))
        values = ("", title) if change.kind == "added" else (title, "")
        return Told(change.kind, question, label, "", "", *values)
    if change.kind == "moved":
        places = (str(change.before + 1), str(change.after + 1))
        return Told(change.kind, question, label, "", "", *places)
    before, after = in_words(change.before), in_words(change.after)
    both_text = isinstance(change.before, str) and isinstance(change.after, str)
    parts = pieces(change.before, change.after) if both_text else []
    return Told(change.kind, question, label, name, language, before, after, parts)


def in_words(value: Any) -> str:
    """A value of a field as text: nothing for none, lists and mappings on one line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return "; ".join(in_words(one) for one in value)
    if isinstance(value, dict):
        pairs = ((key, "null" if one is None else in_words(one)) for key, one in value.items())
        return ", ".join(f"{key}: {one}" for key, one in pairs)
    return str(value)
