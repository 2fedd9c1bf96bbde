"""Where annotators answered a unit differently, and how far."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_noop

from annotations.models.campaign import Campaign, Membership, Unit
from annotations.models.codebook import Question
from annotations.models.job import Job


class Dispute(models.Model):
    """How far the annotators of a unit disagree, and who decides it.

    ``share`` is that of the question they disagree on most: the share of pairs of answers that
    differ, from 0 (all agree) to 1; ``ratings`` the annotations compared. While ``held_until`` has
    not passed, ``membership`` is deciding it; ``decided_at`` is when it was.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="disputes")
    unit = models.OneToOneField(Unit, on_delete=models.PROTECT, related_name="dispute")
    share = models.FloatField()
    ratings = models.PositiveIntegerField()
    measured_at = models.DateTimeField()
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="disputes"
    )
    held_until = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "dispute"
        ordering = ("campaign", "-share", "unit")
        constraints = [
            models.CheckConstraint(
                condition=Q(share__gte=0) & Q(share__lte=1), name="dispute_share_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(held_until__isnull=True) | Q(membership__isnull=False),
                name="dispute_held_by_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=("campaign", "-share", "unit"),
                condition=Q(decided_at__isnull=True),
                name="dispute_worst_first",
            ),
        ]

    def __str__(self) -> str:
        return f"dispute on {self.unit_id}"


class DisputedQuestion(models.Model):
    """The same for one question of the unit."""

    dispute = models.ForeignKey(Dispute, on_delete=models.CASCADE, related_name="questions")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="disputes")
    share = models.FloatField()

    class Meta:
        db_table = "disputed_question"
        ordering = ("dispute", "question")
        constraints = [
            models.UniqueConstraint(fields=("dispute", "question"), name="disputed_question_once"),
            models.CheckConstraint(
                condition=Q(share__gte=0) & Q(share__lte=1),
                name="disputed_question_share_is_a_share",
            ),
        ]
        indexes = [
            models.Index(fields=("question", "-share"), name="disputed_question_worst_first"),
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.question_id}"


class RuleRun(Job):
    """The clear units of a campaign settled by a rule, made by a job.

    At least ``least`` people must have answered, and at least the share ``agree`` of them alike,
    1 being all. ``questions`` are the keys of those that are settled, all if there are none.
    ``membership`` stands for the rule, ``settled`` counts the units that got a decision.
    """

    task_name = "annotations.settle_clear"
    measure = gettext_noop("units")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="rule_runs")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="rule_runs")
    least = models.PositiveSmallIntegerField()
    agree = models.FloatField(default=1)
    questions = models.JSONField(default=list, blank=True)
    settled = models.PositiveBigIntegerField(default=0)

    class Meta(Job.Meta):
        db_table = "rule_run"
        ordering = ("-id",)
        constraints = [
            *Job.Meta.constraints,
            models.CheckConstraint(
                condition=Q(least__gte=2) & Q(agree__gt=0.5) & Q(agree__lte=1),
                name="rule_run_is_a_majority",
            ),
        ]

    def __str__(self) -> str:
        return f"rule {self.pk}"
