"""Known answers out of a file: one comment a line, as JSON or as a table."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from annotations.errors import InvalidInput, UnreadableFile
from annotations.models import Campaign, Comment, Question
from annotations.selectors.codebooks import for_unit, questions_of
from annotations.services.known import (
    MOST,
    NO_COMMENT,
    PURPOSES,
    TWICE,
    Known,
    KnownAdded,
    add_known_units,
)

LARGEST = 2_500_000
ABOUT = ("comment", "source_id", "purpose", "reason")
Kind = Question.Kind


@dataclass(frozen=True)
class RefusedLine:
    """``line`` counts from 1; a table's first line has the names of its columns."""

    line: int
    message: str


@dataclass
class FileAdded:
    """How many known answers are new, were free units of the sample, say something else now."""

    created: int = 0
    from_sample: int = 0
    updated: int = 0
    refused: list[RefusedLine] = field(default_factory=list)


@dataclass(frozen=True)
class _Line:
    number: int
    values: Mapping[str, Any]


@transaction.atomic
def add_known_from_file(
    *, campaign: Campaign, content: bytes, purpose: str = "", now: datetime
) -> FileAdded:
    """Make the file's comments known units, each for the purpose in its line, else for ``purpose``.

    A line that begins with ``{`` makes it JSON Lines; else it is a table (CSV) whose columns are
    ``comment`` (an id) or ``source_id``, ``purpose``, ``reason`` and the keys of questions. A line
    that cannot be taken is refused by itself. Raises UnreadableFile for what is neither, and what
    ``add_known_units`` raises.
    """
    told = FileAdded()
    kinds = _kinds(campaign)
    lines = list(_lines(content))
    ids = _ids_by_source(campaign, lines)
    known: dict[str, dict[int, tuple[int, Known]]] = {}
    for line in lines:
        try:
            wanted, one = _known(line, kinds, ids, purpose)
            place = known.setdefault(wanted, {})
            if one.comment in place:
                raise InvalidInput(TWICE.format(comment=one.comment))
            place[one.comment] = line.number, one
        except InvalidInput as error:
            told.refused.append(RefusedLine(line.number, error.message))
    for wanted, place in known.items():
        added = add_known_units(
            campaign=campaign, purpose=wanted, known=[one for _, one in place.values()], now=now
        )
        _tell(told, added, {comment: number for comment, (number, _) in place.items()})
    told.refused.sort(key=lambda refused: refused.line)
    return told


def _tell(told: FileAdded, added: KnownAdded, numbers: Mapping[int, int]) -> None:
    told.created += added.created
    told.from_sample += added.from_sample
    told.updated += added.updated
    told.refused += [RefusedLine(numbers[one.comment], one.message) for one in added.refused]


def _kinds(campaign: Campaign) -> dict[str, str]:
    asked = for_unit(questions_of(campaign.codebook_id), Question.Unit.COMMENT)
    return {question.key: question.kind for question in asked}


def _lines(content: bytes) -> Iterator[_Line]:
    """Raises UnreadableFile."""
    if len(content) > LARGEST:
        raise UnreadableFile(f"The file has more than {LARGEST / 1e6:g} MB: divide it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableFile("The file is no UTF-8: save it as UTF-8 and send it again.") from None
    found = list(_json_lines(text) if text.lstrip().startswith("{") else _table(text))
    if not found:
        raise UnreadableFile("The file holds no line with a known answer.")
    if len(found) > MOST:
        raise UnreadableFile(f"The file has more than {MOST:,} lines: divide it.")
    return iter(found)


def _json_lines(text: str) -> Iterator[_Line]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, dict):
            raise UnreadableFile(f"Line {number} is no JSON object.", line=number)
        answers = values.pop("answers", {})
        yield _Line(number, {**(answers if isinstance(answers, dict) else {}), **values})


def _table(text: str) -> Iterator[_Line]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    columns = reader.fieldnames or ()
    if not {"comment", "source_id"} & set(columns):
        raise UnreadableFile("The table has no column comment or source_id in its first line.")
    try:
        for row in reader:
            values = {key: value for key, value in row.items() if key and value}
            if values:
                yield _Line(reader.line_num, values)
    except csv.Error as error:
        raise UnreadableFile(f"Line {reader.line_num} is no line of a table: {error}.") from None


def _ids_by_source(campaign: Campaign, lines: Sequence[_Line]) -> dict[str, int]:
    """The ids of the comments that lines name by the source's own id, read at once."""
    names = {str(line.values["source_id"]) for line in lines if line.values.get("source_id")}
    found = Comment.objects.filter(
        corpus=campaign.corpus_id, source_id__in={name for name in names if "\0" not in name}
    )
    return dict(found.values_list("source_id", "pk"))


def _known(
    line: _Line, kinds: Mapping[str, str], ids: Mapping[str, int], purpose: str
) -> tuple[str, Known]:
    """The purpose and the known answer of a line. Raises InvalidInput."""
    values = dict(line.values)
    wanted = str(values.pop("purpose", "") or purpose)
    if wanted not in PURPOSES:
        raise InvalidInput(f"A purpose is one of {', '.join(PURPOSES)}, not {wanted!r}.")
    reason = str(values.pop("reason", "") or "")
    comment = _comment(values.pop("comment", None), values.pop("source_id", None), ids)
    answers = {key: _value(kinds.get(key, ""), value) for key, value in values.items()}
    return wanted, Known(comment, answers, reason)


def _comment(pk: Any, source_id: Any, ids: Mapping[str, int]) -> int:
    if pk not in (None, ""):
        try:
            return int(str(pk))
        except ValueError:
            raise InvalidInput(f"{str(pk)[:40]!r} is no id of a comment.") from None
    if source_id in (None, ""):
        raise InvalidInput("The line names no comment.")
    if str(source_id) not in ids:
        raise InvalidInput(NO_COMMENT.format(comment=str(source_id)[:100]))
    return ids[str(source_id)]


def _value(kind: str, value: Any) -> Any:
    """A cell as the answer that it stands for; JSON has its own kinds of values already.

    Several labels are separated by ``|``; spans and relations are JSON.
    """
    if not isinstance(value, str):
        return value
    if kind == Kind.MULTI_LABEL:
        return [label.strip() for label in value.split("|") if label.strip()]
    try:
        if kind in (Kind.RATING, Kind.NUMBER):
            return float(value)
        if kind in (Kind.SPAN, Kind.RELATION):
            return json.loads(value)
    except (ValueError, RecursionError):
        raise InvalidInput(f"{value[:40]!r} cannot be read as a {kind}.") from None
    return value.strip() if kind == Kind.SINGLE_LABEL else value
