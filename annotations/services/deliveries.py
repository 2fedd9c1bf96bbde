"""Sending what webhooks were told, until it is taken or given up.

What is due is claimed and committed first, then sent, then written down: a worker that is killed
in between leaves a delivery that is sent once more, under the same event id. One delivery is on
its way to a webhook at a time, however many workers there are, and many webhooks are served side
by side, so that one that is slow holds up nobody else.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from annotations.models import Delivery, DeliveryTry, Webhook
from annotations.receivers.calling import Outcome, call
from annotations.receivers.signature import signed_headers
from annotations.selectors.webhooks import to_send
from annotations.services.webhooks import opened_hosts
from annotations.version import VERSION

AT_ONCE = 16
RUN_FOR = timedelta(seconds=20)
HELD = timedelta(minutes=3)
"""Longer than any try takes: after it, whoever sent is taken for dead."""
BACK_OFF = (
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2)),
    *(timedelta(hours=hours) for hours in (5, 10, 14, 20, 24)),
)
"""How long is waited after each try, as Standard Webhooks suggests, and up to a tenth longer."""
PAUSED_AFTER = timedelta(days=3)
SHORTEST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(hours=1)
KEPT_FOR = timedelta(days=30)
SWEPT_AT_ONCE = 1_000
State = Delivery.State
Pause = Webhook.Pause

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Claimed:
    """A delivery that is to be sent now, with all that is needed for it: no query is left."""

    delivery: int
    webhook: int
    number: int
    url: str
    event_id: str
    body: bytes
    secrets: tuple[str, ...]


def send_due(*, clock: Callable[[], datetime]) -> bool:
    """Send what is due, for twenty seconds and the last tries begun in them; whether more is due.

    Safe to run any number of times at once.
    """
    end = clock() + RUN_FOR
    opened = opened_hosts()
    on_the_way: dict[Future[Outcome], Claimed] = {}

    def start(pool: ThreadPoolExecutor) -> None:
        while len(on_the_way) < AT_ONCE and clock() < end:
            claimed = claim_delivery(now=clock())
            if claimed is None:
                return
            headers = headers_of(claimed, clock())
            sent = pool.submit(call, claimed.url, headers=headers, body=claimed.body, opened=opened)
            on_the_way[sent] = claimed

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as pool:
        start(pool)
        while on_the_way:
            ended, _ = wait(on_the_way, return_when=FIRST_COMPLETED)
            for sent in ended:
                record_try(on_the_way.pop(sent), sent.result(), now=clock())
            start(pool)
    return to_send(clock()).exists()


@transaction.atomic
def claim_delivery(*, now: datetime) -> Claimed | None:
    """The next delivery, counted as tried, and its webhook held so that nobody else sends to it."""
    waiting = to_send(now).select_for_update(no_key=True, skip_locked=True, of=("self",))
    webhook = waiting.first()
    if webhook is None:
        return None
    due = webhook.deliveries.filter(state=State.WAITING, next_try_at__lte=now)
    delivery = due.order_by("next_try_at", "pk").first()
    if delivery is None:
        return None  # another worker has sent it since the webhook was found
    webhook.rests_until = delivery.next_try_at = now + HELD
    webhook.save(update_fields=["rests_until"])
    delivery.tries += 1
    delivery.save(update_fields=["tries", "next_try_at"])
    return Claimed(
        delivery=delivery.pk,
        webhook=webhook.pk,
        number=delivery.tries,
        url=webhook.url,
        event_id=str(delivery.event_id),
        body=delivery.body.encode(),
        secrets=_secrets(webhook, now),
    )


def headers_of(claimed: Claimed, now: datetime) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "User-Agent": f"Threadmark/{VERSION}",
        **signed_headers(
            event_id=claimed.event_id, sent_at=now, body=claimed.body, secrets=claimed.secrets
        ),
    }


@transaction.atomic
def record_try(claimed: Claimed, outcome: Outcome, *, now: datetime) -> None:
    """Write down what came of a try, and when the next one is due, if there is one.

    What was deleted meanwhile stays away. A worker that was taken for dead adds its line to the
    log, and changes nothing else unless the delivery was taken.
    """
    rows = Webhook.objects.select_for_update(no_key=True)
    webhook = rows.filter(pk=claimed.webhook).first()
    delivery = Delivery.objects.filter(pk=claimed.delivery).first()
    if webhook is None or delivery is None:
        return
    DeliveryTry.objects.create(
        delivery=delivery,
        number=claimed.number,
        tried_at=now - timedelta(seconds=outcome.seconds),
        seconds=outcome.seconds,
        status=outcome.status,
        error=outcome.error,
        answer=outcome.answer,
    )
    is_last = delivery.tries == claimed.number
    if outcome.is_taken:
        _take(delivery, now)
    elif is_last and delivery.state == State.WAITING:
        _wait_or_give_up(delivery, now)
    if outcome.is_taken or is_last:
        _note_health(webhook, outcome, now)


def sweep_deliveries(*, now: datetime) -> int:
    """Forget a thousand deliveries of more than 30 days ago, with their tries; how many.

    That a campaign was finished is kept: it is told once.
    """
    old = Delivery.objects.exclude(event=Webhook.Event.CAMPAIGN_FINISHED).order_by("pk")
    first = old.values_list("pk", "created_at")[:SWEPT_AT_ONCE]
    ids = [pk for pk, created_at in first if created_at < now - KEPT_FOR]
    Delivery.objects.filter(pk__in=ids).delete()
    return len(ids)


def _secrets(webhook: Webhook, now: datetime) -> tuple[str, ...]:
    until = webhook.old_secret_until
    old = (webhook.old_secret,) if until is not None and until > now else ()
    return (webhook.secret, *old)


def _take(delivery: Delivery, now: datetime) -> None:
    delivery.state, delivery.delivered_at, delivery.next_try_at = State.DELIVERED, now, None
    delivery.save(update_fields=["state", "delivered_at", "next_try_at"])


def _wait_or_give_up(delivery: Delivery, now: datetime) -> None:
    tries = delivery.tries - delivery.tries_before
    if tries > len(BACK_OFF):
        delivery.state, delivery.next_try_at = State.FAILED, None
    else:
        pause = BACK_OFF[max(tries, 1) - 1]
        delivery.next_try_at = now + pause + random.random() * pause / 10  # noqa: S311 (jitter)
    delivery.save(update_fields=["state", "next_try_at"])


def _note_health(webhook: Webhook, outcome: Outcome, now: datetime) -> None:
    """Let the webhook rest where it is silent, the longer the longer that lasts, and pause it
    where that makes no sense any more."""
    changed: dict[str, Any] = {"rests_until": None}
    if outcome.is_taken:
        changed["failing_since"] = None
    else:
        since = webhook.failing_since or now
        changed["failing_since"] = since
        if outcome.asks_for_rest:
            rest = min(max((now - since) / 4, SHORTEST_REST), LONGEST_REST)
            changed["rests_until"] = now + rest
        reason = _reason_to_pause(outcome, now - since)
        if reason is not None and webhook.paused_at is None:
            changed |= {"paused_at": now, "pause_reason": reason}
            log.warning("Webhook %s is paused: %s", webhook.pk, reason.label)
    Webhook.objects.filter(pk=webhook.pk).update(**changed)


def _reason_to_pause(outcome: Outcome, failing_for: timedelta) -> Pause | None:
    if outcome.status == 410:
        return Pause.GONE
    return Pause.FAILING if failing_for >= PAUSED_AFTER else None
