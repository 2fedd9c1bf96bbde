"""Who is told of events, and what became of telling them. Secrets are nobody's to see."""

from __future__ import annotations

from django.contrib import admin

from annotations.admin.tables import LargeTableAdmin, ReadOnlyAdmin
from annotations.models import Delivery, DeliveryTry, Webhook


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    list_display = ("id", "campaign", "url", "created_by", "created_at", "paused_at")
    list_select_related = ("campaign", "created_by")
    list_filter = (("paused_at", admin.EmptyFieldListFilter),)
    search_fields = ("=campaign__slug", "url", "=created_by__username")
    exclude = ("secret",)


@admin.register(Delivery)
class DeliveryAdmin(LargeTableAdmin):
    list_display = ("id", "webhook_id", "event", "subject", "state", "tries", "next_try_at")
    list_filter = ("state", "event")
    search_fields = ("=subject", "=webhook__campaign__slug")


@admin.register(DeliveryTry)
class DeliveryTryAdmin(LargeTableAdmin):
    list_display = ("id", "delivery_id", "number", "tried_at", "status", "error", "seconds")
    search_fields = ("=delivery__subject",)
