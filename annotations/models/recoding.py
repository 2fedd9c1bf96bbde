"""A campaign that goes on with a newer version of its codebook."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_noop

from annotations.models.campaign import Campaign
from annotations.models.codebook import Codebook
from annotations.models.job import Job


class Recoding(Job):
    """All labels of a campaign mapped onto another version of its codebook, made by a job.

    ``mapping`` says what became of every question and label, ``counts`` how many answers went
    each way. What the annotations said before stays in their revisions. With ``reopen``, units
    that the new version asks more about go back to their annotators.
    """

    task_name = "annotations.recode"
    measure = gettext_noop("annotations")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="recodings")
    before = models.ForeignKey(Codebook, on_delete=models.PROTECT, related_name="recoded_from")
    after = models.ForeignKey(Codebook, on_delete=models.PROTECT, related_name="recoded_to")
    reopen = models.BooleanField(default=False)
    mapping = models.JSONField(default=dict)
    counts = models.JSONField(default=dict, blank=True)

    class Meta(Job.Meta):
        db_table = "recoding"
        ordering = ("-id",)
        constraints = [
            *Job.Meta.constraints,
            models.CheckConstraint(
                condition=~models.Q(before=models.F("after")), name="recoding_changes_something"
            ),
        ]

    def __str__(self) -> str:
        return f"recoding {self.pk}"
