"""Who takes part in a campaign, for its managers."""

from __future__ import annotations

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.fields import Choice, RequestSerializer, Time, Username
from annotations.api.operations import operation
from annotations.api.resource import Listing
from annotations.models import Membership
from annotations.permissions import access_campaign
from annotations.selectors.members import members_of
from annotations.services.campaigns import add_member


class MemberSerializer(serializers.Serializer[Membership]):
    pseudonym = serializers.CharField(help_text="The name in exports: A1, A2, …")
    username = serializers.CharField(
        source="user.username",
        allow_null=True,
        help_text="Null if the user was deleted; their labels stay.",
    )
    role = Choice(Membership.Role)
    joined_at = Time()


class NewMemberSerializer(RequestSerializer):
    """Somebody to take part."""

    username = Username()
    role = Choice(Membership.Role, default=Membership.Role.ANNOTATOR)


class MembersView(Listing):
    ordering = ("number",)

    @operation("members_list", MemberSerializer(many=True), errors=(403, 404))
    def get(self, request: Request, slug: str) -> Response:
        """Everybody who takes part, by number (managers)."""
        access = access_campaign(self.user, slug, "campaign.manage")
        return self.list(members_of(access.campaign), MemberSerializer)

    @operation(
        "members_create",
        MemberSerializer,
        body=NewMemberSerializer,
        status=201,
        errors=(404, 409),
    )
    def post(self, request: Request, slug: str) -> Response:
        """Let somebody take part (managers)."""
        access = access_campaign(self.user, slug, "campaign.manage")
        wanted = self.read(NewMemberSerializer)
        member = add_member(
            campaign=access.campaign,
            user=wanted["username"],
            role=wanted["role"],
            now=timezone.now(),
        )
        return self.show(MemberSerializer, member, status=201)
