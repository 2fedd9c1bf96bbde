"""Who one is, and in which campaigns."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.fields import Choice
from annotations.api.operations import operation
from annotations.api.resource import Resource
from annotations.api.tokens import TokenSerializer
from annotations.models import Membership, User
from annotations.selectors.readable import own_memberships


class OwnMembershipSerializer(serializers.Serializer[Membership]):
    campaign = serializers.SlugField(source="campaign.slug")
    name = serializers.CharField(source="campaign.name")
    role = Choice(Membership.Role)
    pseudonym = serializers.CharField(help_text="How exports name you in this campaign.")


class MeSerializer(serializers.Serializer[User]):
    username = serializers.CharField()
    is_staff = serializers.BooleanField()
    memberships = serializers.SerializerMethodField()
    token = TokenSerializer(
        allow_null=True, help_text="With which you ask; null: logged in by hand."
    )

    @extend_schema_field(OwnMembershipSerializer(many=True))
    def get_memberships(self, user: User) -> Any:
        memberships: Any = own_memberships(user)
        return OwnMembershipSerializer(memberships, many=True).data


class MeView(Resource):
    @operation("me", MeSerializer)
    def get(self, request: Request) -> Response:
        """Who you are, and your roles."""
        return self.show(MeSerializer, self.user)
