"""What a file is as JSON, told from its first MiB: enough for every format to know its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from pydantic_core import from_json

from importers.json_escapes import mended

LINES_LOOKED_AT = 100
BOM = b"\xef\xbb\xbf"

# Twitter's archives are scripts: one JSON text that is assigned to a name.
_ASSIGNED = re.compile(rb"\s*(?:window\.YTD|Grailbird\.data)[\w.]{1,100}\s*=\s*(?=[\[{])")


@dataclass(frozen=True, slots=True)
class Outline:
    """``lines``: JSON Lines, ``values`` the first of them. ``object``: one document, the only
    value, perhaps cut short. ``array``: ``values`` its first elements. ``none``: no JSON.
    """

    shape: Literal["lines", "object", "array", "none"]
    values: tuple[Any, ...] = ()

    @property
    def objects(self) -> tuple[dict[str, Any], ...]:
        """Those of the values that are objects."""
        return tuple(value for value in self.values if isinstance(value, dict))

    @property
    def document(self) -> dict[str, Any]:
        """The document of the shape ``object``, else an empty one."""
        return self.objects[0] if self.shape == "object" and self.objects else {}


def json_start(head: bytes) -> int:
    """How many bytes stand in front of the JSON text: a byte-order mark, a script's assignment."""
    start = len(BOM) if head.startswith(BOM) else 0
    assigned = _ASSIGNED.match(head[start : start + 200])
    return start + (assigned.end() if assigned else 0)


def outline_of(head: bytes, *, is_cut: bool) -> Outline:
    """The outline of a file that begins with ``head``; ``is_cut`` if there is more of it."""
    data = head[json_start(head) :].strip()
    if data[:1] not in (b"{", b"["):
        return Outline("none")
    lines = list(_whole_lines(data, is_cut=is_cut))
    decoded = [_decoded(line) for line in lines]
    values = [value for value in decoded if value is not _BROKEN]
    starts_whole = bool(decoded) and decoded[0] is not _BROKEN
    if len(lines) > 1 and (starts_whole or 2 * len(values) >= len(lines)):
        return Outline("lines", tuple(values))
    value = _partial(data)
    if isinstance(value, dict):
        return Outline("object", (value,))
    if isinstance(value, list):
        return Outline("array", tuple(value[:LINES_LOOKED_AT]))
    return Outline("lines", tuple(values)) if values else Outline("none")


_BROKEN = object()


def _whole_lines(data: bytes, *, is_cut: bool) -> Iterator[bytes]:
    pieces = data.split(b"\n", LINES_LOOKED_AT)
    if is_cut or len(pieces) > LINES_LOOKED_AT:
        pieces = pieces[:-1]
    return (piece for piece in pieces if piece.strip())


def _decoded(line: bytes) -> Any:
    for text in _as_it_is_and_mended(line):
        try:
            return msgspec.json.decode(text)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            continue
    return _BROKEN


def _partial(data: bytes) -> Any:
    for text in _as_it_is_and_mended(data):
        try:
            return from_json(text, allow_partial=True)
        except ValueError:
            continue
    return None


def _as_it_is_and_mended(text: bytes) -> Iterator[bytes]:
    yield text
    better, replaced = mended(text)
    if replaced:
        yield better
