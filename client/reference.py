"""Writes the reference in docs/client.md from the docstrings: ``make client-docs``."""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import threadmark

PAGE = Path(__file__).parents[1] / "docs" / "client.md"
BEGIN = "<!-- From here on `make client-docs` writes the page, from the docstrings. -->\n"
INDENTED = re.compile(r"^ {4}.*(?:\n(?: {4}.*|(?=\n {4})))*", re.MULTILINE)
CLASSES = (
    threadmark.Threadmark,
    threadmark.Labels,
    threadmark.Job,
    threadmark.Changes,
    threadmark.Sent,
    threadmark.Result,
    threadmark.Mirrored,
)


def page() -> str:
    """The page as it should be: its guide as it is, and the reference as the code says."""
    guide, mark, _ = PAGE.read_text().partition(BEGIN)
    if not mark:
        raise SystemExit(f"{PAGE} has no line {BEGIN!r}: put it where the reference begins.")
    return guide + mark + "\n" + "\n".join(_reference())


def _reference() -> Iterator[str]:
    for kind in CLASSES:
        yield from _class(kind)
    yield f"### verify\n\n{_signature('verify', threadmark.verify)}\n"
    yield _text(threadmark.verify)
    yield "### Errors\n"
    tree = sys.modules["threadmark.errors"].__doc__
    yield _text(threadmark.ThreadmarkError)
    yield _fenced(str(tree).partition("\n\n")[2].rstrip()) + "\n"


def _class(kind: type[Any]) -> Iterator[str]:
    yield f"### {kind.__name__}\n"
    if kind is threadmark.Threadmark:
        yield f"{_signature(kind.__name__, kind.__init__)}\n"
    yield _text(kind)
    if dataclasses.is_dataclass(kind):
        return
    for name, member in vars(kind).items():
        if name.startswith("_") and name != "__iter__":
            continue
        if isinstance(member, property):
            yield f"#### {kind.__name__}.{name}\n\n{_text(member)}"
        elif inspect.isfunction(member):
            shown = f"iter({kind.__name__.lower()})" if name == "__iter__" else name
            title = shown if name == "__iter__" else f"{kind.__name__}.{name}"
            yield f"#### {title}\n\n{_signature(shown, member)}\n\n{_text(member)}"


def _signature(name: str, function: Any) -> str:
    """A parameter a line where they are many."""
    told = inspect.signature(function)
    told = told.replace(parameters=[one for key, one in told.parameters.items() if key != "self"])
    if name.startswith("iter("):
        return _code(f"{name} -> {told.return_annotation}")
    if name == "Threadmark":
        told = told.replace(return_annotation=told.empty)
    line = f"{name}{told}".replace("'", "")
    if len(line) <= 88:
        return _code(line)
    rows, keyword = [], False
    for one in told.parameters.values():
        if one.kind is one.KEYWORD_ONLY and not keyword:
            rows.append("*")
            keyword = True
        rows.append(str(one).replace("'", ""))
    answer = "" if told.return_annotation is told.empty else f" -> {told.return_annotation}"
    return _code("\n".join([f"{name}(", *(f"    {row}," for row in rows), f"){answer}"]))


def _text(documented: Any) -> str:
    """The docstring, its indented lines as blocks of code."""
    said = inspect.cleandoc(documented.__doc__ or "").replace("``", "`")
    return f"{_fenced(said)}\n"


def _fenced(text: str) -> str:
    return INDENTED.sub(lambda found: _code(textwrap.dedent(found[0])), text)


def _code(text: str) -> str:
    return f"```text\n{text.strip()}\n```"


if __name__ == "__main__":
    PAGE.write_text(page())
