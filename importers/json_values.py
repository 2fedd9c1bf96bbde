"""The values of a JSON file whatever its shape: those of its lines, of its array, or the one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from importers.json_fields import Notes
from importers.json_stream import JsonText
from importers.json_text import REPLACED, decode_json
from importers.records import RecordError
from importers.source import Source


def json_values(
    source: Source, notes: Notes, *, array: str = ""
) -> Iterator[tuple[int | None, Any]]:
    """Each value with its line; that of a document or of an array has none.

    A line that cannot be read gives a ``RecordError`` in place of its value. Of an object that
    holds an array under the key ``array``, the elements of that array are the values. Raises
    UnreadableFile for a document that is not whole.
    """
    outline = source.outline
    if outline.shape not in ("array", "object"):
        yield from _lines(source, notes)
        return
    text = JsonText(source)
    if outline.shape == "array":
        yield from ((None, value) for value in text.elements())
    elif array and isinstance(outline.document.get(array), list):
        for found in text.arrays(array, ""):
            yield from ((None, value) for value in found.items)
    else:
        yield None, dict(text.members())
    notes[REPLACED] += text.replaced


def _lines(source: Source, notes: Notes) -> Iterator[tuple[int | None, Any]]:
    for line in source.lines():
        if isinstance(line, RecordError):
            yield line.line, line
        elif line.text.strip():
            try:
                decoded = decode_json(line.text)
            except ValueError as error:
                yield line.number, RecordError(line.number, f"The line was left out. {error}")
                continue
            notes[REPLACED] += decoded.replaced
            yield line.number, decoded.value
