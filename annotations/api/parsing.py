"""Request bodies, read with a bound."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

MAX_BYTES = 2_500_000
DEEPEST = 64
TOO_DEEP = "The JSON is nested too deeply."


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = f"The body has more than {MAX_BYTES / 1e6:g} MB."


class BoundedJSONParser(JSONParser):
    """JSON of at most 2.5 MB; the framework's own parser reads whatever comes."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        content = stream.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise TooLarge
        try:
            parsed = json.loads(
                content.decode(), parse_constant=_no_number, object_pairs_hook=_without_twins
            )
        except RecursionError:
            raise ParseError(TOO_DEEP) from None
        except ValueError as error:
            raise ParseError(f"JSON parse error - {error}") from None
        if _is_deep(parsed):
            raise ParseError(TOO_DEEP)
        if not isinstance(parsed, dict):
            raise ParseError("The body is a JSON object.")
        return parsed


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"Out of range float values are not JSON compliant: {name}")


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers of one text would not agree on which of two values counts."""
    read = dict(pairs)
    if len(read) < len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twin[:100]!r} stands twice in one object.")
    return read


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True
