"""Finds the export formats by walking their package: a new format is a new file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from annotations.errors import InvalidInput
from annotations.exporters import formats
from annotations.exporters.dataset import Dataset
from annotations.exporters.folder import Folder


@dataclass(frozen=True, slots=True)
class Exporter:
    """An export format; ``name`` is its module's, ``extension`` has no dot.

    It writes either one file, in pieces as the rows come (``write``), or many (``write_files``),
    which travel as a ZIP.
    """

    name: str
    title: str
    extension: str
    content_type: str
    write: Callable[[Dataset], Iterator[bytes]] | None
    write_files: Callable[[Dataset, Folder], None] | None

    @property
    def media_type(self) -> str:
        """The content type without its parameters, as a client asks for it."""
        return self.content_type.partition(";")[0]


@cache
def exporters() -> Mapping[str, Exporter]:
    """All export formats by name, in the order of their names."""
    names = sorted(module.name for module in iter_modules(formats.__path__))
    return MappingProxyType({name: _load(name) for name in names})


def exporter(name: str) -> Exporter:
    """The export format called ``name``. Raises InvalidInput, which names the known ones."""
    known = exporters()
    if name not in known:
        message = f"{name!r} is no export format. Choose one of: {', '.join(known)}."
        raise InvalidInput(message, fields={"format": [message]})
    return known[name]


def streamed() -> Mapping[str, Exporter]:
    """Those that write one file as the rows come."""
    return MappingProxyType({name: one for name, one in exporters().items() if one.write})


def _load(name: str) -> Exporter:
    module = import_module(f"{formats.__name__}.{name}")
    if hasattr(module, "write_files"):
        return Exporter(name, module.TITLE, "zip", "application/zip", None, module.write_files)
    return Exporter(name, module.TITLE, module.EXTENSION, module.CONTENT_TYPE, module.write, None)
