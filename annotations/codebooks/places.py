"""Where in the YAML text a fault stands, for an editor that marks lines."""

from __future__ import annotations

import re
from dataclasses import dataclass

from yaml.error import YAMLError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from annotations.codebooks.problems import Problem
from annotations.codebooks.schema import CodebookFile, parse_codebook
from annotations.codebooks.strict_yaml import StrictLoader
from annotations.errors import InvalidCodebook

STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
AT = re.compile(r"^Line (\d+), column \d+: (.*)$", re.DOTALL)
VERSION = re.compile(r"^version:[^\n]*$", re.MULTILINE)


@dataclass(frozen=True)
class Fault:
    """A problem with its line, from 1; ``path`` is empty where the text is not YAML."""

    path: str
    line: int
    sentence: str


@dataclass(frozen=True)
class Examined:
    """A text that may be a codebook: the codebook, or all the faults."""

    codebook: CodebookFile | None
    faults: list[Fault]


def examine(text: str) -> Examined:
    """The codebook of the text, or why it is none. Raises nothing."""
    try:
        return Examined(parse_codebook(text), [])
    except InvalidCodebook as error:
        if not error.fields:
            return Examined(None, [_of_the_text(error.message)])
        problems = [
            Problem(path, sentence)
            for path, sentences in error.fields.items()
            for sentence in sentences
        ]
        return Examined(None, located(text, problems))


def located(text: str, problems: list[Problem]) -> list[Fault]:
    """The problems with their lines, in the order of the text."""
    root = _root(text)
    faults = [Fault(one.path, _line(root, one.path), one.sentence) for one in problems]
    return sorted(faults, key=lambda fault: fault.line)


def with_version(text: str, version: int) -> str:
    """The text with another ``version``; unchanged if it has no line for it."""
    return VERSION.sub(f"version: {version}", text, count=1)


def for_next_version(text: str, version: int, *, follows: int | None = None) -> str:
    """The text as the beginning of a later version, which says that it ``follows`` another.

    What it says of the version before it (``was``, ``map``, ``dropped``) is left out: to the next
    one it would say something else. An entry that shares its line with others stays.
    """
    root = _root(text)
    lines = text.splitlines(keepends=True)
    spans = [
        (_line_of(key) - 1, _last_line(value))
        for key, value in _about_before(root)
        if lines[_line_of(key) - 1].lstrip().startswith(f"{key.value}:")
    ]
    for first, last in sorted(spans, reverse=True):
        del lines[first : last + 1]
    raised = with_version("".join(lines), version)
    line = f"version: {version}"
    return raised if follows is None else raised.replace(line, f"{line}\nfollows: {follows}", 1)


def _about_before(root: Node | None) -> list[tuple[ScalarNode, Node]]:
    """The fields that speak of the version before, with their values."""
    fields = [("dropped", root), ("follows", root)]
    questions = _child(root, "questions")
    if questions and isinstance(questions[1], SequenceNode):
        fields += [(name, one) for one in questions[1].value for name in ("was", "map")]
    return [
        (key, value)
        for name, holder in fields
        if isinstance(holder, MappingNode)
        for key, value in holder.value
        if isinstance(key, ScalarNode) and key.value == name
    ]


def _last_line(node: Node) -> int:
    """The last line of a value, from 0. The end of a list in lines is where the next entry is."""
    if isinstance(node, SequenceNode | MappingNode) and node.value and not node.flow_style:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last)
    line: int = node.end_mark.line
    return line


def _of_the_text(message: str) -> Fault:
    found = AT.match(message)
    return Fault("", int(found[1]), found[2]) if found else Fault("", 1, message)


def _root(text: str) -> Node | None:
    loader = StrictLoader(text)
    try:
        return loader.get_single_node()
    except YAMLError:
        return None
    finally:
        loader.dispose()


def _line(node: Node | None, path: str) -> int:
    """The line of the field; where it is missing, that of what it is missing in."""
    line = 1
    steps = [index or name for index, name in STEP.findall(path)]
    for step in steps:
        found = _child(node, step)
        if found is None:
            break
        line, node = found
    return line


def _child(node: Node | None, step: str) -> tuple[int, Node] | None:
    if isinstance(node, SequenceNode) and step.isdigit() and int(step) < len(node.value):
        entry: Node = node.value[int(step)]
        return _line_of(entry), entry
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(key, ScalarNode) and key.value == step:
                return _line_of(key), value
    return None


def _line_of(node: Node) -> int:
    line: int = node.start_mark.line
    return line + 1
