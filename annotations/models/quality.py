"""What was computed from a campaign's labels: agreement, and one answer from many."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from annotations.models.campaign import Campaign, Unit
from annotations.models.codebook import Question
from annotations.models.job import Job


class AgreementRun(Job):
    """Every figure of agreement in a campaign, as its labels were then, made by a job.

    ``result`` holds the figures of each question with their recipes; ``labels`` counts the
    answers that they were made of.
    """

    task_name = "annotations.agreement"
    measure = gettext_noop("questions")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="agreements")
    seed = models.PositiveIntegerField(default=1)
    resamples = models.PositiveIntegerField(default=1000)
    labels = models.PositiveBigIntegerField(default=0)
    result = models.JSONField(default=dict, blank=True)

    class Meta(Job.Meta):
        db_table = "agreement_run"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"agreement {self.pk}"


class Aggregation(Job):
    """One answer from many for every unit of a campaign, by one method, made by a job.

    ``result`` holds what the method says of each question and each annotator. The labels
    themselves stay as they are.
    """

    class Method(models.TextChoices):
        MAJORITY = "majority", _("Majority")
        WEIGHTED = "weighted", _("Majority, weighted by competence")
        DAWID_SKENE = "dawid_skene", _("Dawid-Skene")
        MACE = "mace", _("MACE")

    task_name = "annotations.aggregate"
    measure = gettext_noop("questions")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="aggregations")
    method = models.CharField(max_length=20, choices=Method)
    seed = models.PositiveIntegerField(default=1)
    units = models.PositiveBigIntegerField(default=0)
    result = models.JSONField(default=dict, blank=True)

    class Meta(Job.Meta):
        db_table = "aggregation"
        ordering = ("-id",)
        constraints = [
            *Job.Meta.constraints,
            models.CheckConstraint(
                condition=Q(method__in=("majority", "weighted", "dawid_skene", "mace")),
                name="aggregation_method_known",
            ),
        ]

    def __str__(self) -> str:
        return f"aggregation {self.pk}"


class Consensus(models.Model):
    """The one answer of an aggregation to a question about a unit.

    ``value`` is a label's key, a list of keys, a number, or a list of spans, null where no answer
    is ahead of the others; ``shares`` are the soft labels, by key (0 to 1); ``median`` is that of
    the numbers given, where the answers are numbers.
    """

    aggregation = models.ForeignKey(Aggregation, on_delete=models.CASCADE, related_name="consensus")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="consensus")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="consensus")
    value = models.JSONField(null=True)
    shares = models.JSONField(default=dict)
    median = models.FloatField(null=True, blank=True)

    class Meta:
        db_table = "consensus"
        verbose_name_plural = "consensuses"
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=("aggregation", "unit", "question"), name="consensus_once"
            ),
        ]

    def __str__(self) -> str:
        return f"consensus {self.pk}"
