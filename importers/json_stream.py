"""The long array, or the many members, of one JSON text: whole if it is small, else in pieces.

Of a text of up to 32 MiB everything is decoded at once. Of a longer one memory holds an element
at a time, and of the objects around the array only their short fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any

import ijson

from importers.json_text import DOCUMENT_LIMIT, check_document, open_document, read_document
from importers.outline import json_start
from importers.source import Source

HEAD_LIMIT = 1_000
NO_VALUES = frozenset({"map_key", "end_map", "end_array"})
SCALARS = frozenset({"null", "boolean", "integer", "double", "number", "string"})


@dataclass
class LongArray:
    """``items``, the ``count`` elements of an array, and ``head``: the fields of the object
    around it. In a long text these are plain values, and those one level below.
    """

    head: Mapping[str, Any]
    count: int
    items: Iterator[Any]


@dataclass
class _Head:
    values: dict[str, Any] = field(default_factory=dict)
    count: int = 0


class JsonText:
    """One JSON text of any size. All that reads raises UnreadableFile where it is broken.

    ``replaced`` counts the characters that no database keeps, once anything was read.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.replaced = 0

    @property
    def is_array(self) -> bool:
        """Whether the text is an array, judged by its first bracket."""
        return self.source.head[json_start(self.source.head) :].lstrip().startswith(b"[")

    def arrays(self, key: str, *holders: str) -> Iterator[LongArray]:
        """The arrays under ``key`` in the objects at ``holders``; "" is the text's own object.

        A path names keys, and ``item`` for all elements of an array: ``chats.list.item``.
        Objects without such an array are left out. Take each array before the next.
        """
        if self._is_long:
            yield from self._long_arrays(key, holders)
            return
        for holder in holders:
            for found in _at(self._value, holder):
                items = found.get(key) if isinstance(found, dict) else None
                if isinstance(items, list):
                    head = {name: value for name, value in found.items() if name != key}
                    yield LongArray(head, len(items), iter(items))

    def elements(self) -> Iterator[Any]:
        """The elements, if the text is an array."""
        if self._is_long:
            yield from self._streamed("item")
        elif isinstance(self._value, list):
            yield from self._value

    def members(self) -> Iterator[tuple[str, Any]]:
        """The keys and values, if the text is an object."""
        if self._is_long:
            with open_document(self.source) as file:
                yield from ijson.kvitems(file, "", use_float=True)
        elif isinstance(self._value, dict):
            yield from self._value.items()

    @cached_property
    def _is_long(self) -> bool:
        """Whether it is streamed; then it is first read to its end, so that it is known whole."""
        with self.source.open() as file:
            is_long = len(file.read(DOCUMENT_LIMIT + 1)) > DOCUMENT_LIMIT
        if is_long:
            self.replaced += check_document(self.source)
        return is_long

    @cached_property
    def _value(self) -> Any:
        decoded = read_document(self.source)
        self.replaced += decoded.replaced
        return decoded.value

    def _long_arrays(self, key: str, holders: Sequence[str]) -> Iterator[LongArray]:
        heads = self._heads(key, holders)
        for holder in holders:
            if not heads[holder]:
                continue
            items = self._streamed(f"{_path(holder, key)}.item")
            for head in heads[holder]:
                part = islice(items, head.count)
                yield LongArray(head.values, head.count, part)
                for _ in part:
                    pass

    def _heads(self, key: str, holders: Sequence[str]) -> dict[str, list[_Head]]:
        """The heads of all arrays, from one pass that skips their elements."""
        heads: dict[str, list[_Head]] = {holder: [] for holder in holders}
        arrays = {_path(holder, key): holder for holder in holders}
        items = {f"{array}.item": holder for array, holder in arrays.items()}
        below = tuple(f"{item}." for item in items)
        current = {holder: _Head() for holder in holders}
        seen = set()
        with open_document(self.source) as file:
            for prefix, event, value in ijson.parse(file, use_float=True):
                if prefix.startswith(below):
                    continue
                if prefix in items:
                    current[items[prefix]].count += event not in NO_VALUES
                elif prefix in arrays and event == "start_array":
                    seen.add(arrays[prefix])
                elif prefix in current and event == "start_map":
                    current[prefix] = _Head()
                elif prefix in current and event == "end_map" and prefix in seen:
                    seen.remove(prefix)
                    heads[prefix].append(current[prefix])
                elif event in SCALARS:
                    for holder, head in current.items():
                        if prefix.startswith(f"{holder}." if holder else ""):
                            names = prefix[len(holder) :].removeprefix(".").split(".")
                            _put(head.values, names, value)
        return heads

    def _streamed(self, path: str) -> Iterator[Any]:
        with open_document(self.source) as file:
            yield from ijson.items(file, path, use_float=True)


def _at(value: Any, path: str) -> Iterator[Any]:
    """The values at a path of keys and ``item``."""
    found = [value]
    for name in path.split(".") if path else ():
        below: list[Any] = []
        for part in found:
            if name == "item":
                below += part if isinstance(part, list) else ()
            elif isinstance(part, dict) and name in part:
                below.append(part[name])
        found = below
    yield from found


def _path(holder: str, key: str) -> str:
    return f"{holder}.{key}" if holder else key


def _put(values: dict[str, Any], names: Sequence[str], value: Any) -> None:
    """Set ``values[name]``, ``values[name][below]``, or append to a list; deeper ones are left."""
    name = names[0]
    if len(names) > 2 or (name not in values and len(values) >= HEAD_LIMIT):
        return
    if len(names) == 1:
        values[name] = value
        return
    below = values.setdefault(name, [] if names[1] == "item" else {})
    if isinstance(below, list) and names[1] == "item" and len(below) < HEAD_LIMIT:
        below.append(value)
    elif isinstance(below, dict) and len(below) < HEAD_LIMIT:
        below[names[1]] = value
