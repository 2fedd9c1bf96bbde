"""Long work as a row: the row is the truth, the broker only carries its id."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    """A piece of long work.

    ``attempt`` counts how often it was taken up and fences: only the newest attempt may write.
    ``tries`` counts the same since somebody last asked for the job, to know when to give up.
    ``lease_until`` is renewed with each heartbeat; a lease that ran out means that the worker died.
    ``done`` of ``total`` are in the job's own measure, named by ``measure``.
    """

    class State(models.TextChoices):
        STAGED = "staged", _("Waiting to be confirmed")
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    task_name: ClassVar[str]
    measure: ClassVar[str]
    is_staged_first: ClassVar[bool] = False

    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    cancel_asked = models.BooleanField(default=False)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True, blank=True)
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(state="running", lease_until__isnull=False)
                | (~Q(state="running") & Q(lease_until__isnull=True)),
                name="%(class)s_lease_while_running",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=("staged", "queued", "running", "done", "failed", "cancelled")
                ),
                name="%(class)s_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(error=""), name="%(class)s_failure_has_words"
            ),
        ]
        indexes = [
            models.Index(
                fields=("sent_at",),
                condition=Q(state__in=("queued", "running")),
                name="%(class)s_unfinished",
            ),
        ]

    @property
    def finished(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED, self.State.CANCELLED)


class Worker(models.Model):
    """A worker process and when it last gave a sign of life."""

    name = models.CharField(max_length=200, unique=True)
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "worker"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
