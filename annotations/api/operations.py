"""How an operation is described in the schema: its name, what it takes and answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from annotations.api.errors import ErrorSerializer

View = TypeVar("View", bound=Callable[..., Any])

MEANINGS = {
    400: "Something in the request cannot be taken.",
    401: "Nobody is logged in, or the token is wrong.",
    403: "The role, the token's scopes, or the missing CSRF token forbid it.",
    404: "There is no such thing, or none that may be seen.",
    409: "The state of the thing forbids it.",
    413: "The body is too large.",
    415: "The body is of another type.",
    429: "The token has asked too often; `Retry-After` says how many seconds to wait.",
}
ALWAYS = (400, 401, 403, 429)
WITH_BODY = (413, 415)
RETRY_AFTER = OpenApiParameter(
    "Retry-After", int, OpenApiParameter.HEADER, description="Seconds to wait.", response=[429]
)


def operation(
    name: str,
    answer: Any,
    *,
    body: Any = None,
    status: int = 200,
    errors: Sequence[int] = (),
    parameters: Sequence[OpenApiParameter] = (),
    conflict: Any = ErrorSerializer,
    changes: bool = False,
) -> Callable[[View], View]:
    """Describe the decorated method; ``errors`` are those beyond what every operation has.

    ``answer`` is a serializer, or a mapping of statuses and media types for what is no JSON.
    ``changes`` is for methods that change something without taking a body. ``name`` is how
    scopes.py opens it to tokens.
    """
    expected = {*ALWAYS, *errors, *(WITH_BODY if body else ()), *((403,) if changes else ())}
    answers = answer if isinstance(answer, dict) else {status: answer}
    refusals = {
        code: OpenApiResponse(conflict if code == 409 else ErrorSerializer, MEANINGS[code])
        for code in sorted(expected)
    }

    def describe(view: View) -> View:
        described: View = extend_schema(
            operation_id=name,
            summary=(view.__doc__ or "").strip(),
            request=body,
            parameters=[*parameters, RETRY_AFTER],
            responses={**answers, **refusals},
        )(view)
        described.operation_name = name  # type: ignore[attr-defined]
        return described

    return describe
