"""How often tokens may ask. The pages' own requests, which a person makes, are not counted."""

from __future__ import annotations

from django.conf import settings
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from annotations.buckets import Allowance, take
from annotations.models import ApiToken


class TooOften(Throttled):
    default_detail = "This token asks too often."
    extra_detail_singular = "Ask again in {wait} second."
    extra_detail_plural = "Ask again in {wait} seconds."


class TokenThrottle(BaseThrottle):
    """Requests of one token. A download counts once, however long it takes."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Raises TooOften."""
        if isinstance(request.auth, ApiToken):
            wait = self.take(request.auth)
            if wait:
                raise TooOften(wait)
        return True

    def take(self, token: ApiToken) -> float:
        allowance = Allowance(settings.TOKEN_RATE, settings.TOKEN_BURST)
        return take(f"token:{token.digest[:32]}", allowance)


class SaveThrottle(TokenThrottle):
    """Annotations that one person saves, by whichever of their tokens."""

    def take(self, token: ApiToken) -> float:
        return take(f"saves:{token.user_id}", Allowance(settings.SAVE_RATE, settings.SAVE_BURST))
