"""What is different between two versions of a codebook, part by part.

A question is the same one if it has the same key, or if the later version says that it ``was``
the earlier one. Labels are told by their keys within a question. The place of a part is a tuple:
``()`` the codebook, ``("stance",)`` a question, ``("stance", "agrees")`` a label. Words in other
languages are fields of the part that they translate, named ``title@de``.
"""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from annotations.codebooks.schema import CodebookFile, Question
    from annotations.codebooks.translations import Translation

Kind = Literal["added", "removed", "moved", "renamed", "changed"]
Place = tuple[str, ...]

NOT_FIELDS = frozenset({"questions", "labels", "translations"})


@dataclass(frozen=True)
class Change:
    """One difference. ``before`` and ``after`` are the values of ``field`` where it is changed,
    the keys where a part is renamed, and its positions (from 0, in the later version) where it is
    moved; of an added part ``after`` is its position, and ``part`` all that it says.
    """

    kind: Kind
    place: Place
    field: str = ""
    before: Any = None
    after: Any = None
    part: Part | None = None


@dataclass
class Part:
    """A codebook, question or label as its fields and what it holds, in order."""

    fields: dict[str, Any]
    parts: dict[str, Part] = field(default_factory=dict)


def changes(before: CodebookFile, after: CodebookFile) -> list[Change]:
    """Every difference, in the order of the later version; none if both say the same."""
    renamed = _renamed(before, after)
    earlier = _renamed_part(content(before), renamed)
    told = [Change("renamed", (old,), "key", old, new) for old, new in renamed.items()]
    return [*told, *_differences((), earlier, content(after))]


def content(codebook: CodebookFile) -> Part:
    """All that the codebook says."""
    fields = _fields(codebook)
    for tag, said in codebook.translations.items():
        fields |= _said(tag, said)
    questions = {q.key: _question(q, codebook) for q in codebook.questions}
    return Part(fields, questions)


def applied(before: Part, told: Sequence[Change]) -> Part:
    """The later content, from the earlier one and the changes alone: they leave nothing out."""
    renamed = {one.before: one.after for one in told if one.kind == "renamed"}
    return _applied(_renamed_part(before, renamed), (), told)


def yaml_diff(before: str, after: str, *, names: tuple[str, str]) -> str:
    """The unified diff of two YAML texts, empty if they are the same."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), *names, lineterm="", n=3)
    return "\n".join(lines)


def _renamed(before: CodebookFile, after: CodebookFile) -> dict[str, str]:
    """The questions with new keys. A key that another question has now, or had, is none."""
    old, new = ({q.key for q in one.questions} for one in (before, after))
    return {
        q.was: q.key
        for q in after.questions
        if q.was and q.was in old and q.was not in new and q.key not in old
    }


def _renamed_part(part: Part, renamed: dict[str, str]) -> Part:
    parts = {renamed.get(key, key): one for key, one in part.parts.items()}
    return Part(part.fields, parts)


def _differences(place: Place, before: Part, after: Part) -> Iterator[Change]:
    for name in [*after.fields, *(n for n in before.fields if n not in after.fields)]:
        old, new = before.fields.get(name), after.fields.get(name)
        if old != new:
            yield Change("changed", place, name, old, new)
    for key, part in before.parts.items():
        if key not in after.parts:
            yield Change("removed", (*place, key), part=part)
    moved = _moved(list(before.parts), list(after.parts))
    for position, (key, part) in enumerate(after.parts.items()):
        here = (*place, key)
        if key not in before.parts:
            yield Change("added", here, after=position, part=part)
            continue
        if key in moved:
            yield Change("moved", here, "", list(before.parts).index(key), position)
        yield from _differences(here, before.parts[key], part)


def _moved(before: list[str], after: list[str]) -> set[str]:
    """The fewest keys that have to move so that those in both stand in the later order."""
    places = {key: place for place, key in enumerate(before)}
    common = [key for key in after if key in places]
    ends: list[int] = []
    lengths = []
    for key in common:
        at = bisect_left(ends, places[key])
        ends[at : at + 1] = [places[key]]
        lengths.append(at)
    stay, wanted = set(), len(ends) - 1
    for key, length in zip(reversed(common), reversed(lengths), strict=True):
        if length == wanted:
            stay.add(key)
            wanted -= 1
    return set(common) - stay


def _applied(before: Part, place: Place, told: Sequence[Change]) -> Part:
    here = [one for one in told if one.place == place and one.kind == "changed"]
    fields = {**before.fields, **{one.field: one.after for one in here}}
    fields = {name: value for name, value in fields.items() if value is not None}
    below = [one for one in told if len(one.place) == len(place) + 1 and one.place[:-1] == place]
    gone = {one.place[-1] for one in below if one.kind in ("removed", "moved")}
    order = [key for key in before.parts if key not in gone]
    placed = [one for one in below if one.kind in ("added", "moved")]
    for one in sorted(placed, key=lambda one: int(one.after)):
        order.insert(one.after, one.place[-1])
    added = {one.place[-1]: one.part for one in below if one.kind == "added" and one.part}
    parts = {
        key: added.get(key) or _applied(before.parts[key], (*place, key), told) for key in order
    }
    return Part(fields, parts)


def _question(question: Question, codebook: CodebookFile) -> Part:
    fields, labels = _fields(question), {label.key: _fields(label) for label in question.labels}
    for tag, said in codebook.translations.items():
        words = said.questions.get(question.key)
        if words is None:
            continue
        fields |= _said(tag, words)
        for key, label in words.labels.items():
            labels[key] |= _said(tag, label)
    return Part(fields, {key: Part(one) for key, one in labels.items()})


def _fields(entry: Any) -> dict[str, Any]:
    """The fields that say something, by name; a nested one as plain values."""
    said = entry.model_dump(mode="json", exclude=set(NOT_FIELDS | {"key"}))
    return {name: value for name, value in said.items() if value not in (None, "", [], {})}


def _said(tag: str, said: Translation | Any) -> dict[str, str]:
    words = said.model_dump(exclude=set(NOT_FIELDS))
    return {f"{name}@{tag}": value for name, value in words.items() if value}
