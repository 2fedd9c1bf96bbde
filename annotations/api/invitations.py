"""Links by which people come into a campaign, for its managers."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.fields import Choice, RequestSerializer, Time, WholeNumber
from annotations.api.operations import operation
from annotations.api.paging import NEWEST_FIRST
from annotations.api.resource import Listing, Resource
from annotations.models import Invitation, Membership
from annotations.permissions import access_campaign
from annotations.selectors.members import invitations_of
from annotations.services.invitations import (
    LONGEST_DAYS,
    LONGEST_NOTE,
    MOST_USES,
    create_invitation,
    revoke_invitation,
)


class InvitationSerializer(serializers.Serializer[Invitation]):
    id = serializers.IntegerField()
    prefix = serializers.CharField(help_text="How the token in the link begins.")
    role = Choice(Membership.Role)
    note = serializers.CharField()
    uses = serializers.IntegerField()
    most_uses = serializers.IntegerField(allow_null=True, help_text="Null: as many as come.")
    expires_at = Time()
    revoked_at = Time(allow_null=True)
    created_at = Time()


class CreatedInvitationSerializer(InvitationSerializer):
    link = serializers.SerializerMethodField(help_text="The whole link, shown this once.")

    def get_link(self, invitation: Invitation) -> str:
        return str(self.context["link"])


class NewInvitationSerializer(RequestSerializer):
    """An invitation to make."""

    role = Choice(Membership.Role, default=Membership.Role.ANNOTATOR)
    days = WholeNumber(min_value=1, max_value=LONGEST_DAYS, default=14)
    most_uses = WholeNumber(
        min_value=1, max_value=MOST_USES, default=None, allow_null=True, help_text="Null: any."
    )
    note = serializers.CharField(max_length=LONGEST_NOTE, default="", allow_blank=True)


@method_decorator(never_cache, name="dispatch")
class InvitationsView(Listing):
    orders = NEWEST_FIRST

    @operation("invitations_list", InvitationSerializer(many=True), errors=(403, 404))
    def get(self, request: Request, slug: str) -> Response:
        """The invitations that were made, the newest first (managers)."""
        access = access_campaign(self.user, slug, "campaign.manage")
        return self.list(invitations_of(access.campaign), InvitationSerializer)

    @operation(
        "invitations_create",
        CreatedInvitationSerializer,
        body=NewInvitationSerializer,
        status=201,
        errors=(404,),
    )
    def post(self, request: Request, slug: str) -> Response:
        """Make a link by which people join (managers). It is shown this once."""
        access = access_campaign(self.user, slug, "campaign.manage")
        wanted = self.read(NewInvitationSerializer)
        invitation, token = create_invitation(
            campaign=access.campaign, created_by=self.user, now=timezone.now(), **wanted
        )
        link = request.build_absolute_uri(reverse("join", args=[token]))
        context = {"link": link}
        return self.show(CreatedInvitationSerializer, invitation, status=201, context=context)


class InvitationView(Resource):
    @operation("invitations_revoke", None, status=204, errors=(404, 409))
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Take an invitation back (managers); who came by it stays."""
        access = access_campaign(self.user, slug, "campaign.manage")
        revoke_invitation(campaign=access.campaign, pk=pk, now=timezone.now())
        return Response(status=204)
