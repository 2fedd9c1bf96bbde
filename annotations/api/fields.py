"""Kinds of values that several resources show or take."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any

from django.db.models import TextChoices
from django.http import QueryDict
from drf_spectacular.drainage import set_override
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotations.models import User

_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
BIGGEST_NUMBER = 2**31 - 1


class RequestSerializer(serializers.Serializer[Any]):
    """What a client sends. A key that nobody reads is refused, so that no typo is lost, and so is
    a value of another JSON type than the schema says: the framework would take 1 for "1"."""

    def to_internal_value(self, data: Any) -> Any:
        mistyped = {}
        if isinstance(data, Mapping):
            unknown = sorted(set(map(str, data)) - self.fields.keys() - {"csrfmiddlewaretoken"})
            if unknown:
                known = ", ".join(self.fields)
                sentence = f"There is no such field here; the known ones are: {known}."
                raise serializers.ValidationError({key: [sentence] for key in unknown})
            mistyped = _mistyped(self.fields, data)
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({**dict(error.detail), **mistyped}) from error  # type: ignore[arg-type]
        if mistyped:
            raise serializers.ValidationError(mistyped)
        return value


def _mistyped(fields: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """What is wrong with the types of the values, by field. A form has texts alone."""
    if isinstance(data, QueryDict):
        return {}
    found = {name: _type_fault(fields[name], data[name]) for name in data if name in fields}
    return {name: fault for name, fault in found.items() if fault}


def _type_fault(field: Any, value: Any) -> Any:
    """What is wrong with the type of one value; of lists and objects, by place."""
    if isinstance(field, serializers.ListField | serializers.DictField):
        if not isinstance(value, list | dict):
            return None
        inner = enumerate(value) if isinstance(value, list) else value.items()
        found = {key: _type_fault(field.child, one) for key, one in inner}
        return {key: fault for key, fault in found.items() if fault}
    for kind, (fits, sentence) in JSON_TYPES.items():
        if isinstance(field, kind):
            return None if value is None or fits(value) else [sentence]
    return None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


JSON_TYPES: dict[Any, tuple[Callable[[Any], bool], str]] = {
    serializers.BooleanField: (lambda value: isinstance(value, bool), "This is true or false."),
    serializers.CharField: (_is_text, "This is not a text."),
    serializers.ChoiceField: (_is_text, "This is not a text."),
    serializers.UUIDField: (_is_text, "This is not a text."),
    serializers.IntegerField: (_is_number, "This is not a whole number."),
    serializers.FloatField: (_is_number, "This is not a number."),
}


class Time(serializers.DateTimeField):
    """ISO 8601 in UTC, whatever the time zone of the pages."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, **kwargs)


class Choice(serializers.ChoiceField):
    """One of a closed set, which the schema knows by the name of its class."""

    def __init__(self, kind: type[TextChoices], **kwargs: Any) -> None:
        super().__init__(choices=kind.choices, **kwargs)
        set_override(self, "field", {"type": "string", "enum": list(kind.values)})
        set_override(self, "field_component_name", kind.__qualname__.replace(".", ""))


class WholeNumber(serializers.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": BIGGEST_NUMBER, **kwargs})


class FiniteNumber(serializers.FloatField):
    """A number that is one: neither infinite nor “not a number”."""

    def to_internal_value(self, data: Any) -> float:
        value = super().to_internal_value(data)
        if not math.isfinite(value):
            raise serializers.ValidationError("This is not a number that can be kept.")
        return value


class Username(serializers.SlugRelatedField[User]):
    """Somebody who may log in, by their name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="username", queryset=User.objects.all(), **kwargs)

    def to_internal_value(self, data: Any) -> User:
        name = data if isinstance(data, str) and "\0" not in data else ""
        found = User.objects.filter(username=name, is_active=True).first()
        if found is None:
            raise serializers.ValidationError(f"There is no user {str(data)[:150]!r}.")
        return found


@extend_schema_field({"type": "object", "additionalProperties": {}})
class JSONObject(serializers.JSONField):
    """An object that every database can keep: no NUL, no half surrogate pair, no infinity."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        try:
            value = super().to_internal_value(data)
            written = json.dumps(value, allow_nan=False, ensure_ascii=False)
            written.encode()
        except (ValueError, RecursionError):
            raise serializers.ValidationError("This JSON cannot be kept.") from None
        if not isinstance(value, dict):
            raise serializers.ValidationError("An object is expected.")
        if _NUL.search(written):
            raise serializers.ValidationError("The JSON holds a NUL, which is no text.")
        return value


@extend_schema_field(
    {
        "type": ["integer", "null"],
        "enum": [1, 2, 3, None],
        "description": "1 unsure, 2 fairly sure, 3 sure; null where it was not said.",
    }
)
class ConfidenceField(serializers.IntegerField):
    """How sure somebody is."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=3, allow_null=True, **kwargs)


_SPAN = {
    "type": "object",
    "properties": {
        "start": {"type": "integer"},
        "end": {"type": "integer"},
        "quote": {"type": "string"},
        "label": {"type": ["string", "null"]},
    },
    "required": ["start", "end", "quote"],
}
_RELATED = {
    "type": "object",
    "properties": {"comment": {"type": "integer"}, "label": {"type": ["string", "null"]}},
    "required": ["comment"],
}
ANSWER_VALUES = [
    {"type": "string"},
    {"type": "number"},
    {"type": "array", "items": {"type": "string"}},
    {"type": "array", "items": _SPAN},
    {"type": "array", "items": _RELATED},
]


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"anyOf": ANSWER_VALUES},
        "description": "The value of each answered question by its key. A single label is its "
        "key, several labels are a list of keys; spans count code points and exclude their end.",
    },
    component_name="Answers",
)
class AnswersField(JSONObject):
    """``{question key: value}``, the one shape of answers."""


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {},
        "description": "As `Answers`. Those that do not fit are refused by themselves.",
    }
)
class AnswersOfManyField(AnswersField):
    """The answers to one of many units that are sent together."""
