"""Webhooks of a campaign, for its managers: who is told of its events."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.deliveries import DeliverySerializer
from annotations.api.fields import Choice, RequestSerializer, Time
from annotations.api.operations import operation
from annotations.api.resource import Listing, Resource
from annotations.errors import InvalidInput
from annotations.models import Webhook
from annotations.permissions import access_campaign
from annotations.queue import enqueue_deliveries
from annotations.receivers.addresses import LONGEST_URL
from annotations.selectors.webhooks import webhook_of, webhooks_of
from annotations.services.webhooks import (
    EVENTS,
    change_webhook,
    create_webhook,
    delete_webhook,
    pause_webhook,
    ping_webhook,
    resume_webhook,
    rotate_secret,
)


class WebhookSerializer(serializers.Serializer[Webhook]):
    """An address that is told of the campaign's events."""

    id = serializers.IntegerField()
    url = serializers.CharField()
    events = serializers.ListField(child=Choice(Webhook.Event))
    created_at = Time()
    paused_at = Time(allow_null=True, help_text="Since when nothing is sent; null: it is sent.")
    pause_reason = serializers.SerializerMethodField(help_text="Null: it is not paused.")
    failing_since = Time(
        allow_null=True, help_text="Since when it refuses or does not answer; null: it takes all."
    )

    @extend_schema_field(Choice(Webhook.Pause, allow_null=True))
    def get_pause_reason(self, webhook: Webhook) -> str | None:
        return webhook.pause_reason or None


class SecretWebhookSerializer(WebhookSerializer):
    secret = serializers.CharField(help_text="What deliveries are signed with, shown this once.")


def _events_field(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.ChoiceField(choices=[str(event) for event in EVENTS]),
        allow_empty=False,
        max_length=20,
        help_text=f"Of what it is told: {', '.join(f'`{event}`' for event in EVENTS)}.",
        **kwargs,
    )


class NewWebhookSerializer(RequestSerializer):
    """A webhook to make."""

    url = serializers.CharField(max_length=LONGEST_URL, help_text="Where events are sent: https.")
    events = _events_field()


class WebhookChangeSerializer(RequestSerializer):
    """What to change of a webhook; what is left out stays."""

    url = serializers.CharField(max_length=LONGEST_URL, required=False)
    events = _events_field(required=False)
    paused = serializers.BooleanField(
        required=False, help_text="Whether to send nothing for now; what happens then waits."
    )

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        if not attrs:
            raise InvalidInput("Say what to change: `url`, `events` or `paused`.")
        return attrs


@method_decorator(never_cache, name="dispatch")
class WebhooksView(Listing):
    @operation("webhooks_list", WebhookSerializer(many=True), errors=(404,))
    def get(self, request: Request, slug: str) -> Response:
        """The webhooks of a campaign (managers)."""
        access = access_campaign(self.user, slug, "campaign.manage")
        return self.list(webhooks_of(access.campaign), WebhookSerializer)

    @operation(
        "webhooks_create",
        SecretWebhookSerializer,
        body=NewWebhookSerializer,
        status=201,
        errors=(404, 409),
    )
    def post(self, request: Request, slug: str) -> Response:
        """Have events sent to an address (managers). The secret is shown this once."""
        access = access_campaign(self.user, slug, "campaign.manage")
        wanted = self.read(NewWebhookSerializer)
        made = create_webhook(
            campaign=access.campaign, user=self.user, now=timezone.now(), **wanted
        )
        return self.show(SecretWebhookSerializer, made, status=201)


class OneWebhook(Resource):
    """A view of one webhook."""

    def webhook(self, slug: str, pk: int) -> Webhook:
        """Raises NotFound, and NotPermitted for who does not manage the campaign."""
        access = access_campaign(self.user, slug, "campaign.manage")
        return webhook_of(access.campaign, pk)


class WebhookView(OneWebhook):
    @operation("webhooks_get", WebhookSerializer, errors=(404,))
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """One webhook (managers)."""
        return self.show(WebhookSerializer, self.webhook(slug, pk))

    @operation("webhooks_change", WebhookSerializer, body=WebhookChangeSerializer, errors=(404,))
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        """Change a webhook, pause or resume it (managers). When it goes on, all that waits is
        sent."""
        webhook, now = self.webhook(slug, pk), timezone.now()
        wanted = self.read(WebhookChangeSerializer)
        paused = wanted.pop("paused", None)
        if wanted:
            webhook = change_webhook(webhook=webhook, **wanted)
        if paused is not None:
            act = pause_webhook if paused else resume_webhook
            webhook = act(webhook=webhook, now=now)
        enqueue_deliveries(webhook.campaign)
        return self.show(WebhookSerializer, webhook)

    @operation("webhooks_delete", None, status=204, errors=(404,))
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Remove a webhook with its log; what waits is not sent (managers)."""
        delete_webhook(webhook=self.webhook(slug, pk))
        return Response(status=204)


@method_decorator(never_cache, name="dispatch")
class WebhookRotateView(OneWebhook):
    @operation("webhooks_rotate", SecretWebhookSerializer, errors=(404,))
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """A new secret, shown this once; for a day the old one signs as well (managers)."""
        changed = rotate_secret(webhook=self.webhook(slug, pk), now=timezone.now())
        return self.show(SecretWebhookSerializer, changed)


class WebhookPingView(OneWebhook):
    @operation("webhooks_ping", DeliverySerializer, status=202, errors=(404, 409))
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Send a test event; what comes of it is in the delivery's log (managers)."""
        webhook = self.webhook(slug, pk)
        delivery = ping_webhook(webhook=webhook, now=timezone.now())
        enqueue_deliveries(webhook.campaign)
        return self.show(DeliverySerializer, delivery, status=202)
