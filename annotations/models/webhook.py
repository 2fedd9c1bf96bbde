"""Who is told when something happens, and what became of telling them."""

from __future__ import annotations

import secrets
from base64 import b64encode
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from annotations.models.campaign import Campaign

SECRET_BYTES = 32


def new_webhook_secret() -> str:
    """As the Standard Webhooks specification writes them: ``whsec_`` and base64."""
    return f"whsec_{b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


class Webhook(models.Model):
    """An address that is told of a campaign's events.

    ``secret`` is what deliveries are signed with; the receiver has it, so it is shown once, when
    it is made. ``old_secret`` signs beside it until ``old_secret_until``, so that a receiver can
    change over. ``failing_since`` is when it last began to refuse or to be silent. Nothing is sent
    to it before ``rests_until``: whoever sends holds it by that, and one that is silent rests.
    """

    class Event(models.TextChoices):
        CAMPAIGN_FINISHED = "campaign.finished", _("The campaign has all its labels")
        UNIT_ADJUDICATED = "unit.adjudicated", _("A unit was adjudicated")
        EXPORT_DONE = "export.done", _("An export is done")
        RELEASE_DONE = "release.done", _("A release is done")
        PING = "ping", _("A test")

    class Pause(models.TextChoices):
        MANAGER = "manager", _("A manager paused it.")
        FAILING = "failing", _("It refused or did not answer for three days.")
        GONE = "gone", _("It answered that it is gone (410).")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="webhooks")
    url = models.CharField(max_length=2000)
    events = models.JSONField(default=list)
    secret = models.CharField(max_length=80, default=new_webhook_secret, editable=False)
    old_secret = models.CharField(max_length=80, blank=True, editable=False)
    old_secret_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True, blank=True)
    pause_reason = models.CharField(max_length=10, choices=Pause, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    rests_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "webhook"
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True) | ~Q(pause_reason=""),
                name="webhook_paused_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"webhook {self.pk}"


class Delivery(models.Model):
    """One event for one webhook, sent until it is taken or given up.

    ``event_id`` is what the receiver tells repeats by: it stays the same at every try and at
    every redelivery. ``subject`` names what happened, so that it is told once however often the
    service that tells it runs. ``body`` is the JSON as it is sent. ``next_try_at`` is when it is
    due; whoever sends it moves that ahead first, so that two workers never send at once.
    ``tries_before`` of the ``tries`` were before somebody asked for it again.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Given up")

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40, choices=Webhook.Event)
    event_id = models.UUIDField(default=uuid4)
    subject = models.CharField(max_length=100)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    tries = models.PositiveIntegerField(default=0)
    tries_before = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "webhook_delivery"
        ordering = ("-id",)
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=("webhook", "subject"), name="delivery_once_per_event"),
            models.CheckConstraint(
                condition=Q(state="waiting", next_try_at__isnull=False)
                | Q(state__in=("delivered", "failed"), next_try_at__isnull=True),
                name="delivery_due_while_waiting",
            ),
            models.CheckConstraint(
                condition=~Q(state="delivered") | Q(delivered_at__isnull=False),
                name="delivery_delivered_at_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=("webhook", "next_try_at", "id"),
                condition=Q(state="waiting"),
                name="delivery_due",
            ),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"


class DeliveryTry(models.Model):
    """One time that a delivery was sent: appended, never changed.

    ``status`` is what the receiver answered, null where none did, and then ``error`` says why.
    ``answer`` is the beginning of what it said.
    """

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="log")
    number = models.PositiveIntegerField()
    tried_at = models.DateTimeField()
    seconds = models.FloatField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "webhook_delivery_try"
        ordering = ("delivery", "number")
        verbose_name_plural = "delivery tries"
        constraints = [
            models.UniqueConstraint(fields=("delivery", "number"), name="delivery_try_once"),
            models.CheckConstraint(
                condition=Q(status__isnull=False) | ~Q(error=""),
                name="delivery_try_has_an_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id} try {self.number}"
