"""What the workspace asks once, when it opens."""

from __future__ import annotations

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.care import (
    CareCampaignSerializer,
    CategorySerializer,
    PreferencesSerializer,
    TodaySerializer,
)
from annotations.api.operations import operation
from annotations.api.resource import Resource
from annotations.permissions import access_campaign
from annotations.selectors.care import Care, care_for


class WorkplaceSerializer(serializers.Serializer[Care]):
    campaign = CareCampaignSerializer()
    categories = CategorySerializer(many=True)
    avoided = serializers.ListField(
        child=serializers.SlugField(), help_text="What you are never given; only you see it."
    )
    today = TodaySerializer()
    preferences = PreferencesSerializer()


class WorkplaceView(Resource):
    @operation("workplace", WorkplaceSerializer, errors=(403, 404))
    def get(self, request: Request, slug: str) -> Response:
        """The campaign as you work in it: its care, your day, your preferences."""
        membership = access_campaign(self.user, slug, "annotation.write").membership
        assert membership is not None
        care = care_for(membership, self.user, now=timezone.now())
        return self.show(WorkplaceSerializer, care)
