"""How a campaign's units are drawn, and in what portions and order they are given."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from annotations.models.campaign import Campaign, Membership
from annotations.models.corpus import Thread
from annotations.models.job import Job


class Sample(Job):
    """One drawing of units for a campaign, or more slots for those it has, made by a job.

    ``recipe`` says how they were chosen, whole, so that the same corpus gives the same units
    again; it never changes. ``candidates`` fitted the recipe, ``units`` of them were drawn. From
    ``drawn_at`` on all units are there, and only slots may be missing.
    """

    class Kind(models.TextChoices):
        DRAW = "draw", _("Units")
        OVERLAP = "overlap", _("More labels for each unit")

    task_name = "annotations.draw_sample"
    measure = gettext_noop("units")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="samples")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.DRAW)
    recipe = models.JSONField(default=dict)
    candidates = models.PositiveBigIntegerField(default=0)
    units = models.PositiveBigIntegerField(default=0)
    drawn_at = models.DateTimeField(null=True, blank=True)

    class Meta(Job.Meta):
        db_table = "sample"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"sample {self.pk}"


class Ranking(Job):
    """Free units put in a new order, what models are least sure of first, made by a job."""

    task_name = "annotations.rank_units"
    measure = gettext_noop("units")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="rankings")
    units = models.PositiveBigIntegerField(default=0)

    class Meta(Job.Meta):
        db_table = "ranking"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"ranking {self.pk}"


class Turn(models.Model):
    """A thread's units with one slot number each: what one person labels, in order.

    Only campaigns that give out whole threads have turns. The units' orders lie between ``first``
    and ``last``. It is free without a membership, and over when ``done_at`` says so.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="turns")
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="turns")
    slot = models.PositiveSmallIntegerField()
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    language = models.CharField(max_length=8, blank=True)
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="turns"
    )
    held_until = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "turn"
        ordering = ("campaign", "first", "slot")
        constraints = [
            models.UniqueConstraint(
                fields=("campaign", "thread", "slot", "first"), name="turn_once"
            ),
            models.UniqueConstraint(
                fields=("campaign", "thread", "first", "membership"),
                name="turn_once_per_annotator",
            ),
            models.CheckConstraint(condition=Q(first__lte=F("last")), name="turn_has_units"),
            models.CheckConstraint(
                condition=Q(membership__isnull=False)
                | Q(held_until__isnull=True, done_at__isnull=True),
                name="turn_state_fits_holder",
            ),
        ]
        indexes = [
            models.Index(
                fields=("campaign", "language", "first"),
                condition=Q(membership__isnull=True),
                name="turn_next_in_language",
            ),
            models.Index(
                fields=("campaign", "first", "slot"),
                condition=Q(membership__isnull=True),
                name="turn_next",
            ),
            models.Index(
                fields=("membership",), condition=Q(done_at__isnull=True), name="turn_of_annotator"
            ),
        ]

    def __str__(self) -> str:
        return f"thread {self.thread_id} slot {self.slot}"
