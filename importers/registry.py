"""The formats: every module of the package ``importers/formats`` is one.

A format is a module with a docstring, ``TITLE``, ``detect(source)`` (0 to 1, judged by the
content), ``read(source, options)`` and optionally ``propose(source)``, the options guessed
from the file. There is nothing to register; ``docs/formats.md`` tells how to write one.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType, ModuleType
from typing import Any

import importers.formats
from annotations.errors import InvalidInput, UnreadableFile
from importers.guards import refuse_unreadable
from importers.records import Record
from importers.source import Source

Detect = Callable[[Source], float]
Read = Callable[[Source, Mapping[str, Any]], Iterator[Record]]
Propose = Callable[[Source], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Format:
    """One reader. ``name`` is its module's; ``read`` raises UnreadableFile or InvalidInput."""

    name: str
    title: str
    detect: Detect
    read: Read
    propose: Propose | None


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
    scored = [Candidate(format, format.detect(source)) for format in formats().values()]
    likely = [candidate for candidate in scored if candidate.score > 0]
    return sorted(likely, key=lambda candidate: (-candidate.score, candidate.format.name))


def choose_format(source: Source) -> Format:
    """The likeliest format; raises UnreadableFile where none fits."""
    likely = candidates(source)
    if not likely:
        titles = "; ".join(f"{format.name} ({format.title})" for format in formats().values())
        raise UnreadableFile(
            f"{source.name} looks like none of the known formats: {titles}. "
            "Name the format yourself if it is one of these."
        )
    return likely[0].format


def _format(module: ModuleType) -> Format:
    name = module.__name__.rpartition(".")[2]
    for part in ("__doc__", "TITLE", "detect", "read"):
        if not getattr(module, part, None):
            raise TypeError(f"The format {name} lacks {part}; see docs/formats.md.")
    return Format(
        name=name,
        title=module.TITLE,
        detect=module.detect,
        read=_guarded(module.read),
        propose=getattr(module, "propose", None),
    )


def _guarded(read: Read) -> Read:
    def guarded_read(source: Source, options: Mapping[str, Any]) -> Iterator[Record]:
        refuse_unreadable(source)
        return read(source, options)

    return guarded_read
