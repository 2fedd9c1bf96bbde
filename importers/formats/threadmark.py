"""Threadmark's own records, one a line: what the API takes in bulk, as a file.

Each line is an object with ``record``, ``thread`` or ``comment``, and the fields of that record,
in any order of lines. docs/bulk.md names them all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from importers.json_text import REPLACED, decode_json
from importers.options import PrivacyOptions, read_options
from importers.record_lines import BadRecord, read_record
from importers.records import Note, Record, RecordError
from importers.source import Source

TITLE = "Threadmark records (NDJSON)"
RECORDS = ("thread", "comment")


def detect(source: Source) -> float:
    """1 if every first object says which record it is, and has an id."""
    objects = source.outline.objects
    is_own = [one.get("record") in RECORDS and isinstance(one.get("id"), str) for one in objects]
    return 1.0 if is_own and all(is_own) and source.outline.shape != "array" else 0.0


def by_line(source: Source, options: Mapping[str, Any]) -> bool:
    """Every line is a record of its own."""
    return True


def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    """Yield the records as they come. Raises InvalidInput for options that make no sense."""
    keep = read_options(options, PrivacyOptions, TITLE).keep_private
    notes: Counter[str] = Counter()
    for line in source.lines():
        if isinstance(line, RecordError):
            yield line
            continue
        if line.text.isspace():
            continue
        try:
            decoded = decode_json(line.text)
            if not isinstance(decoded.value, dict):
                raise ValueError("It is no object.")
            told = read_record(decoded.value, line=line.number, keep_private=keep)
        except BadRecord as error:
            yield RecordError(line.number, str(error))
            continue
        except ValueError as error:
            yield RecordError(line.number, f"The line was left out. {error}")
            continue
        notes[REPLACED] += decoded.replaced
        for note in told.notes:
            notes[note.what] += note.count
        yield told.record
    yield from (Note(what, count) for what, count in notes.items() if count)
