"""Who is told of events, and what became of telling them. Secrets are nobody's to see."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from annotations.admin.acts import for_each
from annotations.admin.tables import LargeTableAdmin, ReadOnlyAdmin
from annotations.models import Delivery, DeliveryTry, Webhook
from annotations.queue import enqueue_deliveries
from annotations.services.webhooks import pause_webhook, redeliver, resume_webhook


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    """Made and changed by the campaign's managers; an administrator stops one that does harm."""

    list_display = (
        *("id", "campaign", "url", "created_by", "created_at"),
        *("failing_since", "paused_at", "pause_reason"),
    )
    list_select_related = ("campaign", "created_by")
    list_filter = (
        ("paused_at", admin.EmptyFieldListFilter),
        ("failing_since", admin.EmptyFieldListFilter),
    )
    search_fields = ("=campaign__slug", "url", "=created_by__username")
    exclude = ("secret", "old_secret")
    actions = ("pause", "resume")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("annotations.change_webhook")

    @admin.action(description="Pause: what happens now waits", permissions=["operate"])
    def pause(self, request: HttpRequest, webhooks: QuerySet[Webhook]) -> None:
        now = timezone.now()
        for_each(request, webhooks, lambda one: pause_webhook(webhook=one, now=now), "paused")

    @admin.action(description="Resume: send what waits", permissions=["operate"])
    def resume(self, request: HttpRequest, webhooks: QuerySet[Webhook]) -> None:
        def act(webhook: Webhook) -> None:
            resume_webhook(webhook=webhook, now=timezone.now())
            enqueue_deliveries(webhook.campaign)

        for_each(request, webhooks, act, "resumed")


@admin.register(Delivery)
class DeliveryAdmin(LargeTableAdmin):
    list_display = ("id", "webhook_id", "event", "subject", "state", "tries", "next_try_at")
    list_filter = ("state", "event")
    search_fields = ("=subject", "=webhook__campaign__slug")
    unread = ("body",)
    actions = ("redeliver",)

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("annotations.change_delivery")

    @admin.action(description="Send again, under the same id", permissions=["operate"])
    def redeliver(self, request: HttpRequest, deliveries: QuerySet[Delivery]) -> None:
        def act(delivery: Delivery) -> None:
            redeliver(delivery=delivery, now=timezone.now())
            enqueue_deliveries(delivery.webhook.campaign)

        for_each(request, deliveries.select_related("webhook__campaign"), act, "sent again")


@admin.register(DeliveryTry)
class DeliveryTryAdmin(LargeTableAdmin):
    list_display = ("id", "delivery_id", "number", "tried_at", "status", "error", "seconds")
    search_fields = ("=delivery__subject",)
