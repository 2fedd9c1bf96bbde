"""Finds the export formats by walking their package: a new format is a new file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
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
    which travel as a ZIP. ``requires`` is the library without which it cannot be written, where
    that does not come with Threadmark. ``many_files`` says that there are the more files, the
    more threads there are.
    """

    name: str
    title: str
    extension: str
    content_type: str
    write: Callable[[Dataset], Iterator[bytes]] | None
    write_files: Callable[[Dataset, Folder], None] | None
    requires: str = ""
    many_files: bool = False

    @property
    def media_type(self) -> str:
        """The content type without its parameters, as a client asks for it."""
        return self.content_type.partition(";")[0]


@cache
def exporters() -> Mapping[str, Exporter]:
    """The export formats that can be written here by name, in the order of their names."""
    return MappingProxyType(
        {name: one for name, one in _all().items() if not one.requires or find_spec(one.requires)}
    )


def lacking() -> Mapping[str, Exporter]:
    """Those that cannot be written here, because their library is not installed."""
    return MappingProxyType({name: one for name, one in _all().items() if name not in exporters()})


def exporter(name: str) -> Exporter:
    """The export format called ``name``. Raises InvalidInput, which names the known ones, or the
    library that the format lacks."""
    known = exporters()
    if name in known:
        return known[name]
    if missing := _all().get(name):
        message = (
            f"The format {name!r} needs the library {missing.requires}, which is not installed: "
            f"install it (pip install {missing.requires}) and start Threadmark again."
        )
    else:
        message = f"{name!r} is no export format. Choose one of: {', '.join(known)}."
    raise InvalidInput(message, fields={"format": [message]})


def streamed() -> Mapping[str, Exporter]:
    """Those that write one file as the rows come."""
    return MappingProxyType({name: one for name, one in exporters().items() if one.write})


@cache
def _all() -> Mapping[str, Exporter]:
    names = sorted(module.name for module in iter_modules(formats.__path__))
    return MappingProxyType({name: _load(name) for name in names})


def _load(name: str) -> Exporter:
    module = import_module(f"{formats.__name__}.{name}")
    requires = getattr(module, "REQUIRES", "")
    if hasattr(module, "write_files"):
        folder = ("zip", "application/zip", None, module.write_files)
        many_files = getattr(module, "MANY_FILES", False)
        return Exporter(name, module.TITLE, *folder, requires, many_files)
    kind = (module.EXTENSION, module.CONTENT_TYPE)
    return Exporter(name, module.TITLE, *kind, module.write, None, requires)
