"""YAML for people: what a codebook file may contain, and nothing that can surprise or harm.

Safe loading only, and stricter than that: a key stands once, aliases and tags are refused
(an alias can unfold a small file into gigabytes), nesting is bounded, and only ``true`` and
``false`` are booleans, so that a label may be called ``no``.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

import yaml
from yaml.error import Mark, MarkedYAMLError
from yaml.events import AliasEvent
from yaml.nodes import MappingNode, Node, ScalarNode
from yaml.reader import ReaderError

from annotations.errors import InvalidCodebook

MAX_BYTES = 1_000_000
MAX_DEPTH = 20

# Control characters and lone surrogates: an escape can write them, no database takes them.
UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class RefusedError(MarkedYAMLError):
    """YAML that is well formed but not taken; ``problem`` is a sentence for the person."""

    def __init__(self, problem: str, mark: Any) -> None:
        super().__init__(problem=problem, problem_mark=mark)


class StrictLoader(yaml.SafeLoader):
    """PyYAML's safe loader without the parts of YAML 1.1 that change what somebody wrote."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, AliasEvent):
            raise RefusedError(
                f"the alias `*{event.anchor}` is not taken; write the text out.",
                event.start_mark,
            )
        if event.tag is not None:
            raise RefusedError(
                f"the tag `{event.tag}` is not taken; write the plain value.",
                event.start_mark,
            )
        if self.depth == MAX_DEPTH:
            raise RefusedError(f"more than {MAX_DEPTH} levels of nesting.", event.start_mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        if isinstance(node, ScalarNode) and UNSTORABLE.search(node.value):
            raise RefusedError(
                "a control character stands in this text; delete it.", event.start_mark
            )
        return node

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        first_lines: dict[str, int] = {}
        mapping: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node)
            line = key_node.start_mark.line + 1
            if key in mapping:
                raise RefusedError(
                    f"`{key}` already stands on line {first_lines[key]}; keep one of the two.",
                    key_node.start_mark,
                )
            first_lines[key] = line
            mapping[key] = self.construct_object(value_node, deep=deep)
        return mapping

    @staticmethod
    def _key(node: Node) -> str:
        if not isinstance(node, ScalarNode):
            raise RefusedError("a list or mapping cannot be the name of a field.", node.start_mark)
        return str(node.value)


StrictLoader.yaml_implicit_resolvers = {}

# The subset of YAML 1.1 scalars that YAML 1.2 reads in the same way. Seventeen digits stay
# exact enough for any rating and keep int() away from its limit on long numbers.
for tag, pattern, first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(?:0|[1-9][0-9]{0,16})", list("-+0123456789")),
    ("float", r"[-+]?[0-9]+\.[0-9]*(?:[eE][-+][0-9]+)?", list("-+0123456789")),
):
    StrictLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{tag}", re.compile(rf"^(?:{pattern})\Z"), first
    )


def read_yaml(text: str) -> object:
    """What the YAML says. Raises InvalidCodebook with the line and column at fault."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise InvalidCodebook(
            f"The file is larger than {MAX_BYTES // 1_000_000} MB; a codebook is a few pages."
        )
    try:
        return _load(text)
    except RefusedError as error:
        raise _refusal(error.problem_mark, str(error.problem)) from error
    except MarkedYAMLError as error:
        reason = ", ".join(part for part in (error.context, error.problem) if part)
        mark = error.problem_mark or error.context_mark
        raise _refusal(mark, f"this is not valid YAML ({reason}).") from error
    except ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, error.position - before.rfind("\n")
        raise InvalidCodebook(
            f"Line {line}, column {column}: a control character that YAML forbids; delete it."
        ) from error


def _load(text: str) -> object:
    loader = StrictLoader(text)
    try:
        return loader.get_single_data()
    except (ValueError, OverflowError) as error:
        raise RefusedError(
            "an escape in double quotes names no character.", loader.get_mark()
        ) from error
    finally:
        loader.dispose()


def _refusal(mark: Mark | None, sentence: str) -> InvalidCodebook:
    if mark is None:
        return InvalidCodebook(sentence[0].upper() + sentence[1:])
    return InvalidCodebook(f"Line {mark.line + 1}, column {mark.column + 1}: {sentence}")
