"""The webhooks of a campaign, what was sent to them, and what is due."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from annotations.errors import NotFound
from annotations.models import Assignment, Campaign, Delivery, Sample, Unit, Webhook

OPEN_SLOTS = (Assignment.State.PENDING, Assignment.State.LEASED)


def webhooks_of(campaign: Campaign) -> QuerySet[Webhook]:
    """In the order in which they were made."""
    return Webhook.objects.filter(campaign=campaign).order_by("pk")


def webhook_of(campaign: Campaign, pk: int) -> Webhook:
    """Raises NotFound."""
    webhook = webhooks_of(campaign).filter(pk=pk).first()
    if webhook is None:
        raise NotFound(f"There is no webhook {pk} in {campaign.name}.")
    webhook.campaign = campaign  # nobody needs to ask for it again
    return webhook


def deliveries_of(webhook: Webhook) -> QuerySet[Delivery]:
    """The newest first."""
    return Delivery.objects.filter(webhook=webhook).order_by("-pk")


def delivery_of(webhook: Webhook, pk: int) -> Delivery:
    """With its log. Raises NotFound."""
    delivery = deliveries_of(webhook).filter(pk=pk).prefetch_related("log").first()
    if delivery is None:
        raise NotFound(f"There is no delivery {pk} to this webhook: it may be too old to be kept.")
    return delivery


def to_send(now: datetime) -> QuerySet[Webhook]:
    """The webhooks to which something is due, and that may be sent it; those that answer first."""
    due = Delivery.objects.filter(
        webhook=OuterRef("pk"), state=Delivery.State.WAITING, next_try_at__lte=now
    )
    rested = Q(rests_until__isnull=True) | Q(rests_until__lte=now)
    found = Webhook.objects.filter(rested, Exists(due), paused_at__isnull=True)
    return found.order_by(F("failing_since").asc(nulls_first=True), "pk")


def has_all_labels(campaign: Campaign) -> bool:
    """Whether no slot of the sample is free or held, and none is being made."""
    slots = Assignment.objects.filter(campaign=campaign, purpose=Unit.Purpose.STUDY)
    if slots.filter(state__in=OPEN_SLOTS).exists():
        return False
    made = (Sample.State.QUEUED, Sample.State.RUNNING)
    return not Sample.objects.filter(campaign=campaign, state__in=made).exists()


def last_drawing(campaign: Campaign) -> int:
    """The newest drawing of units or slots; 0 where there is none."""
    last = Sample.objects.filter(campaign=campaign, state=Sample.State.DONE).order_by("-pk")
    return last.values_list("pk", flat=True).first() or 0
