"""What a dataset holds, chosen by query parameters: the fields of contents, filters beside them."""

from __future__ import annotations

import re
from dataclasses import fields
from itertools import chain
from typing import TypeVar

import msgspec
from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter

from annotations.errors import InvalidInput
from annotations.exporters.contents import (
    CONTEXTS,
    FORMULAS,
    LARGEST_SEED,
    METHODS,
    PRIVACY,
    SPLITS,
    Contents,
)
from annotations.exporters.rows import LAYERS
from annotations.samples.recipe import (
    DATES,
    LARGEST,
    LISTS,
    LONGEST_WORD,
    MOST_WORDS,
    RANGES,
    Recipe,
)

Schema = dict[str, object]
T = TypeVar("T", Contents, Recipe)

FILTERS = tuple(Recipe().filters())
CHOICES = tuple(one.name for one in fields(Contents) if one.name != "filters")
SEVERAL = frozenset({"layers", "shares", *LISTS})
TOLD = {
    "layers": f"Whose labels, of {', '.join(LAYERS)}; as usual all but aggregated.",
    "method": f"The aggregation that `aggregated` is of: {', '.join(METHODS)}.",
    "context": f"What is added to what was sampled: {', '.join(CONTEXTS)}.",
    "privacy": f"What of people leaves: {', '.join(PRIVACY)}. Pseudonyms are new each time.",
    "notes": "What annotators wrote to managers, and why decisions were made; as usual `true`.",
    "traits": "What annotators agreed to tell of themselves.",
    "split_by": f"Train, validation and test by: {', '.join(SPLITS)}.",
    "shares": "Of train, validation and test; they sum to 1.",
    "seed": "Of the splits.",
    "formulas": f"Cells of CSV that a spreadsheet would run: {', '.join(FORMULAS)}.",
    "platforms": "Only threads of these platforms.",
    "languages": "Only these languages (ISO 639; `und` where it cannot be told).",
    "posted_from": "The first day, UTC.",
    "posted_to": "The last day, UTC.",
    "depth_min": "At least so many comments above it.",
    "depth_max": "At most so many comments above it.",
    "length_min": "At least so many code points.",
    "length_max": "At most so many code points.",
    "keywords": "The text holds one of these words, whatever the case.",
    "excluded": "The text holds none of these words.",
    "without_copies": "Of near-duplicates only the earliest.",
    "thread_min": "At least so many comments in the thread.",
    "thread_max": "At most so many comments in the thread.",
    "not_in": "Slugs of campaigns whose units are left out.",
}
WHOLE: Schema = {"type": "integer", "minimum": 0, "maximum": LARGEST}
WORD: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_WORD}
DAY: Schema = {"type": "string", "format": "date"}
TRUTH: Schema = {"type": "boolean"}
KINDS: dict[str, Schema] = {
    "layers": {"enum": list(LAYERS)},
    "method": {"enum": ["", *METHODS]},
    "context": {"enum": list(CONTEXTS)},
    "privacy": {"enum": list(PRIVACY)},
    "notes": TRUTH,
    "traits": TRUTH,
    "split_by": {"enum": list(SPLITS)},
    "shares": {"type": "number", "minimum": 0, "maximum": 1},
    "seed": {"type": "integer", "minimum": 0, "maximum": LARGEST_SEED},
    "formulas": {"enum": list(FORMULAS)},
    "without_copies": TRUTH,
    **dict.fromkeys(LISTS, WORD),
    **dict.fromkeys(DATES, DAY),
    **dict.fromkeys(chain.from_iterable(RANGES), WHOLE),
}
SIZES: dict[str, Schema] = {"layers": {"minItems": 1}, "shares": {"minItems": 3, "maxItems": 3}}


def _schema(name: str) -> Schema:
    if name in SEVERAL:
        most = {"maxItems": MOST_WORDS} if name in LISTS else SIZES[name]
        return {"type": "array", "items": KINDS[name], **most}
    return KINDS[name]


PARAMETERS = tuple(
    OpenApiParameter(name, _schema(name), description=TOLD[name], explode=name in SEVERAL or None)
    for name in (*CHOICES, *FILTERS)
)
NAMES = frozenset(one.name for one in PARAMETERS)


def contents_of(given: QueryDict) -> Contents:
    """The contents that the parameters choose; lists by repeating a parameter.

    Raises InvalidInput, with the sentence beside the parameter at fault.
    """
    filters = _converted({name: _value(given, name) for name in FILTERS if name in given}, Recipe)
    chosen = {name: _value(given, name) for name in CHOICES if name in given}
    return _converted({**chosen, "filters": filters}, Contents)


def _value(given: QueryDict, name: str) -> str | list[str]:
    values = given.getlist(name)
    if name in SEVERAL:
        return values
    if len(values) > 1:
        raise _refused(name, f"Give {name} once.")
    if values[0] == "null":  # which the reader of texts takes for nothing
        raise _refused(name, f"{name}: leave it out instead of null.")
    return values[0]


def _converted(given: dict[str, object], kind: type[T]) -> T:
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        said, _, place = str(error).partition(" - at ")
        found = re.search(r"\$\.(\w+)", place)
        name = found[1] if found else "contents"
        raise _refused(name, f"{name}: {said}.") from error


def _refused(name: str, sentence: str) -> InvalidInput:
    return InvalidInput(sentence, fields={name: [sentence]})
