"""Faults of a codebook file, each with its path and a sentence for the person who wrote it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ValidationError

from annotations.codebooks import patterns
from annotations.errors import InvalidCodebook

MOST_IN_MESSAGE = 20

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "missing": "is required; add it.",
        "string_type": "must be text; put quotes around what looks like a number or true/false.",
        "int_type": "must be a whole number, without quotes.",
        "float_type": "must be a number, without quotes.",
        "bool_type": "must be true or false, without quotes.",
        "tuple_type": "must be a list: one entry a line, each behind a hyphen.",
        "model_type": "must be fields with values, as in `title: …`.",
        "string_too_short": "must not be empty.",
        "too_short": "must have at least one entry.",
        "too_long": "must have at most {max_length} entries.",
        "string_too_long": "must have at most {max_length} characters.",
        "greater_than": "must be greater than {gt:g}.",
        "greater_than_equal": "must be at least {ge}.",
        "less_than_equal": "must be at most {le}.",
        "literal_error": "must be one of {expected}.",
    }
)
"""What pydantic calls a fault, and what the person reads."""


@dataclass(frozen=True, slots=True)
class Problem:
    """``path`` as in ``questions[1].labels[2].hotkey``; ``sentence`` continues it."""

    path: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}"


def refusal(problems: Sequence[Problem]) -> InvalidCodebook:
    """The error that names all the problems: in ``fields`` all, in the message the first twenty."""
    fields: dict[str, list[str]] = {}
    for problem in problems:
        fields.setdefault(problem.path, []).append(problem.sentence)
    lines = [str(problem) for problem in problems[:MOST_IN_MESSAGE]]
    if len(problems) > MOST_IN_MESSAGE:
        lines.append(f"… and {len(problems) - MOST_IN_MESSAGE} more.")
    return InvalidCodebook("\n".join(lines), fields=fields)


def shape_problems(
    error: ValidationError, root: type[BaseModel], parts: Mapping[str, type[BaseModel]]
) -> Iterator[Problem]:
    """The faults of single fields. ``parts`` names the model behind each field that holds one."""
    for fault in error.errors(include_url=False):
        location = fault["loc"]
        # A broken rule is told by ``rules``; a list whose entries are all faulty is not too short.
        if fault["type"] == "value_error" or (fault["type"] == "too_short" and fault["input"]):
            continue
        if fault["type"] == "extra_forbidden":
            holders = _holders(location[:-1], parts)
            sentence = _unknown_field(str(location[-1]), (holders or [root])[-1])
        else:
            sentence = _sentence(fault["type"], fault.get("ctx", {}), fault["msg"])
        yield Problem(path_text(location), sentence)


def _holders(
    location: Sequence[str | int], parts: Mapping[str, type[BaseModel]]
) -> list[type[BaseModel]]:
    """The models on the way to a field, the outermost first.

    Below ``translations`` they are others: ``parts`` calls them ``translations.labels``.
    """
    names = [str(name) for name in location]
    if names[:1] == ["translations"]:
        names[1:] = [f"translations.{name}" for name in names[1:]]
    return [parts[name] for name in names if name in parts]


def path_text(location: Sequence[str | int]) -> str:
    """``("questions", 1, "key")`` as ``questions[1].key``; the whole file is ``codebook``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.removeprefix(".").removesuffix(".[key]") or "codebook"


def _sentence(kind: str, context: Mapping[str, Any], fallback: str) -> str:
    if kind == "string_pattern_mismatch":
        return patterns.SENTENCES[context["pattern"]]
    return SENTENCES[kind].format_map(context) if kind in SENTENCES else f"{fallback}."


def _unknown_field(name: str, model: type[BaseModel]) -> str:
    known = list(model.model_fields)
    alike = get_close_matches(name, known, n=1)
    if alike:
        return f"there is no such field; did you mean `{alike[0]}`?"
    return f"there is no such field; the fields here are {', '.join(known)}."
