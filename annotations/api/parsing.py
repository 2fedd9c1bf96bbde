"""Request bodies, read with a bound."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

MAX_BYTES = 2_500_000


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
            parsed = super().parse(io.BytesIO(content), media_type, parser_context)
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None
        if not isinstance(parsed, dict):
            raise ParseError("The body is a JSON object.")
        return parsed
