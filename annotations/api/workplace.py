"""Where an annotator works: what the workspace asks once, and what it says was seen."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.care import (
    CareCampaignSerializer,
    CategorySerializer,
    ExposureSerializer,
    PreferencesSerializer,
)
from annotations.api.fields import RequestSerializer, WholeNumber
from annotations.api.filters import BIGGEST_ID
from annotations.api.operations import operation
from annotations.api.rulings import RulingSerializer
from annotations.api.work import Work
from annotations.selectors.workplace import Workplace, workplace
from annotations.services.rulings import see_guidelines


class WorkplaceSerializer(serializers.Serializer[Workplace]):
    campaign = CareCampaignSerializer()
    codebook = serializers.SerializerMethodField(help_text="The codebook's address.")
    rulings = RulingSerializer(many=True, help_text="The newest 200, the newest first.")
    rulings_seen = serializers.IntegerField(
        allow_null=True, help_text="The newest ruling that you have seen."
    )
    codebook_seen = serializers.BooleanField(
        help_text="Whether you have opened this version's guidelines."
    )
    categories = CategorySerializer(many=True, source="care.categories")
    avoided = serializers.ListField(
        source="care.avoided",
        child=serializers.SlugField(),
        help_text="What you are never given; only you see it.",
    )
    today = ExposureSerializer(source="care.exposure")
    preferences = PreferencesSerializer(source="care.preferences")

    def get_codebook(self, shown: Workplace) -> str:
        return reverse("api:codebook", args=[shown.codebook.key, shown.codebook.version])


class SeenSerializer(RequestSerializer):
    """The newest ruling that was read, if there is one."""

    ruling = WholeNumber(max_value=BIGGEST_ID, allow_null=True, default=None)


class WorkplaceView(Work):
    @operation("work_place", WorkplaceSerializer, errors=(403, 404))
    def get(self, request: Request, slug: str) -> Response:
        """What the workspace needs to know once, when it opens."""
        return self.show(
            WorkplaceSerializer, workplace(self.membership(slug), self.user, now=timezone.now())
        )


class GuidelinesSeenView(Work):
    @operation("work_guidelines_seen", {204: None}, body=SeenSerializer, status=204, errors=(404,))
    def post(self, request: Request, slug: str) -> Response:
        """Note that you have seen the guidelines, and the rulings up to this one."""
        see_guidelines(membership=self.membership(slug), **self.read(SeenSerializer))
        return Response(status=204)
