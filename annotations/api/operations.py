"""How an operation is described in the schema: its name, what it takes and answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.serializers import BaseSerializer, ListSerializer, Serializer

from annotations.api.errors import ErrorSerializer

View = TypeVar("View", bound=Callable[..., Any])

MEANINGS = {
    400: "Something in the request cannot be taken.",
    401: "Nobody is logged in, or the token is wrong.",
    403: "The role, the token's scopes, or the missing CSRF token forbid it.",
    404: "There is no such thing, or none that may be seen.",
    406: "No format is of a media type that `Accept` names.",
    409: "The state of the thing forbids it.",
    413: "The body is too large.",
    415: "The body is of another type.",
    429: "The token has asked too often; `Retry-After` says how many seconds to wait.",
    503: "Others do too much of the same now; `Retry-After` says how many seconds to wait.",
}
ALWAYS = (400, 401, 403, 429)
WITH_BODY = (413, 415)
JSON = "application/json"
SOME_FIELDS = "application/vnd.threadmark.fields+json"
UNCHANGED = OpenApiResponse(description="You have this answer already (`If-None-Match`).")
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The `ETag` of the answer that you have.",
)
ETAG = OpenApiParameter(
    "ETag", str, OpenApiParameter.HEADER, description="Names this very answer.", response=[200]
)
RETRY_AFTER = OpenApiParameter(
    "Retry-After",
    int,
    OpenApiParameter.HEADER,
    description="Seconds to wait.",
    response=[429, 503],
)
COUNTED = [200, 201, 202, 204, 206, 304, 429]
RATE_LIMITS = [
    OpenApiParameter(
        name, str, OpenApiParameter.HEADER, description=f"To tokens: {said}.", response=COUNTED
    )
    for name, said in {
        "RateLimit-Policy": 'how often they may ask, such as `"requests";q=44;w=11`',
        "RateLimit": 'how often they still may, such as `"requests";r=43;t=1`',
    }.items()
]


def operation(
    name: str,
    answer: Any,
    *,
    body: Any = None,
    status: int = 200,
    errors: Sequence[int] = (),
    parameters: Sequence[OpenApiParameter] = (),
    conflict: Any = ErrorSerializer,
) -> Callable[[View], View]:
    """Describe the decorated method; ``errors`` are those beyond what every operation has.

    ``answer`` is a serializer, or a mapping of statuses and media types for what is no JSON.
    ``name`` is how scopes.py opens it to tokens; it begins with the group in which the
    document shows it. A GET whose answer is a serializer can be asked
    for some of its fields, and whether it is still the same.
    """
    expected = {*ALWAYS, *errors, *(WITH_BODY if body else ())}
    refusals = {
        code: OpenApiResponse(conflict if code == 409 else ErrorSerializer, MEANINGS[code])
        for code in sorted(expected)
    }

    def describe(view: View) -> View:
        fields = _fields_of(answer) if view.__name__ == "get" else ()
        answers = answer if isinstance(answer, dict) else {status: answer}
        more: list[OpenApiParameter] = []
        if fields:
            some = {(200, SOME_FIELDS): OpenApiTypes.OBJECT, 304: UNCHANGED}
            answers = {(200, JSON): answer, **some}
            more = [_choice_of(fields), IF_NONE_MATCH, ETAG]
        described: View = extend_schema(
            operation_id=name,
            tags=[name.partition("_")[0]],
            summary=(view.__doc__ or "").strip(),
            request=body,
            parameters=[*parameters, *more, RETRY_AFTER, *RATE_LIMITS],
            responses={**answers, **refusals},
        )(view)
        described.operation_name = name  # type: ignore[attr-defined]
        described.shown_fields = fields  # type: ignore[attr-defined]
        return described

    return describe


def _fields_of(answer: Any) -> tuple[str, ...]:
    """The names of the fields that an object in the answer has; none where it is no serializer."""
    one = answer.child if isinstance(answer, ListSerializer) else answer
    if isinstance(one, type) and issubclass(one, BaseSerializer):
        one = one()
    return tuple(one.fields) if isinstance(one, Serializer) else ()


def _choice_of(fields: Sequence[str]) -> OpenApiParameter:
    return OpenApiParameter(
        "fields",
        {"type": "array", "items": {"type": "string", "enum": list(fields)}, "minItems": 1},
        description="Only these fields of each object, with commas between them.",
        style="form",
        explode=False,
    )
