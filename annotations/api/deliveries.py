"""What was sent to a webhook, with what it answered, for the campaign's managers."""

from __future__ import annotations

import json
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.fields import Choice, Time
from annotations.api.filters import ChoiceFilter, UserFilterSet
from annotations.api.operations import operation
from annotations.api.paging import NEWEST_FIRST
from annotations.api.resource import FilteredListing, Resource
from annotations.models import Delivery, DeliveryTry, Webhook
from annotations.permissions import access_campaign
from annotations.queue import enqueue_deliveries
from annotations.selectors.webhooks import deliveries_of, delivery_of, webhook_of
from annotations.services.webhooks import redeliver


class DeliverySerializer(serializers.Serializer[Delivery]):
    """One event for one webhook."""

    id = serializers.IntegerField()
    event = Choice(Webhook.Event)
    event_id = serializers.UUIDField(
        help_text="The header `webhook-id`: the same at every try and redelivery."
    )
    state = Choice(Delivery.State)
    tries = serializers.IntegerField()
    created_at = Time()
    next_try_at = Time(allow_null=True, help_text="Null: it waits no more.")
    delivered_at = Time(allow_null=True)


class DeliveryTrySerializer(serializers.Serializer[DeliveryTry]):
    """One time that it was sent."""

    number = serializers.IntegerField()
    tried_at = Time()
    seconds = serializers.FloatField()
    status = serializers.IntegerField(allow_null=True, help_text="Null: there was no answer.")
    error = serializers.CharField(help_text="Why there was none, in words.")
    answer = serializers.CharField(help_text="The beginning of what the receiver said.")


class DeliveryWithLogSerializer(DeliverySerializer):
    """One event for one webhook, with what was sent and every try."""

    payload = serializers.SerializerMethodField(help_text="What was sent, and signed.")
    log = DeliveryTrySerializer(many=True)

    @extend_schema_field({"type": "object", "additionalProperties": {}})
    def get_payload(self, delivery: Delivery) -> Any:
        return json.loads(delivery.body)


class DeliveryFilters(UserFilterSet):
    state = ChoiceFilter(Delivery.State, help_text="What became of it.")
    event = ChoiceFilter(Webhook.Event, help_text="What it tells of.")


def _webhook(view: Resource, slug: str, pk: int) -> Webhook:
    access = access_campaign(view.user, slug, "campaign.manage")
    return webhook_of(access.campaign, pk)


class DeliveriesView(FilteredListing):
    filterset_class = DeliveryFilters
    queryset = Delivery.objects.none()
    orders = NEWEST_FIRST

    @operation("deliveries_list", DeliverySerializer(many=True), errors=(404,))
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """What was sent to a webhook in the last 30 days, the newest first (managers)."""
        return self.list(deliveries_of(_webhook(self, slug, pk)), DeliverySerializer)


class DeliveryView(Resource):
    @operation("deliveries_get", DeliveryWithLogSerializer, errors=(404,))
    def get(self, request: Request, slug: str, pk: int, delivery: int) -> Response:
        """One delivery: what was sent, and what was answered each time (managers)."""
        found = delivery_of(_webhook(self, slug, pk), delivery)
        return self.show(DeliveryWithLogSerializer, found)


class DeliveryAgainView(Resource):
    @operation("deliveries_redeliver", DeliverySerializer, status=202, errors=(404, 409))
    def post(self, request: Request, slug: str, pk: int, delivery: int) -> Response:
        """Send a delivery once more, under the same event id (managers)."""
        webhook = _webhook(self, slug, pk)
        again = redeliver(delivery=delivery_of(webhook, delivery), now=timezone.now())
        enqueue_deliveries(webhook.campaign)
        return self.show(DeliverySerializer, again, status=202)
