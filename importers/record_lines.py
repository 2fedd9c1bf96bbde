"""Threadmark's own records as JSON, one a line: what the API takes, and files of the same.

``{"record": "thread", …}`` and ``{"record": "comment", …}`` have the fields of ThreadRecord and
CommentRecord (``importers.records``) and no others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from importers.privacy import without_private
from importers.records import (
    MAX_ID,
    MAX_NAME,
    MAX_TEXT,
    MAX_TITLE,
    MAX_URL,
    Basis,
    BlockKind,
    BlockRecord,
    CommentRecord,
    Kind,
    LinkRecord,
    Note,
    RelationKind,
    RelationRecord,
    Status,
    ThreadRecord,
)

LINK_SCHEMES = ("http://", "https://", "mailto:")
MAX_EVIDENCE = 1_000
LARGEST = 2**31 - 1
WHICH = 'Say what the line is: "record": "thread" or "record": "comment".'

Id = Annotated[str, Meta(min_length=1, max_length=MAX_ID)]
Offset = Annotated[int, Meta(ge=0, le=LARGEST)]
Score = Annotated[int, Meta(ge=-LARGEST, le=LARGEST)]
Time = Annotated[datetime, Meta(tz=True)]
Raw = Annotated[
    dict[str, Any],
    Meta(description="The source's own record, kept beside. E-mail and IP addresses are dropped."),
]

_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `\$\.?(?P<where>[^`]*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"unknown field `(?P<name>[^`]*)`")


class BlockLine(Struct, forbid_unknown_fields=True):
    kind: BlockKind
    start: Offset
    end: Offset
    gap_before: bool = False


class LinkLine(Struct, forbid_unknown_fields=True):
    start: Offset
    end: Offset
    url: Annotated[str, Meta(max_length=MAX_URL, description="http, https or mailto.")]


class RelationLine(Struct, forbid_unknown_fields=True):
    """A quote names the comment in ``target_id``, a mention the author in ``target_author_id``."""

    kind: RelationKind
    start: Offset
    end: Offset
    basis: Basis = "given"
    target_id: Id | None = None
    target_author_id: Id | None = None
    target_start: Offset | None = None
    target_end: Offset | None = None


class ThreadLine(Struct, forbid_unknown_fields=True, tag_field="record", tag="thread"):
    """A thread. Without one, the first of its comments makes it, without a title."""

    id: Annotated[Id, Meta(description="The source's own id, unique in the corpus.")]
    title: Annotated[str, Meta(max_length=MAX_TITLE)] = ""
    url: Annotated[str, Meta(max_length=MAX_URL)] = ""
    platform: Annotated[str, Meta(max_length=50)] = ""
    missing: Annotated[
        Offset, Meta(description="Comments that the source says it has, and that do not come.")
    ] = 0
    raw: Raw = msgspec.field(default_factory=dict)


class CommentLine(Struct, forbid_unknown_fields=True, tag_field="record", tag="comment"):
    """A comment, or the article or post that opens a thread."""

    id: Annotated[Id, Meta(description="The source's own id, unique in the corpus.")]
    thread_id: Annotated[Id, Meta(description="The source's id of its thread.")]
    text: Annotated[
        str, Meta(max_length=MAX_TEXT, description="Empty where the comment is gone.")
    ] = ""
    kind: Kind = "comment"
    author_id: Annotated[str, Meta(max_length=MAX_ID)] = ""
    author_name: Annotated[str, Meta(max_length=MAX_NAME)] = ""
    reply_to: Annotated[
        Id | None,
        Meta(description="The id of the comment answered; it may come later, or never."),
    ] = None
    basis: Annotated[
        Basis, Meta(description="Whether the source gives what is answered, or you infer it.")
    ] = "given"
    evidence: Annotated[
        str, Meta(max_length=MAX_EVIDENCE, description="Why an inferred reply is believed.")
    ] = ""
    status: Annotated[
        Status,
        Meta(description="With an empty text, all but `visible` take the stored text away."),
    ] = "visible"
    html: Annotated[str, Meta(max_length=4 * MAX_TEXT)] = ""
    posted_at: Annotated[Time | None, Meta(description="RFC 3339, with its time zone.")] = None
    posted_at_estimated: bool = False
    edited_at: Time | None = None
    score: Score | None = None
    blocks: Annotated[
        list[BlockLine],
        Meta(description="Paragraphs and the like, in order. None: the text's empty lines tell."),
    ] = []
    links: list[LinkLine] = []
    relations: Annotated[
        list[RelationLine], Meta(description="What it quotes, and whom it names.")
    ] = []
    raw: Raw = msgspec.field(default_factory=dict)


RecordLine = ThreadLine | CommentLine


class BadRecord(ValueError):
    """The line is no record; ``fields`` names what is wrong with it."""

    def __init__(self, message: str, fields: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """A record, and what was dropped from it."""

    record: ThreadRecord | CommentRecord
    notes: Sequence[Note]


def read_record(
    value: Mapping[str, Any], *, line: int | None = None, keep_private: bool = False
) -> ReadRecord:
    """The record of a line's JSON object. Raises BadRecord."""
    if "record" not in value:
        raise BadRecord(WHICH, {"record": [WHICH]})
    try:
        told = msgspec.convert(value, RecordLine)
    except msgspec.ValidationError as error:
        raise _bad(str(error)) from None
    raw, notes = without_private(told.raw, keep=keep_private) if told.raw else ({}, ())
    try:
        if isinstance(told, ThreadLine):
            return ReadRecord(_thread(told, raw), notes)
        return ReadRecord(_comment(told, raw, line), notes)
    except BadRecord:
        raise
    except ValueError as error:
        raise BadRecord(str(error)) from None


@cache
def line_schema() -> dict[str, Any]:
    """The JSON Schema of a line, whole in itself."""
    (schema,), parts = msgspec.json.schema_components([RecordLine], ref_template="{name}")
    one_of = [_inlined(part, parts) for part in schema["anyOf"]]
    return {"oneOf": one_of}


def _inlined(schema: Any, parts: Mapping[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_inlined(part, parts) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    if "$ref" in schema:
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return {**_inlined(parts[schema["$ref"]], parts), **rest}
    return {key: _inlined(value, parts) for key, value in schema.items() if key != "discriminator"}


def _thread(told: ThreadLine, raw: Mapping[str, Any]) -> ThreadRecord:
    return ThreadRecord(
        id=told.id,
        title=told.title,
        url=told.url,
        platform=told.platform,
        missing=told.missing,
        raw=raw,
    )


def _comment(told: CommentLine, raw: Mapping[str, Any], line: int | None) -> CommentRecord:
    _require_order(told.blocks)
    for name in ("posted_at", "edited_at"):
        _require_storable_time(name, getattr(told, name))
    return CommentRecord(
        id=told.id,
        thread_id=told.thread_id,
        text=told.text,
        kind=told.kind,
        author_id=told.author_id,
        author_name=told.author_name,
        reply_to=told.reply_to,
        basis=told.basis,
        evidence=told.evidence,
        status=told.status,
        html=told.html,
        posted_at=told.posted_at,
        posted_at_estimated=told.posted_at_estimated,
        edited_at=told.edited_at,
        score=told.score,
        blocks=tuple(BlockRecord(b.kind, b.start, b.end, b.gap_before) for b in told.blocks),
        links=tuple(_link(link) for link in told.links),
        relations=tuple(_relation(relation) for relation in told.relations),
        raw=raw,
        line=line,
    )


def _require_order(blocks: Sequence[BlockLine]) -> None:
    """A page shows the blocks one after the other: text in two of them would stand there twice."""
    end = 0
    for block in blocks:
        if block.start < end:
            message = f"The block {block.start}:{block.end} begins before the last one ends."
            raise BadRecord(message, {"blocks": [message]})
        end = block.end


def _require_storable_time(name: str, time: datetime | None) -> None:
    try:
        if time is not None:
            time.astimezone(UTC)
    except OverflowError:
        message = f"{name} lies outside the years 1 to 9999."
        raise BadRecord(message, {name: [message]}) from None


def _link(link: LinkLine) -> LinkRecord:
    if not link.url.lower().startswith(LINK_SCHEMES):
        message = f"The address of a link begins with one of: {', '.join(LINK_SCHEMES)}."
        raise BadRecord(message, {"links": [message]})
    return LinkRecord(link.start, link.end, link.url)


def _relation(told: RelationLine) -> RelationRecord:
    needed = {"quote": "target_id", "mention": "target_author_id"}[told.kind]
    other = "target_author_id" if told.kind == "quote" else "target_id"
    if getattr(told, needed) is None or getattr(told, other) is not None:
        message = f"A {told.kind} has {needed}, and no {other}."
        raise BadRecord(message, {"relations": [message]})
    return RelationRecord(
        kind=told.kind,
        basis=told.basis,
        start=told.start,
        end=told.end,
        target_id=told.target_id,
        target_author_id=told.target_author_id,
        target_start=told.target_start,
        target_end=told.target_end,
    )


def _bad(told: str) -> BadRecord:
    """What the decoder has against a line, as a sentence, and of which field."""
    found = _PLACE.match(told)
    what, where = (found["what"], found["where"] or "") if found else (told, "")
    if unknown := _UNKNOWN.search(what):
        where = f"{where}.{unknown['name']}".lstrip(".")
        what = "There is no such field here"
    elif where == "record":
        what = WHICH.rstrip(".")
    sentence = f"{what}."
    return BadRecord(
        f"{where}: {sentence}" if where else sentence, {where: [sentence]} if where else {}
    )
