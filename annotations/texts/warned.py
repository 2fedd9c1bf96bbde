"""Which rules of content warnings a comment meets: by its words, or by its raw record."""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from annotations.texts.words import words

Rule = TypeVar("Rule", bound=Hashable)


@dataclass(slots=True)
class _Words(Generic[Rule]):
    """The phrases that begin alike: what may come next, and the rules of what ends here."""

    next: dict[str, _Words[Rule]] = field(default_factory=dict)
    rules: set[Rule] = field(default_factory=set)

    def at(self, phrase: Sequence[str]) -> _Words[Rule]:
        found = self
        for word in phrase:
            found = found.next.setdefault(word, _Words())
        return found

    def collect(self, said: Sequence[str], place: int, met: set[Rule]) -> None:
        """Add to ``met`` the rules of the phrases that stand at this place."""
        found = self
        for at in range(place, len(said)):
            following = found.next.get(said[at])
            if following is None:
                return
            met |= following.rules
            found = following


@dataclass
class WordLists(Generic[Rule]):
    """Lists of words and phrases, looked for all at once.

    Words are compared as ``words`` folds them: without case, punctuation and invisible
    characters, so that “self-harm” is found in “Self harm”, and whole, so that “ass” is not found
    in “class”. An entry without any letter or digit, such as an emoji, is looked for as it is.
    """

    _words: _Words[Rule] = field(default_factory=lambda: _Words())
    _signs: list[tuple[str, Rule]] = field(default_factory=list)

    def add(self, entries: Iterable[str], rule: Rule) -> None:
        for entry in entries:
            phrase = words(entry)
            if phrase:
                self._words.at(phrase).rules.add(rule)
            elif sign := _folded(entry):
                self._signs.append((sign, rule))

    def met_by(self, text: str) -> set[Rule]:
        """The rules that have an entry in the text. Takes as long as the text is."""
        met: set[Rule] = set()
        if self._signs:
            folded = _folded(text)
            met.update(rule for sign, rule in self._signs if sign in folded)
        if self._words.next:
            said = words(text)
            for place in range(len(said)):
                self._words.collect(said, place, met)
        return met


@dataclass(frozen=True, slots=True)
class FieldTest:
    """A path in a raw record, and the value that it must have; empty: any that is set.

    The path's names stand between dots. A list is gone through on the way, whether or not the
    path says so with ``[]``. Values are compared as text, without case: ``true`` is a truth value.
    """

    path: tuple[str, ...]
    value: str

    def met_by(self, *records: Mapping[str, Any]) -> bool:
        return any(self._is_wanted(found) for record in records for found in _at(record, self.path))

    def _is_wanted(self, found: Any) -> bool:
        if not self.value:
            return found not in (None, False, 0, "", "false", "False", "0")
        return _said(found) == self.value.casefold()


def field_test(path: str, value: str = "") -> FieldTest:
    """Raises ValueError, with a sentence, for a path that leads nowhere."""
    names = tuple(name.removesuffix("[]") for name in path.strip().split("."))
    if not all(names) or any(set(name) & set("[]") for name in names):
        raise ValueError("A path is names with dots between them, as in over_18 or labels[].val.")
    return FieldTest(names, value.strip())


def _at(found: Any, path: Sequence[str]) -> Iterator[Any]:
    """The single values at the path, however many lists lie on the way."""
    if isinstance(found, list):
        for one in found:
            yield from _at(one, path)
    elif not path:
        yield found
    elif isinstance(found, Mapping) and path[0] in found:
        yield from _at(found[path[0]], path[1:])


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).strip().casefold()


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()
