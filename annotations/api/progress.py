"""How far a campaign is, in numbers."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.operations import operation
from annotations.api.resource import Resource
from annotations.permissions import access_campaign
from annotations.selectors.campaign_overview import Totals, campaign_totals


class CampaignProgressSerializer(serializers.Serializer[Totals]):
    """The labels that the sample wants, by what became of them. Those of units that train, test,
    check or repeat are not counted."""

    wanted = serializers.IntegerField(help_text="All of them.")
    settled = serializers.IntegerField(help_text="Submitted or skipped.")
    submitted = serializers.IntegerField()
    skipped = serializers.IntegerField()
    leased = serializers.IntegerField(help_text="In the hands of an annotator.")
    pending = serializers.IntegerField(help_text="Not given to anybody yet.")


class ProgressView(Resource):
    @operation("campaigns_progress", CampaignProgressSerializer, errors=(404,))
    def get(self, request: Request, slug: str) -> Response:
        """How many labels there are, and how many are wanted."""
        campaign = access_campaign(self.user, slug, "annotation.read_all").campaign
        return self.show(CampaignProgressSerializer, campaign_totals([campaign])[campaign.pk])
