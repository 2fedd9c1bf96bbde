"""Webhooks: made, changed, paused, removed, and told what happened.

What is told becomes rows in the transaction of what happened: rolled back, it was never told.
services/deliveries.py sends them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from annotations.errors import Conflict, InvalidInput
from annotations.models import Campaign, Delivery, User, Webhook
from annotations.models.webhook import new_webhook_secret
from annotations.receivers.addresses import Opened, Refused, read_url
from annotations.services.audit import Act, note_act

MOST_WEBHOOKS = 10
ROWS_AT_ONCE = 500
OLD_SECRET_SIGNS = timedelta(days=1)
Event = Webhook.Event
Pause = Webhook.Pause
EVENTS = tuple(event for event in Event if event != Event.PING)


@transaction.atomic
def create_webhook(
    *, campaign: Campaign, url: str, events: Collection[str], user: User | None, now: datetime
) -> Webhook:
    """A webhook that is told from now on. Raises InvalidInput, and Conflict where there are ten."""
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if Webhook.objects.filter(campaign=campaign).count() >= MOST_WEBHOOKS:
        raise Conflict(f"A campaign has at most {MOST_WEBHOOKS} webhooks: delete one first.")
    webhook = Webhook.objects.create(
        campaign=campaign,
        url=_url(url),
        events=_events(events),
        created_by=user,
        created_at=now,
    )
    note_act(act=Act.WEBHOOK_MADE, about=webhook, details={"events": webhook.events}, now=now)
    return webhook


@transaction.atomic
def change_webhook(
    *, webhook: Webhook, url: str | None = None, events: Collection[str] | None = None
) -> Webhook:
    """Another address or other events. What waits already is sent to the new address.

    Raises InvalidInput.
    """
    row = _locked(webhook)
    if url is not None and url != row.url:
        row.url = _url(url)
        row.failing_since = row.rests_until = None
    if events is not None:
        row.events = _events(events)
    row.save(update_fields=["url", "events", "failing_since", "rests_until"])
    changed = {"url": url is not None, "events": row.events}
    note_act(act=Act.WEBHOOK_CHANGED, about=row, details=changed)
    return row


@transaction.atomic
def rotate_secret(*, webhook: Webhook, now: datetime) -> Webhook:
    """A new secret; for a day the one before signs beside it, so that nothing is refused."""
    row = _locked(webhook)
    row.old_secret, row.old_secret_until = row.secret, now + OLD_SECRET_SIGNS
    row.secret = new_webhook_secret()
    row.save(update_fields=["secret", "old_secret", "old_secret_until"])
    note_act(act=Act.WEBHOOK_CHANGED, about=row, details={"secret": True}, now=now)
    return row


@transaction.atomic
def pause_webhook(*, webhook: Webhook, now: datetime) -> Webhook:
    """Send nothing until it is resumed: what happens meanwhile waits."""
    row = _locked(webhook)
    if row.paused_at is None:
        row.paused_at, row.pause_reason = now, Pause.MANAGER
        row.save(update_fields=["paused_at", "pause_reason"])
        note_act(act=Act.WEBHOOK_CHANGED, about=row, details={"paused": True}, now=now)
    return row


@transaction.atomic
def resume_webhook(*, webhook: Webhook, now: datetime) -> Webhook:
    """Go on: all that waits is due now, with all its tries."""
    row = _locked(webhook)
    if row.paused_at is not None:
        row.paused_at = row.failing_since = row.rests_until = None
        row.pause_reason = ""
        row.save(update_fields=["paused_at", "pause_reason", "failing_since", "rests_until"])
        note_act(act=Act.WEBHOOK_CHANGED, about=row, details={"paused": False}, now=now)
        _make_due(row.deliveries.filter(state=Delivery.State.WAITING), now)
    return row


@transaction.atomic
def delete_webhook(*, webhook: Webhook) -> None:
    """Remove it with all that was sent to it, and what still waits."""
    note_act(act=Act.WEBHOOK_DELETED, about=webhook)
    webhook.delete()


@transaction.atomic
def ping_webhook(*, webhook: Webhook, now: datetime) -> Delivery:
    """A test event for this webhook alone; the caller enqueues. Raises Conflict for one that is
    paused."""
    row = _locked(webhook)
    _require_going(row)
    data = {"campaign": row.campaign.slug, "webhook": row.pk}
    delivery = _delivery(row, Event.PING, f"ping:{uuid4().hex}", _body(Event.PING, data, now), now)
    delivery.save()
    return delivery


@transaction.atomic
def redeliver(*, delivery: Delivery, now: datetime) -> Delivery:
    """Send it once more, under the same event id, with all its tries; the caller enqueues.

    Raises Conflict where its webhook is paused.
    """
    _require_going(_locked(delivery.webhook))
    _make_due(Delivery.objects.filter(pk=delivery.pk), now)
    delivery.refresh_from_db()
    return delivery


def tell(
    *, campaign: Campaign, event: str, subject: str, data: Mapping[str, Any], now: datetime
) -> None:
    """Let the webhooks of the campaign that want it know what happened.

    In the same transaction as what happened. ``subject`` names it: the same one is told once.
    """
    tell_each(campaign=campaign, event=event, happened=[(subject, data)], now=now)


def tell_each(
    *,
    campaign: Campaign,
    event: str,
    happened: Iterable[tuple[str, Mapping[str, Any]]],
    now: datetime,
) -> None:
    """The same for many: ``happened`` has a subject and the data of each, and is read only where
    somebody wants to know it."""
    wanting = wanting_webhooks(campaign, event)
    if not wanting:
        return
    told = ((subject, _body(event, data, now)) for subject, data in happened)
    Delivery.objects.bulk_create(
        (
            _delivery(webhook, event, subject, body, now)
            for subject, body in told
            for webhook in wanting
        ),
        batch_size=ROWS_AT_ONCE,
        ignore_conflicts=True,
    )


def wanting_webhooks(campaign: Campaign, event: str) -> list[Webhook]:
    """Those that are told of the event: paused ones, too, for they may go on."""
    found = Webhook.objects.filter(campaign=campaign)
    return [webhook for webhook in found if event in webhook.events]


def opened_hosts() -> Opened:
    """What WEBHOOK_ALLOWED_HOSTS opens."""
    return Opened.read(settings.WEBHOOK_ALLOWED_HOSTS)


def _locked(webhook: Webhook) -> Webhook:
    rows = Webhook.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("campaign").get(pk=webhook.pk)


def _require_going(webhook: Webhook) -> None:
    if webhook.paused_at is not None:
        raise Conflict("This webhook is paused: resume it first.")


def _make_due(deliveries: QuerySet[Delivery], now: datetime) -> None:
    deliveries.update(
        state=Delivery.State.WAITING, next_try_at=now, delivered_at=None, tries_before=F("tries")
    )


def _delivery(webhook: Webhook, event: str, subject: str, body: str, now: datetime) -> Delivery:
    return Delivery(
        webhook=webhook, event=event, subject=subject, body=body, created_at=now, next_try_at=now
    )


def _body(event: str, data: Mapping[str, Any], now: datetime) -> str:
    """As it is sent, and signed."""
    told = {"type": event, "timestamp": now.isoformat(), "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _url(url: str) -> str:
    try:
        read_url(url, opened_hosts())
    except Refused as refusal:
        raise InvalidInput(str(refusal), fields={"url": [str(refusal)]}) from None
    return url


def _events(events: Collection[str]) -> list[str]:
    """In the order of their list, each once."""
    unknown = sorted(set(events) - set(EVENTS))
    if unknown:
        sentence = f"There is no event {unknown[0][:100]!r}; the known ones: {', '.join(EVENTS)}."
        raise InvalidInput(sentence, fields={"events": [sentence]})
    if not events:
        sentence = "Choose at least one event."
        raise InvalidInput(sentence, fields={"events": [sentence]})
    return [event.value for event in EVENTS if event in events]
