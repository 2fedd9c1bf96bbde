"""The formats: every module of the package ``importers/formats`` is one.

A format is a module with a docstring, ``TITLE``, ``detect(source)`` (0 to 1, judged by the
content), ``read(source, options)`` and, where it has them, ``propose(source)``, the options
guessed from the file, ``by_line(source, options)``, whether each line stands for itself so that
a large file can be read in pieces, ``SUREST``, the highest score that it ever gives, and
``COLLECTIONS = True`` if it reads folders and ZIPs as one. Those of the other formats are read
file by file. There is nothing to register; ``docs/formats.md`` tells how to write one.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType, ModuleType
from typing import Any

import importers.formats
from annotations.errors import InvalidInput, UnreadableFile
from importers.guards import refuse_unreadable
from importers.json_text import read_document
from importers.records import Note, Record, RecordError
from importers.source import Source

Detect = Callable[[Source], float]
Read = Callable[[Source, Mapping[str, Any]], Iterator[Record]]
Propose = Callable[[Source], dict[str, Any]]
ByLine = Callable[[Source, Mapping[str, Any]], bool]
MEMBERS_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class Format:
    """One reader. ``name`` is its module's; ``read`` raises UnreadableFile or InvalidInput.

    ``surest`` is the highest score that ``detect`` ever gives.
    """

    name: str
    title: str
    detect: Detect
    read: Read
    propose: Propose | None
    by_line: ByLine
    surest: float = 1.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A format that may be the file's, with its ``score`` above 0 and up to 1."""

    format: Format
    score: float


@cache
def formats() -> Mapping[str, Format]:
    """All formats by name, in the order of their names."""
    names = sorted(module.name for module in pkgutil.iter_modules(importers.formats.__path__))
    found = {n: _format(importlib.import_module(f"importers.formats.{n}")) for n in names}
    return MappingProxyType(found)


def get_format(name: str) -> Format:
    """The format of that name; raises InvalidInput naming the known ones."""
    try:
        return formats()[name]
    except KeyError:
        known = ", ".join(formats())
        message = f"There is no format {name!r}; the known ones are: {known}."
        raise InvalidInput(message, fields={"format": [message]}) from None


def candidates(source: Source) -> list[Candidate]:
    """The formats that the file may have, the likeliest first; raises UnreadableFile."""
    refuse_unreadable(source)
    return _likely(source, formats().values())


def choose_format(source: Source) -> Format:
    """The likeliest format; raises UnreadableFile where none fits.

    Those that look at much and are never as sure as others are asked only where no other is surer.
    """
    refuse_unreadable(source)
    modest = [format for format in formats().values() if format.surest < 1]
    likely = _likely(source, [format for format in formats().values() if format.surest == 1])
    if not likely or likely[0].score <= max((format.surest for format in modest), default=0):
        likely = _sorted([*likely, *_likely(source, modest)])
    if not likely:
        _refuse_broken_json(source)
        titles = "; ".join(f"{format.name} ({format.title})" for format in formats().values())
        raise UnreadableFile(
            f"{source.name} looks like none of the known formats: {titles}. "
            "Name the format yourself if it is one of these."
        )
    return likely[0].format


def _likely(source: Source, asked: Iterable[Format]) -> list[Candidate]:
    scored = (Candidate(format, format.detect(source)) for format in asked)
    return _sorted(candidate for candidate in scored if candidate.score > 0)


def _sorted(likely: Iterable[Candidate]) -> list[Candidate]:
    return sorted(likely, key=lambda candidate: (-candidate.score, candidate.format.name))


def _refuse_broken_json(source: Source) -> None:
    """Say where a JSON text is broken, if that may be why nobody knows it."""
    if source.is_collection or source.outline.shape == "lines":
        return
    if source.head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[{", b"[\n")):
        read_document(source)


def _format(module: ModuleType) -> Format:
    name = module.__name__.rpartition(".")[2]
    for part in ("__doc__", "TITLE", "detect", "read"):
        if not getattr(module, part, None):
            raise TypeError(f"The format {name} lacks {part}; see docs/formats.md.")
    detect, read = module.detect, module.read
    if not getattr(module, "COLLECTIONS", False):
        detect, read = _detect_each(detect), _read_each(module.TITLE, detect, read)
    return Format(
        name=name,
        title=module.TITLE,
        detect=detect,
        read=_guarded(read),
        propose=_propose_first(detect, getattr(module, "propose", None)),
        by_line=_of_one_file(getattr(module, "by_line", None)),
        surest=getattr(module, "SUREST", 1.0),
    )


def _guarded(read: Read) -> Read:
    def guarded_read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
        refuse_unreadable(source)
        return read(source, options)

    return guarded_read


def _of_one_file(by_line: ByLine | None) -> ByLine:
    """The lines of several files are never read as those of one."""

    def stands_by_line(source: Source, options: Mapping[str, Any]) -> bool:
        return by_line is not None and not source.is_collection and by_line(source, options)

    return stands_by_line


def _detect_each(detect: Detect) -> Detect:
    """The mean score of the first readable members, a little lower: whole collections go first."""

    def detect_each(source: Source) -> float:
        if not source.is_collection:
            return detect(source)
        scores = [detect(member) for member in _readable(source.members[:MEMBERS_LOOKED_AT])]
        return 0.9 * sum(scores) / len(scores) if scores else 0.0

    return detect_each


def _read_each(title: str, detect: Detect, read: Read) -> Read:
    """The records of every member that the format knows; what goes wrong costs one member."""

    def read_each(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
        if not source.is_collection:
            yield from read(source, options)
            return
        for member in source.members:
            try:
                refuse_unreadable(member)
                if detect(member) == 0:
                    yield Note(f"files left out that are no {title}")
                    continue
                for record in read(member, options):
                    yield _named(member, record)
            except UnreadableFile as error:
                yield RecordError(error.line, f"{member.name}: {error.message}")

    return read_each


def _propose_first(detect: Detect, propose: Propose | None) -> Propose | None:
    """Options are guessed from the first member that the format knows."""
    if propose is None:
        return None

    def propose_first(source: Source) -> dict[str, Any]:
        refuse_unreadable(source)
        known = (m for m in _readable(source.members[:MEMBERS_LOOKED_AT]) if detect(m) > 0)
        return propose(next(known, source))

    return propose_first


def _readable(members: Iterable[Source]) -> Iterator[Source]:
    for member in members:
        try:
            refuse_unreadable(member)
        except UnreadableFile:
            continue
        yield member


def _named(member: Source, record: Record) -> Record:
    if isinstance(record, RecordError):
        return RecordError(record.line, f"{member.name}: {record.message}")
    return record
