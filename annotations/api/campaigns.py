"""Campaigns: those one takes part in; staff make new ones, managers open and close them."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.fields import Choice, RequestSerializer, Time, Username, WholeNumber
from annotations.api.operations import operation
from annotations.api.resource import Listing, Resource
from annotations.models import Campaign
from annotations.permissions import access_campaign, access_corpus, campaigns_with, require_staff
from annotations.selectors.codebooks import get_codebook
from annotations.services.campaigns import Design, create_campaign, set_state


class CodebookVersionSerializer(RequestSerializer):
    """Which codebook."""

    key = serializers.SlugField(max_length=80)
    version = WholeNumber(min_value=1)


class CampaignSerializer(serializers.Serializer[Campaign]):
    slug = serializers.SlugField()
    name = serializers.CharField()
    description = serializers.CharField()
    corpus = serializers.SlugField(source="corpus.slug")
    codebook = CodebookVersionSerializer()
    state = Choice(Campaign.State)
    overlap = serializers.IntegerField(help_text="How many annotators label each unit.")
    order = Choice(Campaign.Order)
    seed = serializers.IntegerField()
    context = Choice(Campaign.Context)  # type: ignore[assignment]
    show_article = serializers.BooleanField()
    show_names = serializers.BooleanField()
    show_scores = serializers.BooleanField()
    show_times = serializers.BooleanField()
    show_suggestions = serializers.BooleanField()
    lease_minutes = serializers.IntegerField()
    created_at = Time()


class DesignSerializer(RequestSerializer):
    """How units are given out and what is shown with them; what is left out is as usual."""

    overlap = WholeNumber(min_value=1, max_value=100, required=False)
    order = Choice(Campaign.Order, required=False)
    seed = WholeNumber(required=False)
    context = Choice(Campaign.Context, required=False)  # type: ignore[assignment]
    show_article = serializers.BooleanField(required=False)
    show_names = serializers.BooleanField(required=False)
    show_scores = serializers.BooleanField(required=False)
    show_times = serializers.BooleanField(required=False)
    show_suggestions = serializers.BooleanField(required=False)
    lease_minutes = WholeNumber(min_value=1, required=False)


class NewCampaignSerializer(DesignSerializer):
    """A campaign to make; what is left out of its design is as usual."""

    slug = serializers.SlugField(max_length=80)
    name = serializers.CharField(max_length=200, required=False)
    description = serializers.CharField(required=False, allow_blank=True)
    corpus = serializers.SlugField()
    codebook = CodebookVersionSerializer()
    annotators = serializers.ListField(child=Username(), required=False, max_length=1000)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The design's fields apart from the campaign's own."""
        chosen = {
            field.name: attrs.pop(field.name) for field in fields(Design) if field.name in attrs
        }
        return {**attrs, "design": Design(**chosen)}


class CampaignStateSerializer(RequestSerializer):
    """Whether the campaign takes labels."""

    state = Choice(Campaign.State)


class CampaignsView(Listing):
    ordering = ("slug",)

    @operation("campaigns_list", CampaignSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The campaigns that you take part in; staff see all."""
        return self.list(campaigns_with(self.user, "campaign.view"), CampaignSerializer)

    @operation(
        "campaigns_create",
        CampaignSerializer,
        body=NewCampaignSerializer,
        status=201,
        errors=(404, 409),
    )
    def post(self, request: Request) -> Response:
        """Make a campaign and freeze its sample (staff). You become its manager."""
        require_staff(self.user)
        wanted = self.read(NewCampaignSerializer)
        corpus = access_corpus(self.user, wanted.pop("corpus"))
        codebook = get_codebook(**wanted.pop("codebook"))
        campaign = create_campaign(
            corpus=corpus, codebook=codebook, manager=self.user, now=timezone.now(), **wanted
        )
        return self.show(CampaignSerializer, campaign, status=201)


class CampaignView(Resource):
    @operation("campaigns_get", CampaignSerializer, errors=(404,))
    def get(self, request: Request, slug: str) -> Response:
        """One campaign with its design."""
        access = access_campaign(self.user, slug, "campaign.view")
        return self.show(CampaignSerializer, access.campaign)

    @operation(
        "campaigns_set_state", CampaignSerializer, body=CampaignStateSerializer, errors=(404,)
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Open, pause or close it (managers). Only an open campaign takes labels."""
        access = access_campaign(self.user, slug, "campaign.manage")
        campaign = set_state(campaign=access.campaign, **self.read(CampaignStateSerializer))
        return self.show(CampaignSerializer, campaign)
