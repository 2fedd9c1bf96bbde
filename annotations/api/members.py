"""Who takes part in a campaign, for its managers."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.fields import Choice, RequestSerializer, Time, Username
from annotations.api.operations import operation
from annotations.api.paging import Order
from annotations.api.resource import Listing, Resource
from annotations.models import Membership
from annotations.permissions import access_campaign
from annotations.selectors.members import member_of, members_with_scores
from annotations.services.audit import Act, note_seen
from annotations.services.campaigns import add_member, change_role
from annotations.services.people import LONGEST_REASON, let_go_on, pause_member, set_languages


class MemberSerializer(serializers.Serializer[Membership]):
    pseudonym = serializers.CharField(help_text="The name in exports: A1, A2, …")
    username = serializers.CharField(
        source="user.username",
        allow_null=True,
        help_text="Null if the user was deleted; their labels stay.",
    )
    number = serializers.IntegerField()
    role = Choice(Membership.Role)
    languages = serializers.ListField(
        child=serializers.CharField(), help_text="That they read (ISO 639); empty: all."
    )
    joined_at = Time()
    admitted_at = Time(
        allow_null=True, help_text="When training and test were behind them; null before."
    )
    paused_at = Time(allow_null=True, help_text="Since when they get no units; null: they do.")
    pause_reason = serializers.CharField()
    test_score = serializers.FloatField(allow_null=True, help_text="Their mean score in the test.")
    check_score = serializers.FloatField(allow_null=True, help_text="In all their checks.")
    repeat_score = serializers.FloatField(
        allow_null=True, help_text="How far they agree with themselves, in their repeats."
    )


class NewMemberSerializer(RequestSerializer):
    """Somebody to take part."""

    username = Username()
    role = Choice(Membership.Role, default=Membership.Role.ANNOTATOR)


class MemberChangeSerializer(RequestSerializer):
    """What is to change; what is left out stays as it is."""

    role = Choice(Membership.Role, required=False)
    languages = serializers.ListField(
        child=serializers.CharField(max_length=8), required=False, max_length=200
    )
    paused = serializers.BooleanField(
        required=False, help_text="Whether they get no units; false lets them go on."
    )
    reason = serializers.CharField(
        max_length=LONGEST_REASON,
        required=False,
        allow_blank=True,
        help_text="Why they are paused, in words for them.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.keys() - {"reason"}:
            raise serializers.ValidationError({"role": ["Nothing was asked for."]})
        return attrs


class MembersView(Listing):
    orders = {"number": Order(("number",))}

    @operation("members_list", MemberSerializer(many=True), errors=(403, 404))
    def get(self, request: Request, slug: str) -> Response:
        """Everybody who takes part, by number (managers)."""
        access = access_campaign(self.user, slug, "campaign.manage")
        note_seen(act=Act.PEOPLE_SEEN, about=access.campaign, now=timezone.now())
        return self.list(members_with_scores(access.campaign), MemberSerializer)

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
        made = member_of(access.campaign, member.number)
        return self.show(MemberSerializer, made, status=201)


class MemberView(Resource):
    @operation("members_change", MemberSerializer, body=MemberChangeSerializer, errors=(404, 409))
    def patch(self, request: Request, slug: str, number: int) -> Response:
        """Change somebody's role or languages, pause them or let them go on (managers)."""
        access = access_campaign(self.user, slug, "campaign.manage")
        wanted = self.read(MemberChangeSerializer)
        member, now = member_of(access.campaign, number), timezone.now()
        with transaction.atomic():
            if "languages" in wanted:
                set_languages(membership=member, languages=wanted["languages"])
            if "role" in wanted:
                change_role(membership=member, role=wanted["role"], now=now)
            if wanted.get("paused"):
                pause_member(membership=member, reason=wanted.get("reason", ""), now=now)
            elif "paused" in wanted:
                let_go_on(membership=member, now=now)
        return self.show(MemberSerializer, member_of(access.campaign, number))
