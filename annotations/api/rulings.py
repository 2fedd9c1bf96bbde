"""Rulings: what managers add to the guidelines while the work goes on."""

from __future__ import annotations

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.fields import RequestSerializer, Time
from annotations.api.operations import operation
from annotations.api.paging import NEWEST_FIRST
from annotations.api.resource import Listing
from annotations.codebooks.guidelines import guidelines_html
from annotations.models import Ruling
from annotations.permissions import access_campaign
from annotations.selectors.workplace import rulings_of
from annotations.services.rulings import LONGEST, add_ruling


class RulingSerializer(serializers.Serializer[Ruling]):
    """Who made it is not told: a ruling is the campaign's."""

    id = serializers.IntegerField()
    text = serializers.CharField(help_text="Markdown.")
    text_html = serializers.SerializerMethodField()
    created_at = Time()

    def get_text_html(self, ruling: Ruling) -> str:
        return guidelines_html(ruling.text)


class NewRulingSerializer(RequestSerializer):
    """A ruling to add, for good."""

    text = serializers.CharField(max_length=LONGEST, help_text="Markdown.")


class RulingsView(Listing):
    orders = NEWEST_FIRST

    @operation("rulings_list", RulingSerializer(many=True), errors=(403, 404))
    def get(self, request: Request, slug: str) -> Response:
        """What managers have added to the guidelines, the newest first."""
        access = access_campaign(self.user, slug, "campaign.view")
        return self.list(rulings_of(access.campaign), RulingSerializer)

    @operation(
        "rulings_create", RulingSerializer, body=NewRulingSerializer, status=201, errors=(404,)
    )
    def post(self, request: Request, slug: str) -> Response:
        """Add to the guidelines (managers). A ruling never changes; annotators are told of it."""
        access = access_campaign(self.user, slug, "campaign.manage")
        text = self.read(NewRulingSerializer)["text"]
        made = add_ruling(
            campaign=access.campaign, text=text, created_by=self.user, now=timezone.now()
        )
        return self.show(RulingSerializer, made, status=201)
