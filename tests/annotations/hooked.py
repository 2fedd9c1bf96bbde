"""Webhooks for tests: made as a manager makes them, sent as a worker sends."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from annotations.models import Campaign, Delivery, Webhook
from annotations.services.deliveries import send_due
from annotations.services.webhooks import EVENTS, create_webhook, ping_webhook
from tests.builders import NOON, build_campaign

PUBLIC = "https://lab.example/hook"


def hooked(campaign: Campaign | None = None, url: str = PUBLIC, **given: Any) -> Webhook:
    """A webhook that wants every event, unless ``events`` says otherwise."""
    given.setdefault("events", EVENTS)
    given.setdefault("campaign", campaign or build_campaign())
    return create_webhook(url=url, user=None, now=NOON, **given)


def pinged(webhook: Webhook, count: int = 1) -> list[Delivery]:
    """So many test events that are due."""
    return [ping_webhook(webhook=webhook, now=NOON) for _ in range(count)]


def sent(now: datetime = NOON) -> bool:
    """Send what is due at this moment; whether more is due."""
    return send_due(clock=lambda: now)


def told(campaign: Campaign) -> list[tuple[str, str]]:
    """The event and the subject of each delivery, the first one first."""
    rows = Delivery.objects.filter(webhook__campaign=campaign).order_by("pk")
    return list(rows.values_list("event", "subject"))


def due(delivery: Delivery) -> datetime:
    """When it is due next."""
    delivery.refresh_from_db()
    assert delivery.next_try_at is not None
    return delivery.next_try_at


def just_after(delivery: Delivery) -> datetime:
    """The moment at which it is due next, and a little more."""
    return due(delivery) + timedelta(seconds=1)


def rested(webhook: Webhook) -> datetime:
    """Until when nothing is sent to it."""
    webhook.refresh_from_db()
    assert webhook.rests_until is not None
    return webhook.rests_until
