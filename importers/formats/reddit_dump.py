"""Reddit dumps (Pushshift, Arctic Shift): a comment or submission a line, in any order.

Comments and submissions may come in one file or in two, whichever is imported first: a thread
is named by its submission, and only a submission tells its title. Answers of the same archives'
search interfaces, a list or an object with the list ``data``, are read, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from importers.json_fields import Notes
from importers.json_stream import JsonText
from importers.json_text import REPLACED, decode_json
from importers.lines import Line
from importers.options import refuse_options
from importers.records import Record, RecordError
from importers.reddit import comment_record, is_comment, is_submission, submission_records
from importers.source import Source

TITLE = "Reddit dump (Pushshift, Arctic Shift)"


def detect(source: Source) -> float:
    """0.97 if at least half of the first objects are comments or submissions of Reddit."""
    objects = _first_objects(source)
    found = sum(map(_is_reddit, objects))
    return 0.97 if found and 2 * found >= len(objects) else 0.0


def by_line(source: Source, options: Mapping[str, Any]) -> bool:
    """Whether each line is a record of its own; so it is, but for answers of an interface."""
    return source.outline.shape != "array" and not _is_answer(source)


def read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
    """Yield a thread and its opening for each submission, and the comments, as they come.

    No thread is given for a comment, since every line stands alone. Raises InvalidInput for
    options, UnreadableFile for a list that is no valid JSON.
    """
    refuse_options(options, TITLE)
    notes = Notes()
    if by_line(source, options):
        yield from _lines(source.lines(), notes)
    else:
        yield from _elements(source, notes)
    yield from notes.records()


def _lines(lines: Iterable[Line | RecordError], notes: Notes) -> Iterator[Record]:
    for line in lines:
        if isinstance(line, RecordError):
            yield line
            continue
        if line.text.isspace():
            continue
        try:
            decoded = decode_json(line.text)
        except ValueError as error:
            yield RecordError(line.number, f"The line was left out. {error}")
            continue
        notes[REPLACED] += decoded.replaced
        text = "" if decoded.replaced else line.text.strip()
        yield from _records(decoded.value, notes, line.number, text)


def _elements(source: Source, notes: Notes) -> Iterator[Record]:
    text = JsonText(source)
    if source.outline.shape == "array":
        for data in text.elements():
            yield from _records(data, notes)
    else:
        for array in text.arrays("data", ""):
            for data in array.items:
                yield from _records(data, notes)
    notes[REPLACED] += text.replaced


def _records(
    data: Any, notes: Notes, line: int | None = None, text: str = ""
) -> tuple[Record, ...]:
    try:
        if not isinstance(data, dict):
            raise ValueError("It is no object.")
        if is_comment(data):
            return (comment_record(data, notes, line, text),)
        if is_submission(data):
            return submission_records(data, notes, line)
        raise ValueError("It is neither a comment nor a submission.")
    except ValueError as error:
        return (RecordError(line, f"{_name(data)} was left out. {error}"),)


def _name(data: Any) -> str:
    name = str(data.get("name") or data.get("id") or "") if isinstance(data, dict) else ""
    return f"The record {name[:60]!r}" if name else "A record without an id"


def _first_objects(source: Source) -> tuple[dict[str, Any], ...]:
    if _is_answer(source):
        listed = source.outline.document["data"]
        return tuple(value for value in listed[:100] if isinstance(value, dict))
    return source.outline.objects


def _is_answer(source: Source) -> bool:
    return isinstance(source.outline.document.get("data"), list)


def _is_reddit(data: Mapping[str, Any]) -> bool:
    """Marks that nothing else has: prefixed ids, or a subreddit beside the usual fields."""
    if is_comment(data):
        ids = (str(data.get("link_id")), str(data.get("parent_id")))
        return ids[0].startswith("t3_") or (
            "subreddit" in data and ids[1].startswith(("t1_", "t3_"))
        )
    has_home = "subreddit" in data or "subreddit_id" in data
    return has_home and is_submission(data) and ("selftext" in data or "num_comments" in data)
