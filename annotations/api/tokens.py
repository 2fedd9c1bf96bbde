"""One's own tokens. Only somebody logged in by hand makes new ones: a token makes no token."""

from __future__ import annotations

from datetime import timedelta

from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.fields import Choice, RequestSerializer, Time, WholeNumber
from annotations.api.operations import operation
from annotations.api.paging import Order
from annotations.api.resource import Listing, Resource
from annotations.errors import NotPermitted
from annotations.models import ApiToken
from annotations.selectors.readable import own_tokens
from annotations.services.tokens import create_token, revoke_token

LONGEST_DAYS = 3650
MOST_CAMPAIGNS = 100


class TokenSerializer(serializers.Serializer[ApiToken]):
    """What a token is for, what it may do, and until when."""

    prefix = serializers.CharField(source="token_key", help_text="How the token begins.")
    name = serializers.CharField()
    scopes = serializers.ListField(child=Choice(ApiToken.Scope))
    campaigns = serializers.SerializerMethodField(
        help_text="The slugs of the campaigns that it reaches; null: all that you see."
    )
    created = Time()
    expiry = Time(allow_null=True)
    last_used_at = Time(allow_null=True, help_text="To the minute; null: not used yet.")

    @extend_schema_field(serializers.ListField(child=serializers.SlugField(), allow_null=True))
    def get_campaigns(self, token: ApiToken) -> list[str] | None:
        slugs = sorted(campaign.slug for campaign in token.campaigns.all())
        return slugs if token.limited else None


class CreatedTokenSerializer(TokenSerializer):
    token = serializers.SerializerMethodField(help_text="The whole token, shown this once.")

    def get_token(self, token: ApiToken) -> str:
        return str(self.context["token"])


class NewTokenSerializer(RequestSerializer):
    """A token to make."""

    name = serializers.CharField(max_length=100, help_text="What the token is for.")
    scopes = serializers.ListField(child=Choice(ApiToken.Scope), allow_empty=False, max_length=20)
    campaigns = serializers.ListField(
        child=serializers.SlugField(max_length=80),
        required=False,
        allow_empty=False,
        max_length=MOST_CAMPAIGNS,
        help_text="The slugs of the campaigns that it is to reach; left out: all that you see.",
    )
    days = WholeNumber(
        min_value=1, max_value=LONGEST_DAYS, required=False, help_text="How long it is good for."
    )


@method_decorator(never_cache, name="dispatch")
class TokensView(Listing):
    orders = {"-created": Order(("-created", "token_key"))}

    @operation("tokens_list", TokenSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Your tokens, the newest first."""
        return self.list(own_tokens(self.user), TokenSerializer)

    @operation("tokens_create", CreatedTokenSerializer, body=NewTokenSerializer, status=201)
    def post(self, request: Request) -> Response:
        """Make a token. It is shown this once; a token cannot make another."""
        if request.auth is not None:
            raise NotPermitted("A token makes no tokens: log in with your password to do this.")
        wanted = self.read(NewTokenSerializer)
        days = wanted.pop("days", None)
        expiry = timedelta(days=days) if days else None
        token, secret = create_token(user=self.user, expiry=expiry, **wanted)
        return self.show(CreatedTokenSerializer, token, status=201, context={"token": secret})


class TokenView(Resource):
    log_place = False

    @operation("tokens_revoke", None, status=204, errors=(404,))
    def delete(self, request: Request, prefix: str) -> Response:
        """Revoke a token of yours by how it begins: scripts that use it are locked out."""
        revoke_token(user=self.user, token_key=prefix)
        return Response(status=204)
