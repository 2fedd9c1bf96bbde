"""Campaigns: those one takes part in; staff make new ones, managers open and close them."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.care import CareSettingsSerializer
from annotations.api.fields import (
    Choice,
    FiniteNumber,
    RequestSerializer,
    Time,
    Username,
    WholeNumber,
)
from annotations.api.operations import operation
from annotations.api.paging import Order
from annotations.api.recipes import RecipeSerializer
from annotations.api.resource import Listing, Resource
from annotations.api.stages import StageSettingsSerializer
from annotations.models import Campaign
from annotations.permissions import access_campaign, access_corpus, campaigns_with, require_staff
from annotations.queue import enqueue, enqueue_deliveries
from annotations.samples.recipe import Recipe
from annotations.selectors.codebooks import get_codebook
from annotations.services.campaigns import Design, create_campaign, set_state
from annotations.services.care import CareSettings, care_settings, set_care
from annotations.services.stage_settings import StageSettings, set_stages, stage_settings
from annotations.services.traits import ask_traits
from annotations.traits import TRAITS


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
    overlap_more = serializers.IntegerField(
        allow_null=True, help_text="How many label each unit of the share that more label."
    )
    share_more = serializers.FloatField(help_text="That share, 0 to 1.")
    whole_threads = serializers.BooleanField(
        help_text="One person labels all units of a thread, in order."
    )
    order = Choice(Campaign.Order)
    seed = serializers.IntegerField()
    context = Choice(Campaign.Context)  # type: ignore[assignment]
    show_article = serializers.BooleanField()
    show_names = serializers.BooleanField()
    show_scores = serializers.BooleanField()
    show_times = serializers.BooleanField()
    show_suggestions = serializers.BooleanField()
    lease_minutes = serializers.IntegerField()
    cover_content = serializers.BooleanField(
        help_text="Comments with a content warning are covered until opened."
    )
    support_text = serializers.CharField(help_text="Where annotators find help, in Markdown.")
    break_minutes = serializers.IntegerField(help_text="0: no reminder.")
    daily_units = serializers.IntegerField(
        allow_null=True, help_text="Most units that one annotator gets a day; null: no cap."
    )
    daily_warned = serializers.IntegerField(
        allow_null=True, help_text="The same for units with a content warning."
    )
    test_score = serializers.FloatField(
        allow_null=True, help_text="From which score in the test it opens; null: from any."
    )
    check_every = serializers.IntegerField(
        allow_null=True, help_text="About one unit in so many is a check; null: none."
    )
    check_score = serializers.FloatField(
        allow_null=True, help_text="Below it in the checks an annotator is paused; null: never."
    )
    check_window = serializers.IntegerField(help_text="So many of the last checks count.")
    repeat_every = serializers.IntegerField(
        allow_null=True, help_text="About one unit in so many is given once more; null: none."
    )
    traits = serializers.ListField(
        child=serializers.CharField(), help_text="What annotators may tell of themselves, by key."
    )
    created_at = Time()


class DesignSerializer(RequestSerializer):
    """How units are given out and what is shown with them; what is left out is as usual."""

    overlap = WholeNumber(min_value=1, max_value=100, required=False)
    overlap_more = WholeNumber(min_value=2, max_value=100, required=False, allow_null=True)
    share_more = FiniteNumber(min_value=0, max_value=1, required=False)
    whole_threads = serializers.BooleanField(required=False)
    order = Choice(Campaign.Order, required=False)
    seed = WholeNumber(required=False)
    context = Choice(Campaign.Context, required=False)  # type: ignore[assignment]
    show_article = serializers.BooleanField(required=False)
    show_names = serializers.BooleanField(required=False)
    show_scores = serializers.BooleanField(required=False)
    show_times = serializers.BooleanField(required=False)
    show_suggestions = serializers.BooleanField(required=False)
    lease_minutes = WholeNumber(min_value=1, required=False)


class NewCampaignSerializer(StageSettingsSerializer, CareSettingsSerializer, DesignSerializer):
    """A campaign to make; what is left out of its design is as usual."""

    slug = serializers.SlugField(max_length=80)
    name = serializers.CharField(max_length=200, required=False)
    description = serializers.CharField(required=False, allow_blank=True)
    corpus = serializers.SlugField()
    codebook = CodebookVersionSerializer()
    annotators = serializers.ListField(child=Username(), required=False, max_length=1000)
    sample = RecipeSerializer(required=False, help_text="Which units; left out: all that fits.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The fields of the design, the care and the stages apart from the campaign's own."""
        design, care = _taken(attrs, Design), _taken(attrs, CareSettings)
        stages = _taken(attrs, StageSettings)
        settings = {"design": Design(**design), "care": CareSettings(**care)}
        return {**attrs, **settings, "stages": StageSettings(**stages)}


class CampaignChangeSerializer(StageSettingsSerializer, CareSettingsSerializer):
    """What may change while the campaign runs; what is left out stays as it is."""

    state = Choice(Campaign.State, required=False)
    traits = serializers.ListField(
        child=serializers.CharField(max_length=40),
        required=False,
        max_length=len(TRAITS),
        help_text="What annotators may tell of themselves, by key; `[]`: nothing.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError({"state": ["Nothing was asked for."]})
        return attrs


class CampaignsView(Listing):
    orders = {"slug": Order(("slug",)), "-slug": Order(("-slug",))}

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
        """Make a campaign and have its sample drawn (staff). You become its manager."""
        require_staff(self.user)
        wanted = self.read(NewCampaignSerializer)
        corpus = access_corpus(self.user, wanted.pop("corpus"))
        codebook = get_codebook(**wanted.pop("codebook"))
        recipe = Recipe(**wanted.pop("sample", {}))
        campaign = create_campaign(
            corpus=corpus,
            codebook=codebook,
            recipe=recipe,
            manager=self.user,
            now=timezone.now(),
            **wanted,
        )
        enqueue(campaign.samples.get())
        return self.show(CampaignSerializer, campaign, status=201)


class CampaignView(Resource):
    @operation("campaigns_get", CampaignSerializer, errors=(404,))
    def get(self, request: Request, slug: str) -> Response:
        """One campaign with its design."""
        access = access_campaign(self.user, slug, "campaign.view")
        return self.show(CampaignSerializer, access.campaign)

    @operation("campaigns_change", CampaignSerializer, body=CampaignChangeSerializer, errors=(404,))
    def patch(self, request: Request, slug: str) -> Response:
        """Open, pause or close it, or change its care, stages or traits (managers).

        Only an open one takes labels.
        """
        access = access_campaign(self.user, slug, "campaign.manage")
        wanted = self.read(CampaignChangeSerializer)
        state, traits = wanted.pop("state", None), wanted.pop("traits", None)
        campaign = access.campaign
        stages = _taken(wanted, StageSettings)
        with transaction.atomic():
            if stages:
                set_stages(campaign=campaign, settings=stage_settings(campaign, **stages))
            if traits is not None:
                ask_traits(campaign=campaign, traits=traits)
            if wanted:
                set_care(campaign=campaign, settings=care_settings(campaign, **wanted))
            if state:
                set_state(campaign=campaign, state=state, now=timezone.now())
                enqueue_deliveries(campaign)
        return self.show(CampaignSerializer, campaign)


def _taken(
    attrs: dict[str, Any], settings: type[Design | CareSettings | StageSettings]
) -> dict[str, Any]:
    """What was sent of the fields of these settings, taken out of ``attrs``."""
    return {one.name: attrs.pop(one.name) for one in fields(settings) if one.name in attrs}
