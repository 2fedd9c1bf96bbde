"""How often tokens may ask. The pages' own requests, which a person makes, are not counted.

Answers say what is left in the fields ``RateLimit-Policy`` and ``RateLimit`` of
draft-ietf-httpapi-ratelimit-headers-11.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from annotations.buckets import Allowance, Taken, take
from annotations.models import ApiToken


class TooOften(Throttled):
    default_detail = "This token asks too often."
    extra_detail_singular = "Ask again in {wait} second."
    extra_detail_plural = "Ask again in {wait} seconds."


class TokenThrottle(BaseThrottle):
    """Requests of one token. A download counts once, however long it takes."""

    policy = "requests"

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Raises TooOften."""
        if isinstance(request.auth, ApiToken):
            allowance = self.allowance()
            taken = take(self.key(request.auth), allowance)
            if taken is not None:
                told = request._request.__dict__.setdefault("rate_limits", [])
                told.append((self.policy, allowance, taken))
                if taken.refused:
                    raise TooOften(taken.wait)
        return True

    def allowance(self) -> Allowance:
        return Allowance(settings.TOKEN_RATE, settings.TOKEN_BURST)

    def key(self, token: ApiToken) -> str:
        return f"token:{token.digest[:32]}"


class SaveThrottle(TokenThrottle):
    """Annotations that one person saves, by whichever of their tokens."""

    policy = "saves"

    def allowance(self) -> Allowance:
        return Allowance(settings.SAVE_RATE, settings.SAVE_BURST)

    def key(self, token: ApiToken) -> str:
        return f"saves:{token.user_id}"


def telling_limits(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The view, whose answers say how often the token may ask, and how often it still may.

    Around all else, so that 304 and 429 say it too.
    """

    @wraps(view)
    def telling(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        told: list[tuple[str, Allowance, Taken]] = getattr(request, "rate_limits", [])
        if told and isinstance(response, SimpleTemplateResponse):
            # only when it is rendered is it known whether 304 is the answer
            response.add_post_render_callback(lambda rendered: _tell(rendered, told))
        elif told:
            _tell(response, told)
        return response

    return telling


def _tell(response: HttpResponseBase, told: list[tuple[str, Allowance, Taken]]) -> None:
    response.headers["RateLimit-Policy"] = ", ".join(
        f'"{policy}";q={allowance.burst};w={_window(allowance)}' for policy, allowance, _ in told
    )
    response.headers["RateLimit"] = ", ".join(
        f'"{policy}";r={taken.left};t={math.ceil(taken.again)}' for policy, _, taken in told
    )


def _window(allowance: Allowance) -> int:
    """The seconds in which an empty bucket fills up."""
    return math.ceil(max(1, allowance.burst) / allowance.rate)
